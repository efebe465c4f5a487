import { historyReply } from '@latchkey/protocol/history'
import { FrameType } from '@latchkey/protocol/terminal/frames'
import { type PostgresServer, startPostgresServer } from '@latchkey/stores/testing/postgres-server'
import { startRedisServer } from '@latchkey/stores/testing/redis-server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  appToken,
  atCleanUp,
  cleanUp,
  code,
  registerOurs,
  runnerKeys,
  type TestBroker,
  type TestClient,
  testBroker,
  ticketOf,
} from '../testing/harness.ts'
import { enterTerminal } from '../testing/terminal-client.ts'

afterEach(cleanUp)

/** The refusals that allow another try: nothing was done by halves. */
const LATER = /^(NETWORK_ERROR|TIMEOUT)$/
const later = { success: false, code: expect.stringMatching(LATER) }

const us = (process: string, n: number, secret: string) => ({
  pairingCode: code(n),
  incarnation: process.repeat(32),
  secret,
})

let postgres: PostgresServer
beforeEach(async () => {
  postgres = await startPostgresServer({ durable: true })
  atCleanUp(() => postgres.stop())
})

/** A runner and an app that are paired, and a terminal channel between them. */
async function atWork(broker: TestBroker) {
  const keys = runnerKeys()
  const runner = await broker.connect()
  const registered = await registerOurs(runner, keys, us('a', 1, broker.secret))
  expect(registered).toMatchObject({ success: true })
  const app = await broker.connect()
  const clientToken = await appToken(app)
  expect(await app.call('app:pair', { pairingCode: code(1) })).toMatchObject({ success: true })
  const runnerEnd = await enterTerminal(broker.port, ticketOf(registered))
  await runnerEnd.next()
  const appEnd = await enterTerminal(broker.port, ticketOf(await app.call('terminal:ticket')))
  const { channel } = await appEnd.next()
  await runnerEnd.next()
  return { keys, runner, app, clientToken, runnerEnd, appEnd, channel }
}

async function eventually(call: () => Promise<Readonly<Record<string, unknown>>>): Promise<void> {
  await expect.poll(call).toMatchObject({ success: true })
}

const pairs = (app: TestClient, n: number) => app.call('app:pair', { pairingCode: code(n) })

describe('while PostgreSQL is away from a broker that has Redis too', () => {
  it('what is connected goes on and nobody new comes in; then everything is as before', async () => {
    const redis = await startRedisServer()
    atCleanUp(() => redis.stop())
    const broker = await testBroker({}, { REDIS_URL: redis.url, DATABASE_URL: postgres.url })
    const { keys, runner, app, clientToken, runnerEnd, appEnd, channel } = await atWork(broker)
    await postgres.kill()

    appEnd.send(FrameType.data, channel, Buffer.from('typed while it was away'))
    expect(Buffer.from((await runnerEnd.next()).payload).toString()).toBe('typed while it was away')
    expect(await app.call('app:pairing:status')).toMatchObject({ paired: true, runnerOnline: true })
    expect(await runner.call('runner:heartbeat', { runnerId: keys.runnerId })).toMatchObject({
      success: true,
    })
    expect(await app.call('terminal:ticket')).toMatchObject({ success: true })
    const returning = await broker.connect({ clientToken })
    expect(await returning.call('app:pairing:status')).toMatchObject({ paired: true })

    const fresh = await broker.connect()
    expect(await pairs(fresh, 1)).toMatchObject(later)
    expect(await pairs(fresh, 9)).toMatchObject({ code: 'CODE_NOT_FOUND' })
    expect(await returning.call('app:unpair')).toMatchObject(later)
    const stranger = await broker.connect()
    expect(await registerOurs(stranger, runnerKeys(), us('b', 2, broker.secret))).toMatchObject(later)
    // Whether its device was revoked is known to PostgreSQL alone, so a machine that comes back has to wait as well.
    const back = await broker.connect()
    const comesBack = () => registerOurs(back, keys, us('a', 1, broker.secret))
    expect(await comesBack()).toMatchObject(later)

    await postgres.start()
    await eventually(comesBack)
    expect(await app.call('app:pairing:status')).toMatchObject({ paired: true, runnerOnline: true })
    await eventually(() => pairs(fresh, 1))
    await eventually(() => returning.call('app:unpair'))
    const headers = { authorization: `Bearer ${broker.operator}` }
    const answer = await fetch(`${broker.url}/operator/history?from=audit`, { headers })
    const { entries } = historyReply.parse(await answer.json())
    expect(entries.map(({ outcome }) => outcome)).toEqual(['unpaired', 'paired', 'paired'])
  })
})

describe('while PostgreSQL is away from a broker that has nothing else', () => {
  it('calls are refused for now, terminals go on, and everything is there again when it is back', async () => {
    const broker = await testBroker({}, { DATABASE_URL: postgres.url })
    const { keys, runner, app, runnerEnd, appEnd, channel } = await atWork(broker)
    await postgres.kill()
    expect(await app.call('app:pairing:status')).toMatchObject(later)
    expect(await pairs(await broker.connect(), 1)).toMatchObject(later)
    appEnd.send(FrameType.data, channel, Buffer.from('typed while it was away'))
    expect(Buffer.from((await runnerEnd.next()).payload).toString()).toBe('typed while it was away')
    await postgres.start()
    await eventually(() => app.call('app:pairing:status'))
    expect(await app.call('app:pairing:status')).toMatchObject({ paired: true, runnerId: keys.runnerId })
    await eventually(() => runner.call('runner:heartbeat', { runnerId: keys.runnerId }))
  })

  it('a server that hangs keeps nobody waiting, and what became of the call is said to be unknown', async () => {
    const broker = await testBroker({}, { DATABASE_URL: postgres.url })
    const { app } = await atWork(broker)
    postgres.pause()
    const told = await app.call('app:pairing:status')
    expect(told).toMatchObject({ success: false, code: 'TIMEOUT' })
    postgres.resume()
    await eventually(() => app.call('app:pairing:status'))
  })
})
