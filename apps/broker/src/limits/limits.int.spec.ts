import { createHash } from 'node:crypto'
import { consoleEvent } from '@latchkey/protocol/console'
import { afterEach, assert, describe, expect, it } from 'vitest'
import { joinDevice, operatorOf, testDevice } from '../testing/device.ts'
import {
  appToken,
  cleanUp,
  code,
  registerFounding,
  registerOurs,
  runnerKeys,
  type TestBroker,
  testBroker,
} from '../testing/harness.ts'

afterEach(cleanUp)

const TRUSTING = { 'trusted-proxies': '127.0.0.1' }

/** A client as a proxy brings it, from that address. */
const from = (broker: TestBroker, address: string) =>
  broker.connect({}, { extraHeaders: { 'x-forwarded-for': address } })

const overview = (broker: TestBroker, bearer: string, address = '198.51.100.1') =>
  fetch(`${broker.url}/operator/overview`, {
    headers: { authorization: `Bearer ${bearer}`, 'x-forwarded-for': address },
  })

const limitsOf = async (broker: TestBroker) => {
  const { limits } = consoleEvent.parse(await (await overview(broker, broker.operator)).json())
  return limits ?? expect.fail('the console is told of no limits')
}

const guess = async (broker: TestBroker, address: string, number = 999) =>
  (await (await from(broker, address)).call('app:pair', { pairingCode: code(number) }))['code']

const said = (broker: TestBroker, event: string) =>
  broker.log.filter((line) => line.includes(`"event":"${event}"`))

describe('one budget', () => {
  it('is drawn on by every door: wrong codes, codes that others have, and secrets over a socket and over HTTP', async () => {
    const broker = await testBroker({ ...TRUSTING, 'limit-address-failures': '4' })
    const owner = await from(broker, '198.51.100.1')
    await registerFounding(owner, broker, 'runner-1', code(1))
    const address = '192.0.2.7'
    expect(await guess(broker, address)).toBe('CODE_NOT_FOUND')
    const runner = await from(broker, address)
    expect(await registerFounding(runner, broker, 'runner-2', code(1))).toMatchObject({
      code: 'DUPLICATE_CODE',
    })
    const stranger = { runnerId: 'runner-3', pairingCode: code(3), secret: 'a-wrong-secret-as-long' }
    expect(await (await from(broker, address)).call('runner:register', stranger)).toMatchObject({
      code: 'INVALID_SECRET',
    })
    expect((await overview(broker, 'another-wrong-secret', address)).status).toBe(401)
    expect(await guess(broker, address)).toBe('RATE_LIMITED')
    expect((await overview(broker, broker.operator, address)).status).toBe(429)
    expect(await registerFounding(await from(broker, address), broker, 'runner-4', code(4))).toMatchObject({
      code: 'RATE_LIMITED',
    })
    expect(await guess(broker, '203.0.113.7')).toBe('CODE_NOT_FOUND')
  })

  it('is one for 200 addresses of one IPv6 network, and for the many of one prefix', async () => {
    const broker = await testBroker({
      ...TRUSTING,
      'limit-address-failures': '5',
      'limit-prefix-failures': '8',
    })
    const answers: unknown[] = []
    for (let host = 1; host <= 12; host++) answers.push(await guess(broker, `2001:db8:1:2::${host}`))
    expect(answers).toEqual([
      ...Array.from({ length: 5 }, () => 'CODE_NOT_FOUND'),
      ...Array.from({ length: 7 }, () => 'RATE_LIMITED'),
    ])
    const neighbours: unknown[] = []
    for (let net = 3; net <= 8; net++) neighbours.push(await guess(broker, `2001:db8:1:${net}::1`))
    expect(neighbours.filter((told) => told === 'CODE_NOT_FOUND')).toHaveLength(3)
    expect(await guess(broker, '2001:db8:2::1')).toBe('CODE_NOT_FOUND')
  })

  it('judges no more secrets than it allows, however many are shown at once', async () => {
    const broker = await testBroker()
    const shown = Array.from({ length: 50 }, (_, n) => overview(broker, `a-wrong-secret-${n}`))
    const statuses = (await Promise.all(shown)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 401)).toHaveLength(6)
    expect(statuses.filter((status) => status === 429)).toHaveLength(44)
  })

  it('is not refilled by a success: four wrong codes and the own right one, again and again, are banned', async () => {
    const broker = await testBroker()
    const runner = await broker.connect()
    await registerFounding(runner, broker, 'runner-1', code(1))
    const app = await broker.connect()
    const answers: unknown[] = []
    for (const pairingCode of [2, 3, 4, 5, 1, 6, 7, 1].map(code))
      answers.push((await app.call('app:pair', { pairingCode }))['code'] ?? 'paired')
    const wrong = 'CODE_NOT_FOUND'
    expect(answers).toEqual([wrong, wrong, wrong, wrong, 'paired', wrong, wrong, 'RATE_LIMITED'])
  })
})

describe('what proves that nothing was guessed is free', () => {
  it('machines that propose the codes they had, after a broker was away too long for them, all come back', async () => {
    const machines = Array.from({ length: 5 }, (_, n) => ({
      keys: runnerKeys(),
      incarnation: String(n).repeat(32),
    }))
    // With no grace every loss is too long.
    let broker = await testBroker({ grace: '0', 'limit-address-failures': '2' })
    const register = async (n: number, pairingCode: string) => {
      assert.exists(machines[n])
      const { keys, incarnation } = machines[n]
      return registerOurs(await broker.connect(), keys, { pairingCode, incarnation, secret: broker.secret })
    }
    for (const n of machines.keys()) expect(await register(n, code(n))).toMatchObject({ success: true })
    broker = await broker.restart()
    for (const n of machines.keys()) {
      const refused = await register(n, code(n))
      expect(refused).toMatchObject({ code: 'DUPLICATE_CODE', message: expect.stringContaining('of yours') })
      expect(await register(n, code(100 + n))).toMatchObject({ success: true })
    }
    for (const event of ['limits.alarm', 'limits.banned']) expect(said(broker, event)).toEqual([])
    expect((await limitsOf(broker)).failuresLastMinute).toBe(0)
    expect(await (await broker.connect()).call('app:pair', { pairingCode: code(100) })).toMatchObject({
      success: true,
    })
  })

  it('a peer token that was revoked is refused as often as it is shown, and only one that nobody was given is charged', async () => {
    const broker = await testBroker({ 'limit-session-failures': '1' })
    const device = testDevice()
    await joinDevice(broker, device)
    await operatorOf(broker).revoke(device.nodeId)
    const show = async (secret: string) => {
      const said = { pairingCode: code(1), incarnation: 'a'.repeat(32), secret }
      return (await registerOurs(await broker.connect(), runnerKeys(), said))['code']
    }
    for (let time = 0; time < 5; time++) expect(await show(device.peerToken)).toBe('INVALID_SECRET')
    expect((await limitsOf(broker)).failuresLastMinute).toBe(0)
    for (let time = 0; time < 2; time++) expect(await show(testDevice().peerToken)).toBe('INVALID_SECRET')
    expect(await show(testDevice().peerToken)).toBe('RATE_LIMITED')
  })
})

describe('texts without a code in them', () => {
  it('touch no budget of guesses, and are no longer searched when an address sends many; exact codes go on', async () => {
    const broker = await testBroker(TRUSTING)
    await registerFounding(await from(broker, '198.51.100.1'), broker, 'runner-1', code(1))
    const address = '2001:db8:1:2::1'
    const app = await from(broker, address)
    const send = async (pairingCode: string) => (await app.call('app:pair', { pairingCode }))['code']
    for (let time = 0; time < 60; time++) expect(await send('\uFDFA'.repeat(2_048))).toBe('INVALID_FORMAT')
    expect(await app.call('app:pair', { pairingCode: 'no code' })).toMatchObject({
      code: 'RATE_LIMITED',
      remainingBanTime: expect.any(Number),
    })
    const neighbour = await from(broker, '2001:db8:1:2::2')
    expect(await neighbour.call('app:pair', { pairingCode: 'no code' })).toMatchObject({
      code: 'RATE_LIMITED',
    })
    expect(await neighbour.call('app:pair', { pairingCode: code(1) })).toMatchObject({ success: true })
    expect(await send(code(1))).toBe(undefined)
    expect(
      await (await from(broker, '2001:db8:1:3::1')).call('app:pair', { pairingCode: 'no code' }),
    ).toMatchObject({
      code: 'INVALID_FORMAT',
    })
    expect((await limitsOf(broker)).failuresLastMinute).toBe(0)
  })
})

describe('the alarm and the breaker', () => {
  it('are in the log once and in the console, and a link or a known app passes the breaker', async () => {
    const broker = await testBroker({
      ...TRUSTING,
      'limit-alarm': '3',
      'limit-breaker': '6',
    })
    const keys = runnerKeys()
    const runner = await from(broker, '198.51.100.1')
    const us = { pairingCode: code(1), incarnation: 'a'.repeat(32), secret: broker.secret }
    expect(await registerOurs(runner, keys, us)).toMatchObject({ success: true })
    const ticket = 'what-a-link-carries-which-nobody-guesses_43'
    const routeTickets = [createHash('sha256').update(ticket).digest('hex')]
    expect(await runner.call('runner:route-tickets', { routeTickets })).toMatchObject({ success: true })
    const known = await from(broker, '198.51.100.2')
    const clientToken = await appToken(known)
    expect(await known.call('app:pair', { pairingCode: code(1) })).toMatchObject({ success: true })

    for (let host = 1; host <= 2; host++) await guess(broker, `192.0.${host}.1`)
    expect(await limitsOf(broker)).toMatchObject({ failuresLastMinute: 2, alarmRangAt: null, bans: [] })
    expect(said(broker, 'limits.alarm')).toEqual([])
    for (let host = 3; host <= 6; host++) await guess(broker, `192.0.${host}.1`)
    expect(said(broker, 'limits.alarm')).toHaveLength(1)
    expect(said(broker, 'limits.breaker-open')).toHaveLength(1)
    const limits = await limitsOf(broker)
    expect(limits).toMatchObject({ alarmAt: 3, breakerAt: 6 })
    expect(limits.alarmRangAt).not.toBeNull()
    expect(limits.breakerUntil).not.toBeNull()

    const honest = await from(broker, '198.51.100.3')
    expect(await honest.call('app:pair', { pairingCode: code(1) })).toMatchObject({ code: 'RATE_LIMITED' })
    const byLink = { runnerId: keys.runnerId, routeTicket: ticket }
    expect(await honest.call('app:pair', byLink)).toMatchObject({ success: true })
    const back = await broker.connect({ clientToken })
    expect(await back.call('app:pairing:status')).toMatchObject({ paired: true })
  })

  it('have bans beside them, by what is banned and until when', async () => {
    const broker = await testBroker({ ...TRUSTING, 'limit-session-failures': '1' })
    const app = await from(broker, '192.0.2.7')
    for (const n of [1, 2]) await app.call('app:pair', { pairingCode: code(n) })
    const { bans, bansInAll } = await limitsOf(broker)
    expect(bansInAll).toBe(1)
    expect(bans).toEqual([{ kind: 'session', subject: expect.any(String), until: expect.any(Number) }])
    expect(said(broker, 'limits.banned')).toHaveLength(1)
  })
})

describe('a ban', () => {
  const bansOf = async (
    broker: TestBroker,
    method = 'GET',
    query = '',
    bearer = `Bearer ${broker.operator}`,
  ) => {
    const headers = { authorization: bearer, 'x-forwarded-for': '198.51.100.1' }
    const response = await fetch(`${broker.url}/operator/bans${query}`, { method, headers })
    return { status: response.status, body: await response.json() }
  }

  it('is listed and taken back by the operator alone, which is in the audit and in the log', async () => {
    const broker = await testBroker({ ...TRUSTING, 'limit-address-failures': '1' })
    await registerFounding(await from(broker, '198.51.100.1'), broker, 'runner-1', code(1))
    for (const address of ['192.0.2.7', '192.0.2.8', '2001:db8::1'])
      expect(await guess(broker, address)).toBe('CODE_NOT_FOUND')
    expect(await guess(broker, '192.0.2.7', 1)).toBe('RATE_LIMITED')
    const { body } = await bansOf(broker)
    expect(body.bans).toHaveLength(3)
    expect(body.bans).toContainEqual({ kind: 'address', subject: '192.0.2.7', until: expect.any(Number) })
    expect(await bansOf(broker, 'DELETE', '?subject=192.0.2.7', '')).toMatchObject({
      status: 401,
    })
    expect(await bansOf(broker, 'DELETE')).toMatchObject({ status: 400 })
    expect(await bansOf(broker, 'DELETE', '?subject=192.0.2.9')).toMatchObject({
      status: 404,
      body: { code: 'NO_SUCH_BAN' },
    })
    const one = await bansOf(broker, 'DELETE', '?subject=192.0.2.7')
    expect(one.body.lifted).toMatchObject([{ kind: 'address', subject: '192.0.2.7' }])
    const honest = await from(broker, '192.0.2.7')
    expect(await honest.call('app:pair', { pairingCode: code(1) })).toMatchObject({ success: true })
    expect(await guess(broker, '192.0.2.8', 1)).toBe('RATE_LIMITED')

    expect((await bansOf(broker, 'DELETE', '?all=true')).body.lifted).toHaveLength(2)
    expect((await bansOf(broker)).body).toEqual({ bans: [], bansInAll: 0 })
    expect(said(broker, 'limits.lifted')).toHaveLength(3)
    const headers = { authorization: `Bearer ${broker.operator}` }
    const audit = await fetch(`${broker.url}/operator/history?from=audit&outcome=lifted`, { headers })
    const { entries } = await audit.json()
    expect(entries.map(({ subject }: { subject: string }) => subject).toSorted()).toEqual([
      'address:192.0.2.7',
      'address:192.0.2.8',
      'address:2001:db8:0:0::/64',
    ])
  })
})

describe('a new app', () => {
  it('waits its turn behind thirty others of its address; one that was there before does not', async () => {
    const broker = await testBroker({ ...TRUSTING, 'limit-new-apps': '3' })
    await registerFounding(await from(broker, '198.51.100.1'), broker, 'runner-1', code(1))
    const apps = []
    for (let n = 1; n <= 3; n++) {
      const app = await from(broker, '192.0.2.7')
      expect(await app.call('app:pair', { pairingCode: code(1) })).toMatchObject({ success: true })
      apps.push(app)
    }
    expect(await guess(broker, '192.0.2.7', 1)).toBe('RATE_LIMITED')
    expect(await apps[0]?.call('app:pair', { pairingCode: code(1) })).toMatchObject({ success: true })
    expect((await limitsOf(broker)).bans).toEqual([
      { kind: 'newcomers', subject: '192.0.2.7', until: expect.any(Number) },
    ])
  })
})

describe('with strict codes', () => {
  it('an unknown, an ended and an absent one are refused in the same words', async () => {
    const broker = await testBroker({ ...TRUSTING, 'strict-codes': 'on' })
    const runner = await from(broker, '198.51.100.1')
    await registerFounding(runner, broker, 'runner-1', code(1))
    await runner.call('runner:rotate', { pairingCode: code(2) })
    runner.socket.io.engine.close()
    await expect.poll(() => said(broker, 'runner.lost')).toHaveLength(1)
    const app = await from(broker, '192.0.2.7')
    const refusals = []
    for (const n of [999, 1, 2]) refusals.push(await app.call('app:pair', { pairingCode: code(n) }))
    expect(refusals[0]).toMatchObject({ success: false, code: 'CODE_NOT_FOUND' })
    expect(refusals).toEqual([refusals[0], refusals[0], refusals[0]])
  })
})

describe('a code that many find', () => {
  it('makes its runner take another once ten apps have found it and none got further; they stay paired', async () => {
    const broker = await testBroker({ ...TRUSTING, 'limit-code-finds': '4' })
    const runner = await from(broker, '198.51.100.1')
    await registerFounding(runner, broker, 'runner-1', code(1))
    const finders = []
    const renewals: boolean[] = []
    for (let n = 1; n <= 4; n++) {
      const app = await from(broker, `192.0.2.${n}`)
      expect(await app.call('app:pair', { pairingCode: code(1) })).toMatchObject({ success: true })
      finders.push(app)
      renewals.push(runner.heard.some(({ event }) => event === 'runner:code:renew'))
    }
    // What the fourth sets off may have come already.
    expect(renewals.slice(0, 3)).toEqual([false, false, false])
    expect(await runner.next('runner:code:renew')).toEqual({ reason: 'guessing' })
    expect(said(broker, 'limits.code-known')).toHaveLength(1)
    expect(await runner.call('runner:rotate', { pairingCode: code(2) })).toMatchObject({ success: true })
    for (const app of finders)
      expect(await app.call('app:pairing:status')).toMatchObject({ paired: true, runnerId: 'runner-1' })
    expect(await guess(broker, '192.0.2.9', 1)).toBe('CODE_EXPIRED')
  })
})
