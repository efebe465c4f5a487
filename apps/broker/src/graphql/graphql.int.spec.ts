import { afterEach, describe, expect, it } from 'vitest'
import { ask, joinDevice, operatorOf, testDevice } from '../testing/device.ts'
import {
  cleanUp,
  code,
  registerFounding,
  type TestBroker,
  type Told,
  testBroker,
} from '../testing/harness.ts'

afterEach(cleanUp)

const question = (broker: TestBroker, query: string, variables: Told = {}) =>
  ask(broker, 'POST', '/graphql', { query, variables }, broker.operator)

describe('the read view', () => {
  it('has two nodes after one device was paired: by POST, and by GET with a query', async () => {
    const broker = await testBroker()
    const device = testDevice()
    await joinDevice(broker, device)
    const query = '{ nodes { id } }'
    const posted = await question(broker, query)
    expect(posted.status).toBe(200)
    expect(posted.body).toMatchObject({ data: { nodes: [{}, { id: device.nodeId }] } })
    const got = await ask(
      broker,
      'GET',
      `/graphql?query=${encodeURIComponent(query)}`,
      undefined,
      broker.operator,
    )
    expect(got.body).toEqual(posted.body)
  })

  it('shows nodes, tokens, sessions, events, pairings, runners and history, and no secret', async () => {
    const broker = await testBroker()
    const device = testDevice()
    await joinDevice(broker, device)
    const runner = await broker.connect()
    await registerFounding(runner, broker, 'runner-1', code(1))
    const app = await broker.connect()
    await app.call('app:pair', { pairingCode: code(1) })
    await operatorOf(broker).revoke(device.nodeId)
    const { body } = await question(
      broker,
      `query ($node: ID) {
        nodes { id name hostname roles connected tokenStatus }
        node(id: "aaaaaaaaaaaaaaaaaaaaaaaaaa") { id }
        tokens { handle nodeId permissions status expiresAt }
        sessions { handle nodeId status }
        events(nodeId: $node) { number type at }
        pairings { id status method deviceName }
        runners { id status apps }
        history { outcome runnerId maskedCode }
      }`,
      { node: device.nodeId },
    )
    expect(body['errors']).toBeUndefined()
    expect(body['data']).toMatchObject({
      nodes: [{ tokenStatus: 'none' }],
      node: null,
      tokens: [{ nodeId: device.nodeId, status: 'revoked', permissions: ['app', 'runner'] }],
      sessions: [{ nodeId: device.nodeId, status: 'revoked' }],
      events: [{ type: 'NodeRevoked' }, { type: 'DeviceRegistered' }, { type: 'DeviceScanned' }],
      pairings: [{ status: 'registered', deviceName: 'Pixel 8' }],
      runners: [{ id: 'runner-1', status: 'online', apps: 1 }],
      history: [{ outcome: 'paired', runnerId: 'runner-1' }],
    })
    const text = JSON.stringify(body)
    for (const secret of [device.peerToken, device.sessionSecret, code(1), broker.secret, broker.operator])
      expect(text).not.toContain(secret)
  })

  it('is the operator’s alone', async () => {
    const broker = await testBroker()
    const device = testDevice()
    await joinDevice(broker, device)
    for (const bearer of [undefined, 'x', device.peerToken])
      expect(
        (await ask(broker, 'POST', '/graphql', { query: '{ nodes { id } }' }, bearer)).body,
      ).toMatchObject({
        status: 401,
        code: 'NOT_SIGNED_IN',
      })
  })

  it('answers what is no question with what is wrong, and stays whole', async () => {
    const broker = await testBroker()
    const wide = `{ ${[...Array(300).keys()].map((n) => `n${n}: nodes { id }`).join(' ')} }`
    for (const query of ['', '{', '{ nothing }', 'mutation { revoke }', wide]) {
      const { status, body } = await question(broker, query)
      expect(status, query.slice(0, 20)).toBeLessThan(500)
      expect(body['errors'], query.slice(0, 20)).toBeDefined()
    }
    expect((await ask(broker, 'POST', '/graphql', '{', broker.operator)).status).toBe(400)
    expect((await question(broker, '{ events(limit: -5) { type } }')).body['errors']).toBeUndefined()
    const eventsOf = async (asked: string) => (await question(broker, asked)).body['data']
    expect(await eventsOf('{ events(limit: null) { type } }')).toEqual(await eventsOf('{ events { type } }'))
  })
})
