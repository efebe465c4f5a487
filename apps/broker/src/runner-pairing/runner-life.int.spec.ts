import { afterEach, describe, expect, it } from 'vitest'
import {
  appToken,
  cleanUp,
  code,
  registerFounding,
  registerOurs,
  runnerKeys,
  type TestClient,
  testBroker,
  turns,
  within,
} from '../testing/harness.ts'

afterEach(cleanUp)

/** Cuts the transport without a word, as a network does. */
async function cut(client: TestClient): Promise<void> {
  client.socket.io.engine.close()
  await client.ended
}

describe('who may speak for a runner', () => {
  it('needs the enrolment secret once, then its key alone', async () => {
    const broker = await testBroker()
    const keys = runnerKeys()
    const said = { pairingCode: code(1), incarnation: 'a'.repeat(32) }
    const first = await broker.connect()
    expect(await registerOurs(first, keys, said)).toMatchObject({ code: 'INVALID_SECRET' })
    expect(await registerOurs(first, keys, { ...said, secret: broker.secret })).toMatchObject({
      success: true,
    })
    const second = await broker.connect()
    expect(await registerOurs(second, keys, said)).toMatchObject({ success: true, resumed: true })
    const thief = await broker.connect()
    const { runnerId } = keys
    const withoutKey = { runnerId, pairingCode: code(1), secret: broker.secret }
    expect(await thief.call('runner:register', withoutKey)).toMatchObject({ code: 'INVALID_SECRET' })
    const other = runnerKeys()
    const withOtherKey = { ...withoutKey, publicKey: other.publicKey }
    expect(await thief.call('runner:register', withOtherKey)).toMatchObject({ code: 'INVALID_SECRET' })
  })

  it('takes a nonce once, from its own connection only', async () => {
    const broker = await testBroker()
    const keys = runnerKeys()
    const one = await broker.connect()
    const { nonce } = await one.call('runner:challenge')
    expect(await one.next('runner:challenge:response')).toEqual({ success: true, nonce })
    const registration = {
      runnerId: keys.runnerId,
      publicKey: keys.publicKey,
      pairingCode: code(1),
      secret: broker.secret,
      nonce,
      signature: keys.sign(code(1), String(nonce)),
    }
    const other = await broker.connect()
    expect(await other.call('runner:register', registration)).toMatchObject({ code: 'INVALID_SECRET' })
    expect(await one.call('runner:register', registration)).toMatchObject({ success: true })
    expect(await one.call('runner:register', registration)).toMatchObject({ code: 'INVALID_SECRET' })
  })

  it('cannot be locked out by somebody who guesses secrets for its id', async () => {
    const broker = await testBroker()
    const keys = runnerKeys()
    const runner = await broker.connect()
    const said = { pairingCode: code(1), incarnation: 'a'.repeat(32) }
    await registerOurs(runner, keys, { ...said, secret: broker.secret })
    const guesser = await broker.connect()
    const codes: unknown[] = []
    for (let n = 0; n < 8; n++) {
      const guess = { runnerId: 'guesser', pairingCode: code(9), secret: `guess ${n}` }
      codes.push((await guesser.call('runner:register', guess))['code'])
    }
    expect(codes).toEqual([
      ...Array.from({ length: 6 }, () => 'INVALID_SECRET'),
      'RATE_LIMITED',
      'RATE_LIMITED',
    ])
    const back = await broker.connect()
    expect(await registerOurs(back, keys, said)).toMatchObject({ success: true, resumed: true })
  })

  it('refuses a code that somebody else has', async () => {
    const broker = await testBroker()
    const [one, two] = [await broker.connect(), await broker.connect()]
    await registerFounding(one, broker, 'runner-1', code(1))
    const told = await registerFounding(two, broker, 'runner-2', code(1))
    expect(told).toMatchObject({ success: false, error: 'DUPLICATE_CODE', code: 'DUPLICATE_CODE' })
  })

  it('takes an id of 200 characters, and none that is longer', async () => {
    const broker = await testBroker()
    const runner = await broker.connect()
    expect(await registerFounding(runner, broker, 'r'.repeat(201), code(1))).toMatchObject({
      code: 'INVALID_FORMAT',
    })
    expect(await registerFounding(runner, broker, 'r'.repeat(200), code(1))).toMatchObject({ success: true })
    const app = await broker.connect()
    expect(await app.call('app:pair', { pairingCode: code(1) })).toMatchObject({ runnerId: 'r'.repeat(200) })
  })

  it('lets one connection speak for one runner', async () => {
    const broker = await testBroker()
    const runner = await broker.connect()
    await registerFounding(runner, broker, 'runner-1', code(1))
    expect(await registerFounding(runner, broker, 'runner-2', code(2))).toMatchObject({
      code: 'INVALID_FORMAT',
    })
  })
})

describe('a runner that goes', () => {
  it('with a goodbye ends at once: code and pairings are gone and the apps are told', async () => {
    const broker = await testBroker()
    const runner = await broker.connect()
    await registerFounding(runner, broker, 'runner-1', code(1))
    const app = await broker.connect()
    await app.call('app:pair', { pairingCode: code(1) })
    runner.close()
    expect(await app.next('runner:offline')).toEqual({ runnerId: 'runner-1', paired: false })
    expect(await app.call('app:pairing:status')).toMatchObject({ paired: false, runnerId: 'runner-1' })
  })

  it('without a word is suspended, and ends when the grace does', async () => {
    const broker = await testBroker({ grace: '1' })
    const runner = await broker.connect()
    await registerFounding(runner, broker, 'runner-1', code(1))
    const app = await broker.connect()
    await app.call('app:pair', { pairingCode: code(1) })
    await cut(runner)
    expect(await app.next('runner:offline')).toEqual({
      runnerId: 'runner-1',
      paired: true,
      until: expect.any(Number),
    })
    expect(await app.call('app:pairing:status')).toMatchObject({ paired: true, runnerOnline: false })
    expect(await app.next('runner:offline')).toEqual({ runnerId: 'runner-1', paired: false })
    expect(await app.call('app:pairing:status')).toMatchObject({ paired: false })
  })

  it('and comes back within the grace as the same process keeps its code and its apps', async () => {
    const broker = await testBroker()
    const keys = runnerKeys()
    const said = { pairingCode: code(1), incarnation: 'a'.repeat(32) }
    const runner = await broker.connect()
    await registerOurs(runner, keys, { ...said, secret: broker.secret })
    const app = await broker.connect()
    await app.call('app:pair', { pairingCode: code(1) })
    await cut(runner)
    await app.next('runner:offline')
    const back = await broker.connect()
    expect(await registerOurs(back, keys, { ...said, pairingCode: code(2) })).toMatchObject({
      resumed: true,
      pairingCode: code(1),
    })
    expect(await app.next('runner:online')).toEqual({ runnerId: keys.runnerId })
    expect(await app.call('app:pairing:status')).toMatchObject({ paired: true, runnerOnline: true })
  })

  it('and comes back as another process has begun anew: its apps pair again', async () => {
    const broker = await testBroker()
    const keys = runnerKeys()
    const runner = await broker.connect()
    const said = { pairingCode: code(1), incarnation: 'a'.repeat(32), secret: broker.secret }
    await registerOurs(runner, keys, said)
    const app = await broker.connect()
    await app.call('app:pair', { pairingCode: code(1) })
    await cut(runner)
    await app.next('runner:offline')
    const back = await broker.connect()
    const other = await registerOurs(back, keys, {
      ...said,
      pairingCode: code(2),
      incarnation: 'b'.repeat(32),
    })
    expect(other).toMatchObject({ resumed: false, pairingCode: code(2) })
    expect(await app.next('runner:offline')).toEqual({ runnerId: keys.runnerId, paired: false })
    expect(await app.call('app:pair', { pairingCode: code(1) })).toMatchObject({ code: 'CODE_EXPIRED' })
  })

  it('is superseded by its next connection, and its late end harms nothing', async () => {
    const broker = await testBroker()
    const keys = runnerKeys()
    const said = { pairingCode: code(1), incarnation: 'a'.repeat(32), secret: broker.secret }
    const old = await broker.connect()
    await registerOurs(old, keys, said)
    const app = await broker.connect()
    await app.call('app:pair', { pairingCode: code(1) })
    const next = await broker.connect()
    await registerOurs(next, keys, said)
    expect(await old.next('runner:superseded')).toEqual({ runnerId: keys.runnerId })
    expect(await within('the old one to be closed', old.ended)).toBe('io server disconnect')
    await turns()
    expect(await app.call('app:pairing:status')).toMatchObject({ paired: true, runnerOnline: true })
    expect(await next.call('runner:heartbeat', { runnerId: keys.runnerId })).toMatchObject({ success: true })
    expect(app.heard.map(({ event }) => event)).not.toContain('runner:offline')
  })

  it('while its registration is under way does not stay behind as a ghost', async () => {
    const broker = await testBroker({ grace: '0' })
    for (let n = 0; n < 20; n++) {
      const runner = await broker.connect()
      runner.socket.emit('runner:register', {
        runnerId: `r${n}`,
        pairingCode: code(n),
        secret: broker.secret,
      })
      runner.close()
    }
    const app = await broker.connect()
    for (const n of [0, 10, 19]) {
      const answer = async () => (await app.call('app:pair', { pairingCode: code(n) }))['code']
      await expect.poll(answer).toMatch(/^CODE_(NOT_FOUND|EXPIRED)$/)
    }
  })
})

describe('a broker that is restarted', () => {
  it('keeps codes, pairings and credentials', async () => {
    const before = await testBroker()
    const keys = runnerKeys()
    const said = { pairingCode: code(1), incarnation: 'a'.repeat(32), secret: before.secret }
    const runner = await before.connect()
    await registerOurs(runner, keys, said)
    const app = await before.connect()
    const clientToken = await appToken(app)
    await app.call('app:pair', { pairingCode: code(1) })
    const after = await before.restart()
    expect(after.secret).toBe(before.secret)
    const back = await after.connect({ clientToken })
    expect(await back.next('app:pairing:status:response')).toMatchObject({
      paired: true,
      runnerId: keys.runnerId,
    })
    const again = await after.connect()
    expect(await registerOurs(again, keys, said)).toMatchObject({ resumed: true, pairingCode: code(1) })
    expect(await back.next('runner:online')).toEqual({ runnerId: keys.runnerId })
    const second = await after.connect()
    expect(await second.call('app:pair', { pairingCode: code(1) })).toMatchObject({ success: true })
  })

  it('ends runners that do not come back, and tells their apps', async () => {
    const before = await testBroker({ grace: '2' })
    const runner = await before.connect()
    await registerFounding(runner, before, 'runner-1', code(1))
    const app = await before.connect()
    const clientToken = await appToken(app)
    await app.call('app:pair', { pairingCode: code(1) })
    await cut(runner)
    await app.next('runner:offline')
    const after = await before.restart()
    const back = await after.connect({ clientToken })
    expect(await back.next('app:pairing:status:response')).toMatchObject({
      paired: true,
      runnerOnline: false,
    })
    expect(await back.next('runner:offline')).toEqual({ runnerId: 'runner-1', paired: false })
  })

  it('tells its clients before it goes', async () => {
    const broker = await testBroker()
    const app = await broker.connect()
    const stopped = broker.stop()
    expect(await app.next('broker:restarting')).toEqual({ comeBackInMs: expect.any(Number) })
    await app.ended
    await stopped
  })
})

it('a runner ends pairings of its own, and of no other runner', async () => {
  const broker = await testBroker()
  const runnerWith = async (pairingCode: string) => {
    const client = await broker.connect()
    const said = { pairingCode, incarnation: 'a'.repeat(32), secret: broker.secret }
    expect(await registerOurs(client, runnerKeys(), said)).toMatchObject({ success: true })
    return client
  }
  const [own, other] = [await runnerWith(code(1)), await runnerWith(code(2))]
  const app = await broker.connect({ label: 'phone' })
  expect(await app.call('app:pair', { pairingCode: code(1) })).toMatchObject({ success: true })
  const { appSessionId } = await own.next('runner:app:paired')
  const order = { appSessionIds: [appSessionId] }
  const isPaired = async () => (await app.call('app:pairing:status', {}))['paired']
  expect(await other.call('runner:revoke', order)).toMatchObject({ success: true })
  expect(await isPaired()).toBe(true)
  expect(await own.call('runner:revoke', order)).toMatchObject({ success: true })
  expect(await isPaired()).toBe(false)
  expect(await app.call('runner:revoke', order), 'who is no runner').toMatchObject({ code: 'INVALID_SECRET' })
})
