import { joinKeyReply, joinKeysReply, keyedReply, listedDevice } from '@latchkey/protocol/device-pairing'
import { afterEach, expect, it } from 'vitest'
import { ask, joinDevice, operatorOf, testDevice } from '../testing/device.ts'
import { cleanUp, code, registerOurs, runnerKeys, type TestBroker, testBroker } from '../testing/harness.ts'

afterEach(cleanUp)

const make = (broker: TestBroker, body: object) =>
  ask(broker, 'POST', '/operator/join-keys', body, broker.operator)
const keysOf = async (broker: TestBroker) =>
  joinKeysReply.parse((await ask(broker, 'GET', '/operator/join-keys', undefined, broker.operator)).body).keys
const keyed = (broker: TestBroker, device: ReturnType<typeof testDevice>, key: string) =>
  ask(broker, 'POST', '/pairing/key', device.keyed(key))
const refusal = (problemCode: string, status: number) => ({ status, body: { code: problemCode, status } })

it('a machine joins with a key, unattended; its text is told once and is in no list', async () => {
  const broker = await testBroker({ log: 'debug' })
  const { key, secret } = joinKeyReply.parse(
    (await make(broker, { name: 'Rack', tags: ['lab', '机房'] })).body,
  )
  expect(key).toMatchObject({ name: 'Rack', reusable: false, status: 'good', uses: 0 })
  expect(key.expiresAt - key.createdAt).toBe(86_400_000)
  const device = testDevice('rack-1')
  const joined = keyedReply.parse((await keyed(broker, device, secret)).body)
  expect(joined).toMatchObject({ nodeId: device.nodeId, name: 'rack-1' })
  expect((await keyed(broker, device, secret)).body).toMatchObject({ nodeId: device.nodeId })
  expect(await keyed(broker, testDevice(), secret)).toMatchObject(refusal('JOIN_KEY_SPENT', 410))
  expect(await keysOf(broker)).toMatchObject([{ id: key.id, status: 'spent', uses: 1 }])
  const runner = await broker.connect({ token: device.peerToken })
  const said = { pairingCode: code(1), incarnation: 'a'.repeat(32), secret: device.peerToken }
  expect(await registerOurs(runner, runnerKeys(), said)).toMatchObject({ success: true })
  const nodes = (await operatorOf(broker).nodes()).body['nodes']
  expect(nodes).toMatchObject([
    { isFirst: true },
    { name: 'rack-1', tags: ['lab', '机房'], roles: ['runner'] },
  ])
  await broker.stop()
  expect(broker.log.join('\n')).not.toContain(secret)
})

it('bad keys are refused in words, and an address that tries them has to wait', async () => {
  const broker = await testBroker()
  const unknown = `ljk_${'A'.repeat(43)}`
  const good = testDevice().keyed(unknown)
  const join = (change: object) => ask(broker, 'POST', '/pairing/key', { ...good, ...change })
  expect(await join({ key: 'ljk_short' })).toMatchObject(refusal('MALFORMED_KEY', 422))
  expect(await join({ name: 'Mallory' })).toMatchObject(refusal('WRONG_PROOF', 403))
  expect(await make(broker, { name: '\u202e' })).toMatchObject(refusal('MALFORMED_REQUEST', 422))
  expect(await make(broker, { name: 'x', tags: ['=1+1'] })).toMatchObject(refusal('MALFORMED_REQUEST', 422))
  expect(await make(broker, { name: 'x', lifeSeconds: 1 })).toMatchObject(refusal('MALFORMED_REQUEST', 422))
  const { key, secret } = joinKeyReply.parse((await make(broker, { name: 'x', reusable: true })).body)
  const revoke = (id: string) =>
    ask(broker, 'DELETE', `/operator/join-keys/${id}`, undefined, broker.operator)
  expect(await revoke(key.id)).toMatchObject({ status: 200, body: { key: { status: 'revoked' } } })
  expect(await revoke('x')).toMatchObject(refusal('JOIN_KEY_UNKNOWN', 404))
  expect(await keyed(broker, testDevice(), secret)).toMatchObject(refusal('JOIN_KEY_ENDED', 410))
  expect(await ask(broker, 'GET', '/operator/join-keys')).toMatchObject(refusal('NOT_SIGNED_IN', 401))
  for (let tries = 0; tries < 20; tries++)
    expect(await join({})).toMatchObject(refusal('JOIN_KEY_UNKNOWN', 404))
  expect(await join({})).toMatchObject(refusal('RATE_LIMITED', 429))
})

it('a device leaves by itself; the operator writes a note, tags and rights, and sees where it was last', async () => {
  const broker = await testBroker()
  const device = testDevice()
  await joinDevice(broker, device)
  const change = { note: 'Ada’s, second shelf', tags: ['eu'], appRights: ['approve'] }
  const path = `/nodes/${device.nodeId}`
  const changed = await ask(broker, 'PATCH', path, change, broker.operator)
  expect(listedDevice.parse(changed.body['node'])).toMatchObject({ ...change, name: 'Pixel 8' })
  expect(await ask(broker, 'PATCH', path, { appRights: ['root'] }, broker.operator)).toMatchObject({
    status: 422,
  })
  expect((await ask(broker, 'GET', '/nodes/me', undefined, device.peerToken)).body).toMatchObject({
    node: { ...change, lastAddress: '127.0.0.1' },
  })
  expect(await ask(broker, 'DELETE', '/nodes/me', undefined, device.peerToken)).toMatchObject({ status: 200 })
  expect(await ask(broker, 'DELETE', '/nodes/me', undefined, device.peerToken)).toMatchObject(
    refusal('NOT_A_NODE', 401),
  )
  const query = '{ events(limit: 1) { type actor name } }'
  expect((await ask(broker, 'POST', '/graphql', { query }, broker.operator)).body).toMatchObject({
    data: { events: [{ type: 'NodeRevoked', actor: 'device', name: 'Pixel 8' }] },
  })
})

it('a device that joins by PIN gets the rights that the operator chose', async () => {
  const broker = await testBroker()
  const operator = operatorOf(broker)
  const device = testDevice()
  const { token } = (await operator.start()).body
  const { pin } = (await ask(broker, 'POST', '/pairing/connect', device.request(String(token)))).body
  const chosen = { roles: ['app'], appRights: [] }
  expect((await operator.verify(token, pin, chosen)).body).toMatchObject({ node: chosen })
})
