import { consoleEvent, problem } from '@latchkey/protocol/console'
import {
  connectReply,
  devicesReply,
  revokeReply,
  startReply,
  verifyReply,
} from '@latchkey/protocol/device-pairing'
import { afterEach, describe, expect, it } from 'vitest'
import {
  type Answer,
  ask,
  connectDevice,
  followPairing,
  joinDevice,
  operatorOf,
  testDevice,
} from '../testing/device.ts'
import { cleanUp, testBroker, until } from '../testing/harness.ts'

afterEach(cleanUp)

const refusal = (code: string, status: number) => ({ status, body: { code, status } })

describe('a device joins', () => {
  it('with a link and a PIN: one pairing makes two nodes, the broker’s machine and the device', async () => {
    const broker = await testBroker()
    const operator = operatorOf(broker)
    const started = await operator.start()
    expect(started.status).toBe(200)
    const { token, qr_url, expires_at, expiresAt, serverTime } = startReply.parse(started.body)
    expect(new URL(qr_url).pathname).toBe('/join')
    expect(new URL(qr_url).hash).toBe(`#${token}`)
    expect(qr_url.split('#')[0], 'no server is told the token').not.toContain(token)
    expect(Date.parse(expires_at)).toBe(expiresAt)
    expect(expiresAt - serverTime).toBeGreaterThan(299_000)
    const device = testDevice()
    const connected = await connectDevice(broker, device, token)
    const { pin, nodeId, name } = connectReply.parse(connected.body)
    expect([nodeId, name]).toEqual([device.nodeId, 'Pixel 8'])
    const verified = verifyReply.parse((await operator.verify(token, pin, { device_node_id: nodeId })).body)
    expect(verified.node).toMatchObject({ id: nodeId, name: 'Pixel 8', token: { status: 'valid' } })
    const { nodes, limit } = devicesReply.parse((await operator.nodes()).body)
    expect([nodes.length, limit]).toEqual([2, 10])
    const me = await ask(broker, 'GET', '/nodes/me', undefined, device.peerToken)
    expect(me.body).toMatchObject({ node: { id: nodeId } })
    const bySession = await ask(broker, 'GET', '/nodes/me', undefined, device.sessionSecret)
    expect(bySession.body).toMatchObject({ node: { id: nodeId } })
  })

  it('and both sides see it as it happens, until the stream ends by itself', async () => {
    const broker = await testBroker()
    const operator = operatorOf(broker)
    const { token, id } = (await operator.start({ name: 'Kitchen' })).body
    const page = await followPairing(broker, token)
    expect(page.response.headers.get('content-type')).toBe('text/event-stream')
    await until('the first word', () => page.heard.length === 1)
    const shown = async () => {
      const overview = await ask(broker, 'GET', '/operator/overview', undefined, broker.operator)
      return consoleEvent.parse(overview.body).pairings?.find((pairing) => pairing.id === id)
    }
    expect(await shown()).toMatchObject({ status: 'waiting', device: null })
    const device = testDevice('anything')
    const { pin } = (await connectDevice(broker, device, token)).body
    await until('the scan to be told', () => page.heard.length === 2)
    expect(await shown()).toMatchObject({
      status: 'connected',
      attemptsLeft: 5,
      device: { name: 'Kitchen', address: '127.0.0.1', nodeId: device.nodeId },
    })
    await operator.verify(token, pin)
    await page.ended()
    expect(page.heard.map(({ status }) => status)).toEqual(['waiting', 'connected', 'registered'])
    expect(page.heard.at(-1)).toMatchObject({ node: { id: device.nodeId, name: 'Kitchen' } })
    expect(await shown()).toMatchObject({ status: 'registered' })
    const late = await followPairing(broker, token)
    await late.ended()
    expect(late.heard, 'a page that missed the moment is told all the same').toMatchObject([
      { status: 'registered' },
    ])
  })

  it('asking twice is asking once: the same PIN, also with another name for itself', async () => {
    const broker = await testBroker()
    const { token } = (await operatorOf(broker).start()).body
    const device = testDevice()
    const first = await connectDevice(broker, device, token)
    const again = await ask(broker, 'POST', '/pairing/connect', device.request(String(token), 'My phone'))
    expect(again.body['pin']).toBe(first.body['pin'])
    expect(again.body['name']).toBe('My phone')
  })

  it('a link preview and a reload burn nothing: the page is only a page', async () => {
    const broker = await testBroker()
    const { token } = (await operatorOf(broker).start()).body
    for (const path of [`/join?token=${String(token)}`, '/join', `/join?token=${String(token)}`])
      await fetch(`${broker.url}${path}`)
    await fetch(`${broker.url}/join`, { method: 'HEAD' })
    expect((await connectDevice(broker, testDevice(), token)).status).toBe(200)
    expect(broker.log.join('\n')).not.toContain(String(token))
  })

  it('a device that comes back with its key is the same node, and its old token is void', async () => {
    const broker = await testBroker()
    const device = testDevice()
    await joinDevice(broker, device)
    const operator = operatorOf(broker)
    const before = device.peerToken
    const { token } = (await operator.start()).body
    const again = { ...testDevice(), nodeId: device.nodeId }
    const stranger = { ...again.request(String(token)), publicKey: device.request(String(token)).publicKey }
    expect(await ask(broker, 'POST', '/pairing/connect', stranger)).toMatchObject(refusal('WRONG_PROOF', 403))
    const { pin } = (await connectDevice(broker, device, token)).body
    await operator.verify(token, pin)
    expect(devicesReply.parse((await operator.nodes()).body).nodes).toHaveLength(2)
    expect((await ask(broker, 'GET', '/nodes/me', undefined, before)).status).toBe(200)
  })
})

describe('what is refused', () => {
  it('each bad input has its own answer, and nothing is half done', async () => {
    const broker = await testBroker()
    const operator = operatorOf(broker)
    const { token } = (await operator.start()).body
    const good = testDevice().request(String(token))
    const connect = (change: object) => ask(broker, 'POST', '/pairing/connect', { ...good, ...change })
    const cases = [
      [await connect({ token: 'short' }), 'MALFORMED_TOKEN', 422],
      [await connect({ token: 7 }), 'MALFORMED_TOKEN', 422],
      [await connect({ publicKey: 'x' }), 'MALFORMED_KEY', 422],
      [await connect({ peerHash: 'x' }), 'MALFORMED_KEY', 422],
      [await connect({ name: '' }), 'MALFORMED_REQUEST', 422],
      [await connect({ name: 'x'.repeat(65) }), 'MALFORMED_REQUEST', 422],
      [await connect({ name: 'Mallory' }), 'WRONG_PROOF', 403],
      [
        await ask(broker, 'POST', '/pairing/connect', testDevice().request('A'.repeat(43))),
        'TOKEN_UNKNOWN',
        404,
      ],
      [await ask(broker, 'POST', '/pairing/connect', '{'), 'INVALID_FORMAT', 400],
      [
        await ask(broker, 'POST', '/pairing/connect', { ...good, name: 'x'.repeat(20_000) }),
        'TOO_LARGE',
        413,
      ],
      [await ask(broker, 'POST', '/pairing/follow', { token: 'A'.repeat(43) }), 'TOKEN_UNKNOWN', 404],
      [await operator.verify(token, '12345'), 'MALFORMED_PIN', 422],
      [await operator.verify(token, '１２３４５６'), 'MALFORMED_PIN', 422],
      [await operator.verify(token, '000000', { device_node_id: 'x' }), 'MALFORMED_NODE_ID', 422],
      [await operator.verify('A'.repeat(43), '000000'), 'TOKEN_UNKNOWN', 404],
      [await operator.verify(token, '000000'), 'DEVICE_NOT_CONNECTED', 409],
      [await operator.revoke('x'), 'MALFORMED_NODE_ID', 422],
      [await operator.revoke('a'.repeat(26)), 'NODE_UNKNOWN', 404],
      [await operator.consent('WDJB-MJHT', true), 'USER_CODE_UNKNOWN', 404],
      [await operator.cancel({ token: 'A'.repeat(43) }), 'TOKEN_UNKNOWN', 404],
      [await ask(broker, 'GET', '/nodes/me', undefined, 'mpt_nobody'), 'NOT_A_NODE', 401],
      [await ask(broker, 'GET', '/nodes/me'), 'NOT_A_NODE', 401],
    ] as const
    for (const [answer, code, status] of cases) {
      expect(answer, code).toMatchObject(refusal(code, status))
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      problem.parse(answer.body)
    }
    expect(devicesReply.parse((await operator.nodes()).body).nodes, 'the first node alone').toHaveLength(1)
    expect((await ask(broker, 'POST', '/pairing/connect', good)).status, 'the token is as good as new').toBe(
      200,
    )
  })

  it('a stranger starts, verifies, cancels, lists and revokes nothing', async () => {
    const broker = await testBroker()
    const { token } = (await operatorOf(broker).start()).body
    for (const [method, path, body] of [
      ['POST', '/pairing/start', {}],
      ['POST', '/pairing/verify', { token, pin: '000000' }],
      ['POST', '/pairing/cancel', { token }],
      ['POST', '/pairing/consent', { user_code: 'WDJB-MJHT', approve: true }],
      ['GET', '/nodes', undefined],
      ['DELETE', `/nodes/${'a'.repeat(26)}`, undefined],
    ] as const)
      expect(await ask(broker, method, path, body), path).toMatchObject(refusal('NOT_SIGNED_IN', 401))
  })

  it('a second device with the same link, a second verification, a PIN for another device', async () => {
    const broker = await testBroker()
    const operator = operatorOf(broker)
    const { token } = (await operator.start()).body
    const device = testDevice()
    const { pin } = (await connectDevice(broker, device, token)).body
    expect(await connectDevice(broker, testDevice(), token)).toMatchObject({
      status: 409,
      body: { code: 'TOKEN_USED', from: 'DeviceConnected', to: 'DeviceConnected' },
    })
    const other = testDevice().nodeId
    expect(await operator.verify(token, pin, { device_node_id: other })).toMatchObject(
      refusal('NODE_ID_MISMATCH', 409),
    )
    const verified = await Promise.all([operator.verify(token, pin), operator.verify(token, pin)])
    expect(verified.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409])
    expect(await operator.cancel({ token })).toMatchObject(refusal('ALREADY_REGISTERED', 409))
  })

  it('the sixth PIN, though it is right; and wrong ones say how many are left', async () => {
    const broker = await testBroker()
    const operator = operatorOf(broker)
    const { token } = (await operator.start()).body
    const { pin } = (await connectDevice(broker, testDevice(), token)).body
    const wrong = String((Number(pin) + 1) % 1_000_000).padStart(6, '0')
    const left: unknown[] = []
    for (let attempt = 0; attempt < 5; attempt++) left.push((await operator.verify(token, wrong)).body)
    expect(left).toMatchObject([4, 3, 2, 1, 0].map((attemptsLeft) => ({ code: 'WRONG_PIN', attemptsLeft })))
    expect(await operator.verify(token, pin)).toMatchObject(refusal('TOO_MANY_ATTEMPTS', 410))
    expect(await connectDevice(broker, testDevice(), token)).toMatchObject(refusal('TOO_MANY_ATTEMPTS', 410))
  })

  it('a cancelled pairing, which the device hears of; cancelling twice is cancelling once', async () => {
    const broker = await testBroker()
    const operator = operatorOf(broker)
    const { token, id } = (await operator.start()).body
    const page = await followPairing(broker, token)
    await connectDevice(broker, testDevice(), token)
    expect((await operator.cancel({ id })).status).toBe(200)
    expect((await operator.cancel({ token })).status).toBe(200)
    await page.ended()
    expect(page.heard.at(-1)).toMatchObject({ status: 'failed', reason: 'cancelled' })
    expect(await connectDevice(broker, testDevice(), token)).toMatchObject(refusal('PAIRING_CANCELLED', 410))
  })

  it('more pairings at a time than a person has hands for, and devices beyond the limit', async () => {
    const broker = await testBroker({ 'device-limit': '2' })
    const operator = operatorOf(broker)
    const started = [...Array(6).keys()].map(() => operator.start())
    const answers = await Promise.all(started)
    const statuses = answers.map(({ status }) => status)
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 200, 200, 200, 200, 429])
    const refused = answers.find(({ status }) => status === 429)
    // When the link that was made first is over: a place is free then at the latest.
    const waitS = Number(refused?.headers.get('retry-after'))
    expect(waitS).toBeLessThanOrEqual(300)
    expect(waitS, 'the life of a link, not a guess').toBeGreaterThan(200)
    const [first] = await Promise.all(started)
    const { token } = first?.body ?? {}
    const { pin } = (await connectDevice(broker, testDevice(), token)).body
    expect((await operator.verify(token, pin)).status).toBe(200)
    const next = (await operator.start()).body['token']
    expect(await connectDevice(broker, testDevice(), next)).toMatchObject({
      status: 409,
      body: { code: 'DEVICE_LIMIT', limit: 2 },
    })
  })

  it('who keeps coming with tokens that nobody made, and is told for how long', async () => {
    const broker = await testBroker()
    const tries: Answer[] = []
    for (let tried = 0; tried < 21; tried++)
      tries.push(await connectDevice(broker, testDevice(), 'A'.repeat(43)))
    expect(tries[19]).toMatchObject(refusal('TOKEN_UNKNOWN', 404))
    expect(tries[20]).toMatchObject(refusal('RATE_LIMITED', 429))
    const waitS = Number(tries[20]?.headers.get('retry-after'))
    expect(waitS).toBeGreaterThan(0)
    expect(waitS).toBeLessThanOrEqual(60)
  })

  it('a device from another one’s address, where the operator wants that', async () => {
    const broker = await testBroker({ 'address-conflict': 'on' })
    await joinDevice(broker, testDevice('First'))
    const { token } = (await operatorOf(broker).start()).body
    expect(await connectDevice(broker, testDevice(), token)).toMatchObject({
      status: 409,
      body: { code: 'IP_CONFLICT', node: 'First' },
    })
  })
})

describe('revoking', () => {
  it('lists what is void, and what it lists is void', async () => {
    const broker = await testBroker()
    const operator = operatorOf(broker)
    const device = testDevice()
    await joinDevice(broker, device)
    const { node, revoked } = revokeReply.parse((await operator.revoke(device.nodeId)).body)
    expect(node).toEqual({ id: device.nodeId, name: 'Pixel 8' })
    expect([revoked.tokens.length, revoked.sessions.length]).toEqual([1, 1])
    for (const secret of [device.peerToken, device.sessionSecret])
      expect((await ask(broker, 'GET', '/nodes/me', undefined, secret)).status).toBe(401)
    expect(await operator.revoke(device.nodeId)).toMatchObject(refusal('NODE_REVOKED', 410))
    expect(devicesReply.parse((await operator.nodes()).body).nodes).toHaveLength(1)
  })

  it('a node may change its name, and nobody else’s', async () => {
    const broker = await testBroker()
    const device = testDevice()
    await joinDevice(broker, device)
    const renamed = await ask(broker, 'PATCH', '/nodes/me', { name: 'Pocket' }, device.peerToken)
    expect(renamed.body).toMatchObject({ node: { id: device.nodeId, name: 'Pocket' } })
    expect((await ask(broker, 'PATCH', '/nodes/me', { name: '\u202e ' }, device.peerToken)).status).toBe(422)
  })
})
