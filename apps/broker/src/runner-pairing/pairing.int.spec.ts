import { afterEach, describe, expect, it } from 'vitest'
import {
  appToken,
  cleanUp,
  code,
  registerFounding,
  registerOurs,
  runnerKeys,
  testBroker,
  turns,
  until,
} from '../testing/harness.ts'

afterEach(cleanUp)

describe('the founding wire', () => {
  it('answers runner:register by its acknowledgement and by runner:register:success with the same object', async () => {
    const broker = await testBroker()
    const runner = await broker.connect()
    const acknowledged = await registerFounding(runner, broker, 'runner-1', 'ABC-123-XYZ')
    const told = await runner.next('runner:register:success')
    expect(told).toEqual(acknowledged)
    expect(told).toMatchObject({
      success: true,
      runnerId: 'runner-1',
      pairingCode: 'ABC-123-XYZ',
      message: expect.any(String),
      resumed: false,
      epoch: expect.any(Number),
      terminal: { ticket: expect.stringMatching(/^[\w-]+$/), expiresAt: expect.any(Number) },
    })
    expect(Number(told['expiresAt']) - Number(told['serverTime'])).toBeGreaterThan(86_399_000)
  })

  it('answers by the event alone when no acknowledgement was asked for', async () => {
    const broker = await testBroker()
    const runner = await broker.connect()
    runner.socket.emit('runner:register', { runnerId: 'r', pairingCode: code(1), secret: 'wrong' })
    expect(await runner.next('runner:register:error')).toEqual({
      success: false,
      error: 'INVALID_SECRET',
      code: 'INVALID_SECRET',
      message: expect.any(String),
    })
  })

  it('pairs by a code typed any way, and tells the runner who came', async () => {
    const broker = await testBroker()
    const runner = await broker.connect()
    await registerFounding(runner, broker, 'runner-1', 'ABC-123-XYZ')
    const app = await broker.connect({ label: 'Pixel\u202e 8\u0007' })
    const acknowledged = await app.call('app:pair', { pairingCode: ' abc 123xyz ' })
    expect(await app.next('app:pair:success')).toEqual(acknowledged)
    expect(acknowledged).toMatchObject({ success: true, runnerId: 'runner-1', pairedAt: expect.any(Number) })
    expect(await runner.next('runner:app:paired')).toEqual({
      appSessionId: expect.stringMatching(/^[\w-]+$/),
      pid: acknowledged['pid'],
      address: '127.0.0.1',
      label: 'Pixel 8',
    })
  })

  it('names every refusal of app:pair as the founding document does', async () => {
    const broker = await testBroker({ grace: '60' })
    const app = await broker.connect()
    const refused = async (pairingCode: unknown) => {
      const told = await app.call('app:pair', { pairingCode })
      expect(await app.next('app:pair:error')).toEqual(told)
      expect(told['error']).toBe(told['code'])
      return told['code']
    }
    expect(await refused('nonsense')).toBe('INVALID_FORMAT')
    expect(await refused(7)).toBe('INVALID_FORMAT')
    expect(await refused('ABC-123-XYZ')).toBe('CODE_NOT_FOUND')
    const runner = await broker.connect()
    await registerFounding(runner, broker, 'runner-1', 'ABC-123-XYZ')
    runner.socket.io.engine.close()
    await until('the loss to be noticed', () => broker.log.some((line) => line.includes('runner.lost')))
    expect(await refused('ABC-123-XYZ')).toBe('RUNNER_OFFLINE')
    const second = await broker.connect()
    await registerFounding(second, broker, 'runner-2', 'DEF-456-XYZ')
    second.close()
    await until('the goodbye to be heard', () => broker.log.some((line) => line.includes('runner.gone')))
    expect(await refused('DEF-456-XYZ')).toBe('CODE_EXPIRED')
  })

  it('says how an app stands, and unpairs it, also when it was not paired', async () => {
    const broker = await testBroker()
    const app = await broker.connect()
    expect(await app.call('app:pairing:status')).toEqual({
      success: true,
      paired: false,
      message: expect.any(String),
    })
    const runner = await broker.connect()
    await registerFounding(runner, broker, 'runner-1', code(1))
    await app.call('app:pair', { pairingCode: code(1) })
    const status = await app.call('app:pairing:status')
    expect(status).toMatchObject({ paired: true, runnerId: 'runner-1', runnerOnline: true })
    expect(await app.next('app:pairing:status:response')).toMatchObject({ paired: false })
    const unpaired = await app.call('app:unpair')
    expect(await app.next('app:unpair:success')).toEqual(unpaired)
    expect(unpaired).toMatchObject({ success: true, runnerId: 'runner-1' })
    expect(await runner.next('runner:app:unpaired')).toEqual({ appSessionId: expect.any(String) })
    expect(await app.call('app:unpair')).toEqual({ success: true, message: expect.any(String) })
    expect(await (await broker.connect()).call('app:pair', { pairingCode: code(1) })).toMatchObject({
      success: true,
    })
  })

  it('refuses a heartbeat for another runner with INVALID_SECRET, and nothing changes', async () => {
    const broker = await testBroker()
    const mine = await broker.connect()
    await registerFounding(mine, broker, 'runner-1', code(1))
    const other = await broker.connect()
    await registerFounding(other, broker, 'runner-2', code(2))
    expect(await other.call('runner:heartbeat', { runnerId: 'runner-1' })).toMatchObject({
      code: 'INVALID_SECRET',
    })
    expect(await mine.call('runner:heartbeat', { runnerId: 'runner-1' })).toMatchObject({ success: true })
    const stranger = await broker.connect()
    expect(await stranger.call('runner:heartbeat', { runnerId: 'runner-1' })).toMatchObject({
      code: 'INVALID_SECRET',
    })
    expect(stranger.socket.connected).toBe(true)
  })

  it('answers a call that does not exist, and one that is malformed', async () => {
    const broker = await testBroker()
    const client = await broker.connect()
    expect(await client.call('app:teleport', {})).toMatchObject({ success: false, code: 'INVALID_FORMAT' })
    for (const request of [null, 7, [], 'x', { runnerId: {} }, { __proto__: { runnerId: 'x' } }]) {
      expect(await client.call('runner:register', request)).toMatchObject({
        success: false,
        code: 'INVALID_FORMAT',
      })
    }
  })
})

describe('wrong codes', () => {
  it('five never ban, the sixth is still evaluated and bans, the seventh hears for how long', async () => {
    const broker = await testBroker()
    const app = await broker.connect()
    for (let n = 1; n <= 5; n++) {
      const told = await app.call('app:pair', { pairingCode: code(n) })
      expect(told).toMatchObject({ code: 'CODE_NOT_FOUND' })
      expect(told).not.toHaveProperty('remainingBanTime')
    }
    expect(await app.call('app:pair', { pairingCode: code(6) })).toMatchObject({
      code: 'CODE_NOT_FOUND',
      remainingBanTime: 300,
    })
    const seventh = await app.call('app:pair', { pairingCode: code(7) })
    expect(seventh).toMatchObject({ code: 'RATE_LIMITED' })
    expect(seventh['remainingBanTime']).toBeGreaterThan(295)
    expect(seventh['remainingBanTime']).toBeLessThanOrEqual(300)
  })

  it('of fresh sessions from one address share its budget', async () => {
    const broker = await testBroker()
    const codes: unknown[] = []
    for (let n = 0; n < 22; n++) {
      const app = await broker.connect()
      codes.push((await app.call('app:pair', { pairingCode: code(n) }))['code'])
      app.close()
    }
    expect(codes.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 'CODE_NOT_FOUND'))
    expect(codes.slice(20)).toEqual(['RATE_LIMITED', 'RATE_LIMITED'])
  })

  it('sent in parallel are evaluated six times at most', async () => {
    const broker = await testBroker()
    const app = await broker.connect()
    const told = await Promise.all(
      Array.from({ length: 100 }, (_, n) => app.call('app:pair', { pairingCode: code(n) })),
    )
    expect(told.filter((each) => each['code'] === 'CODE_NOT_FOUND')).toHaveLength(6)
    expect(told.filter((each) => each['code'] === 'RATE_LIMITED')).toHaveLength(94)
  })
})

describe('who an app is', () => {
  it('is told its credential once, and comes back with it to its pairing without asking', async () => {
    const broker = await testBroker()
    const runner = await broker.connect()
    await registerFounding(runner, broker, 'runner-1', code(1))
    const app = await broker.connect()
    const clientToken = await appToken(app)
    await app.call('app:pair', { pairingCode: code(1) })
    app.close()
    const back = await broker.connect({ clientToken })
    expect(await back.next('app:pairing:status:response')).toMatchObject({
      paired: true,
      runnerId: 'runner-1',
    })
    expect(back.heard.map(({ event }) => event)).not.toContain('app:session')
  })

  it('cannot be forged, nor made up by the client', async () => {
    const broker = await testBroker()
    const runner = await broker.connect()
    await registerFounding(runner, broker, 'runner-1', code(1))
    const app = await broker.connect()
    const [id, issued, signature = ''] = (await appToken(app)).split('.')
    await app.call('app:pair', { pairingCode: code(1) })
    const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
    for (const clientToken of [`${id}.${issued}.${flipped}`, 'client-123', `${id}.${issued}`, '']) {
      const forger = await broker.connect({ clientToken })
      expect(await forger.call('app:pairing:status')).toMatchObject({ paired: false })
      expect(await appToken(forger)).not.toContain(String(id))
    }
  })

  it('may be made by the client where foreign clients are switched on', async () => {
    const broker = await testBroker({ 'foreign-clients': 'on' })
    const runner = await broker.connect()
    await registerFounding(runner, broker, 'runner-1', code(1))
    const app = await broker.connect({ clientToken: 'client-123' })
    await app.call('app:pair', { pairingCode: code(1) })
    const back = await broker.connect({ clientToken: 'client-123' })
    expect(await back.next('app:pairing:status:response')).toMatchObject({ paired: true })
  })

  it('is never its public handle', async () => {
    const broker = await testBroker()
    const runner = await broker.connect()
    await registerFounding(runner, broker, 'runner-1', code(1))
    const app = await broker.connect()
    const clientToken = await appToken(app)
    await app.call('app:pair', { pairingCode: code(1) })
    const { appSessionId } = await runner.next('runner:app:paired')
    expect(clientToken).not.toContain(String(appSessionId))
  })
})

describe('pairing again', () => {
  it('with another runner moves the app, and the first one is told', async () => {
    const broker = await testBroker()
    const [one, two] = [await broker.connect(), await broker.connect()]
    await registerFounding(one, broker, 'runner-1', code(1))
    await registerFounding(two, broker, 'runner-2', code(2))
    const app = await broker.connect()
    await app.call('app:pair', { pairingCode: code(1) })
    await app.call('app:pair', { pairingCode: code(2) })
    expect(await one.next('runner:app:unpaired')).toMatchObject({ appSessionId: expect.any(String) })
    one.close()
    await turns()
    expect(await app.call('app:pairing:status')).toMatchObject({ paired: true, runnerId: 'runner-2' })
    expect(app.heard.map(({ event }) => event)).not.toContain('runner:offline')
  })

  it('is possible by a route ticket that the runner deposited', async () => {
    const broker = await testBroker()
    const keys = runnerKeys()
    const runner = await broker.connect()
    const { createHash } = await import('node:crypto')
    const digest = createHash('sha256').update('ticket-0123456789').digest('hex')
    const { nonce } = await runner.call('runner:challenge')
    await runner.call('runner:register', {
      runnerId: keys.runnerId,
      publicKey: keys.publicKey,
      pairingCode: code(1),
      nonce,
      signature: keys.sign(code(1), String(nonce)),
      secret: broker.secret,
      routeTickets: [digest],
    })
    const app = await broker.connect()
    const wrong = await app.call('app:pair', { runnerId: keys.runnerId, routeTicket: 'another' })
    expect(wrong).toMatchObject({ code: 'CODE_NOT_FOUND' })
    const right = await app.call('app:pair', { runnerId: keys.runnerId, routeTicket: 'ticket-0123456789' })
    expect(right).toMatchObject({ success: true, runnerId: keys.runnerId })
  })
})

it('rotating gives a new code and keeps the apps', async () => {
  const broker = await testBroker()
  const keys = runnerKeys()
  const runner = await broker.connect()
  await registerOurs(runner, keys, {
    pairingCode: code(1),
    incarnation: 'a'.repeat(32),
    secret: broker.secret,
  })
  const app = await broker.connect()
  expect(await app.call('app:pair', { pairingCode: code(1) })).toMatchObject({ runnerLabel: 'test machine' })
  const rotated = await runner.call('runner:rotate', { pairingCode: code(2) })
  expect(await runner.next('runner:rotate:success')).toEqual(rotated)
  expect(rotated).toMatchObject({ success: true, pairingCode: code(2) })
  expect(await app.call('app:pairing:status')).toMatchObject({ paired: true })
  const second = await broker.connect()
  expect(await second.call('app:pair', { pairingCode: code(1) })).toMatchObject({ code: 'CODE_EXPIRED' })
  expect(await second.call('app:pair', { pairingCode: code(2) })).toMatchObject({ success: true })
})
