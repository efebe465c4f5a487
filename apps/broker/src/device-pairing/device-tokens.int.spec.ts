import { join } from 'node:path'
import { revokeDevice } from '@latchkey/domain/device-pairing/devices'
import { parseDeviceId } from '@latchkey/domain/device-pairing/ids'
import { devicesReply, revokeReply } from '@latchkey/protocol/device-pairing'
import { CloseReason } from '@latchkey/protocol/terminal/frames'
import { openSqlite } from '@latchkey/stores/sqlite/database'
import { sqlitePairingRepository } from '@latchkey/stores/sqlite/pairing.repository'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { ask, joinDevice, operatorOf, testDevice } from '../testing/device.ts'
import {
  appToken,
  cleanUp,
  code,
  connect,
  registerFounding,
  registerOurs,
  runnerKeys,
  type TestBroker,
  testBroker,
  ticketOf,
  until,
} from '../testing/harness.ts'
import { enterTerminal } from '../testing/terminal-client.ts'

afterEach(cleanUp)

const incarnation = 'a'.repeat(32)
const nodesOf = async (broker: TestBroker) =>
  devicesReply.parse((await operatorOf(broker).nodes()).body).nodes

/** A mesh of two, and a runner that the second one's peer token has enrolled. */
async function enrolled() {
  const broker = await testBroker()
  const device = testDevice('greenhouse-pi')
  await joinDevice(broker, device)
  const keys = runnerKeys()
  const runner = await broker.connect()
  const registered = await registerOurs(runner, keys, {
    pairingCode: code(1),
    incarnation,
    secret: device.peerToken,
  })
  return { broker, device, keys, runner, registered }
}

describe('the first node', () => {
  it('is the first runner of ours that the enrolment secret lets in', async () => {
    const broker = await testBroker()
    const runner = await broker.connect()
    const keys = runnerKeys()
    const said = { pairingCode: code(1), incarnation, secret: broker.secret }
    expect(await registerOurs(runner, keys, said)).toMatchObject({ success: true })
    await until('the node', async () => (await nodesOf(broker)).length === 1)
    expect(await nodesOf(broker)).toMatchObject([
      {
        name: 'test machine',
        roles: ['runner'],
        runners: [keys.runnerId],
        connected: true,
        isFirst: true,
        token: { status: 'none' },
      },
    ])
    const [first] = await nodesOf(broker)
    const revoked = await operatorOf(broker).revoke(first?.id ?? '')
    expect(revoked).toMatchObject({ status: 409, body: { code: 'FIRST_NODE' } })
    expect(await nodesOf(broker), 'it is still there, with its runner').toMatchObject([
      { runners: [keys.runnerId], connected: true },
    ])
    const other = await broker.connect()
    await registerOurs(other, runnerKeys(), { pairingCode: code(2), incarnation, secret: broker.secret })
    await joinDevice(broker, testDevice())
    expect(await nodesOf(broker), 'the machine and the device').toHaveLength(2)
  })

  it('is not there before anybody comes', async () => {
    expect(await nodesOf(await testBroker())).toEqual([])
  })
})

describe('a peer token', () => {
  it('enrols a runner, which comes back by its key alone', async () => {
    const { broker, device, keys, runner, registered } = await enrolled()
    expect(registered).toMatchObject({ success: true, runnerId: keys.runnerId })
    const node = (await nodesOf(broker)).find(({ id }) => id === device.nodeId)
    expect(node).toMatchObject({ connected: true, runners: [keys.runnerId] })
    runner.close()
    const again = await broker.connect()
    expect(await registerOurs(again, keys, { pairingCode: code(2), incarnation })).toMatchObject({
      success: true,
    })
  })

  it('that is none enrols nobody, and is charged like a wrong secret', async () => {
    const broker = await testBroker({ 'limit-address-failures': '3' })
    const answers: unknown[] = []
    for (let attempt = 0; attempt < 5; attempt++) {
      const runner = await broker.connect()
      const secret = testDevice().peerToken
      const said = { pairingCode: code(attempt), incarnation, secret }
      answers.push((await registerOurs(runner, runnerKeys(), said))['code'])
    }
    expect(answers).toEqual([...Array(3).fill('INVALID_SECRET'), ...Array(2).fill('RATE_LIMITED')])
  })

  it('signs an app in; one that is none is refused at the door', async () => {
    const broker = await testBroker()
    const device = testDevice()
    await joinDevice(broker, device)
    await broker.connect({ token: device.peerToken })
    expect((await nodesOf(broker)).find(({ id }) => id === device.nodeId)).toMatchObject({ connected: true })
    await expect(connect(broker.url, { token: testDevice().peerToken })).rejects.toMatchObject({
      data: { code: 'INVALID_SECRET' },
    })
    await connect(broker.url, { token: 'a foreign app’s own' })
  })
})

describe('the operator names a node', () => {
  it('by another name, which stays; nonsense and strangers are refused', async () => {
    const broker = await testBroker()
    const device = testDevice('greenhouse-pi')
    await joinDevice(broker, device)
    const operator = operatorOf(broker)
    expect((await operator.rename(device.nodeId, 'Shed')).body).toMatchObject({ node: { name: 'Shed' } })
    expect((await nodesOf(broker)).map(({ name }) => name)).toContain('Shed')
    await ask(broker, 'PATCH', '/nodes/me', { name: 'My own' }, device.peerToken)
    const query = `{ events(nodeId: "${device.nodeId}", limit: 3) { type name actor } }`
    const { body } = await ask(broker, 'POST', '/graphql', { query }, broker.operator)
    expect(body['data'], 'each with the name of its day, and who did it').toEqual({
      events: [
        { type: 'NodeRenamed', name: 'My own', actor: 'device' },
        { type: 'NodeRenamed', name: 'Shed', actor: 'operator' },
        { type: 'DeviceRegistered', name: 'greenhouse-pi', actor: 'device' },
      ],
    })
    for (const [id, name, code] of [
      [device.nodeId, '', 'MALFORMED_REQUEST'],
      [device.nodeId, 'x'.repeat(65), 'MALFORMED_REQUEST'],
      [device.nodeId, '\u0007\u202e', 'MALFORMED_REQUEST'],
      ['x', 'Shed', 'MALFORMED_NODE_ID'],
      ['a'.repeat(26), 'Shed', 'NODE_UNKNOWN'],
    ] as const)
      expect((await operator.rename(id, name)).body, code).toMatchObject({ code })
    const anybody = await ask(broker, 'PATCH', `/nodes/${device.nodeId}`, { name: 'Mine' }, device.peerToken)
    expect(anybody).toMatchObject({ status: 401 })
    expect(anybody.headers.get('www-authenticate')).toMatch(/^Bearer/)
  })
})

describe('revoking a node', () => {
  it('ends its runner’s control connection and terminals at once, and its key opens nothing', async () => {
    const { broker, device, keys, runner, registered } = await enrolled()
    const runnerEnd = await enterTerminal(broker.port, ticketOf(registered))
    await runnerEnd.next()
    const app = await broker.connect()
    await app.call('app:pair', { pairingCode: code(1) })
    const { revoked } = revokeReply.parse((await operatorOf(broker).revoke(device.nodeId)).body)
    expect(revoked).toMatchObject({ runners: [keys.runnerId], connections: 1 })
    await Promise.all([runner.ended, runnerEnd.ended])
    expect(await app.next('runner:offline')).toMatchObject({ runnerId: keys.runnerId, paired: false })
    const again = await broker.connect()
    const said = { pairingCode: code(1), incarnation }
    expect(await registerOurs(again, keys, said)).toMatchObject({ code: 'INVALID_SECRET' })
    const withToken = { ...said, secret: device.peerToken }
    expect(await registerOurs(again, keys, withToken)).toMatchObject({ code: 'INVALID_SECRET' })
    const byOperator = { ...said, pairingCode: code(3), secret: broker.secret }
    expect(await registerOurs(again, keys, byOperator), 'the operator may have it back').toMatchObject({
      success: true,
    })
  })

  it('ends its app’s connections at once, at no regular look; what it was paired with is out of its reach', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const broker = await testBroker()
    const device = testDevice()
    await joinDevice(broker, device)
    const runner = await broker.connect()
    const registered = await registerFounding(runner, broker, 'runner-1', code(1))
    const runnerEnd = await enterTerminal(broker.port, ticketOf(registered))
    await runnerEnd.next()
    const app = await broker.connect({ token: device.peerToken })
    const clientToken = await appToken(app)
    const paired = await app.call('app:pair', { pairingCode: code(1) })
    const appEnd = await enterTerminal(broker.port, ticketOf(paired))
    await appEnd.next()
    const known = await broker.connect({ token: device.peerToken, clientToken })
    expect(await known.call('app:pairing:status')).toMatchObject({ paired: true })

    await operatorOf(broker).revoke(device.nodeId)
    await Promise.all([app.ended, known.ended, appEnd.ended])
    await runner.next('runner:app:unpaired')
    expect(appEnd.received.at(-1)?.at(-1)).toBe(CloseReason.unpaired)
    await expect(connect(broker.url, { token: device.peerToken, clientToken })).rejects.toMatchObject({
      data: { code: 'INVALID_SECRET' },
    })
    const without = await broker.connect({ clientToken })
    expect(await without.call('app:pairing:status')).toMatchObject({ paired: false })
  })

  it('that another broker revoked without being heard closes what it has open all the same', async () => {
    const { broker, device, runner } = await enrolled()
    const app = await broker.connect({ token: device.peerToken })
    const db = await openSqlite(join(broker.dataDir, 'broker.sqlite'))
    const nodeId = parseDeviceId(device.nodeId)
    if (nodeId === null) throw new Error('a fingerprint names a node')
    await sqlitePairingRepository(db, { clock: Date.now }).run(revokeDevice({ nodeId }))
    db.close()
    expect(await Promise.all([app.ended, runner.ended])).toEqual(Array(2).fill('io server disconnect'))
  })

  it('closes its app also where that speaks for a runner which the broker’s own secret let in', async () => {
    const broker = await testBroker()
    const device = testDevice()
    await joinDevice(broker, device)
    const both = await broker.connect({ token: device.peerToken })
    await registerFounding(both, broker, 'runner-1', code(1))
    await operatorOf(broker).revoke(device.nodeId)
    expect(await both.ended).toBe('io server disconnect')
  })

  it('leaves everybody else alone', async () => {
    const { broker, device, runner, keys } = await enrolled()
    const other = testDevice('Other')
    await joinDevice(broker, other)
    const app = await broker.connect({ token: other.peerToken })
    await operatorOf(broker).revoke(other.nodeId)
    await app.ended
    expect(await runner.call('runner:heartbeat', { runnerId: keys.runnerId })).toMatchObject({
      success: true,
    })
    expect((await ask(broker, 'GET', '/nodes/me', undefined, device.peerToken)).status).toBe(200)
  })
})
