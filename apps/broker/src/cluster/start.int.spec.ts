import { join } from 'node:path'
import { instant } from '@latchkey/domain/kernel'
import { renewInstance } from '@latchkey/domain/runner-pairing/instance-lease'
import { parseInstanceId } from '@latchkey/domain/runner-pairing/records'
import { defaultPairingRules } from '@latchkey/domain/runner-pairing/rules'
import { openPostgres } from '@latchkey/stores/postgres/database'
import { openRedis } from '@latchkey/stores/redis/connection'
import { redisPairingStore } from '@latchkey/stores/redis/pairing.store'
import { openSqlite } from '@latchkey/stores/sqlite/database'
import { sqlitePairingStore } from '@latchkey/stores/sqlite/pairing.store'
import { startPostgresServer } from '@latchkey/stores/testing/postgres-server'
import { startRedisServer } from '@latchkey/stores/testing/redis-server'
import { afterEach, describe, expect, it } from 'vitest'
import {
  atCleanUp,
  cleanUp,
  code,
  registerFounding,
  type TestBroker,
  type TestClient,
  testBroker,
} from '../testing/harness.ts'

afterEach(cleanUp)

const NOWHERE = '127.0.0.1:1'

async function pairs(broker: TestBroker): Promise<{ readonly runner: TestClient; readonly app: TestClient }> {
  const runner = await broker.connect()
  const registered = await registerFounding(runner, broker, 'runner-1', code(1))
  expect(registered).toMatchObject({ success: true })
  const app = await broker.connect()
  expect(await app.call('app:pair', { pairingCode: code(1) })).toMatchObject({ success: true })
  return { runner, app }
}

const whyNot = (outcome: PromiseSettledResult<unknown> | undefined): string =>
  outcome?.status === 'rejected' ? String(outcome.reason) : 'it started'

describe('a broker', () => {
  it('refuses a data folder in which another one works, and takes it when that one has stopped', async () => {
    const first = await testBroker()
    const second = () => testBroker({ 'data-dir': first.dataDir })
    await expect(second()).rejects.toThrow(/another broker works in .* already/)
    await pairs(first)
    await first.stop()
    await pairs(await second())
  })

  it('alone on a file, takes back at once what a killed one held there, whatever its clock was', async () => {
    const first = await testBroker()
    await first.stop()
    const file = join(first.dataDir, 'broker.sqlite')
    const aheadMs = 86_400_000
    const killed = sqlitePairingStore(await openSqlite(file), { clock: () => Date.now() + aheadMs })
    const nodeId = parseInstanceId('a'.repeat(32))
    if (nodeId === null) throw new Error('unreachable')
    const summary = { host: 'h', version: '0', runners: 0, apps: 0, terminals: 0 }
    const facts = { nodeId, address: null, publicUrl: null, summary }
    await killed.run(renewInstance({ facts }, defaultPairingRules))
    await killed.close()

    const again = await testBroker({ 'data-dir': first.dataDir })
    const store = sqlitePairingStore(await openSqlite(file), { clock: Date.now })
    const instances = await store.list('node')
    await store.close()
    const left = instances.find((instance) => instance.nodeId === nodeId)
    expect(left?.leaseUntil).toBeLessThanOrEqual(Date.now())
    await pairs(again)
  })

  it('works alone on Redis, and refuses to be the second one there', async () => {
    const redis = await startRedisServer()
    const env = { REDIS_URL: redis.url }
    const first = await testBroker({}, env)
    await pairs(first)
    await expect(testBroker({}, env)).rejects.toThrow(/several brokers need DATABASE_URL/)
    await pairs(first)
  })

  it('hears nothing of another that has another database of the same Redis', async () => {
    const redis = await startRedisServer()
    const [one, other] = await Promise.all([
      testBroker({}, { REDIS_URL: `${redis.url}/1` }),
      testBroker({}, { REDIS_HOST: '127.0.0.1', REDIS_PORT: String(redis.port), REDIS_DB: '2' }),
    ])
    const here = await pairs(one)
    const there = await pairs(other)
    for (const { runner, app } of [here, there]) {
      await app.call('app:unpair')
      await runner.next('runner:app:unpaired')
    }
    // What the first broker told went over Redis before the second app left.
    expect(there.runner.heard.filter(({ event }) => event === 'runner:app:unpaired')).toHaveLength(1)
  })

  it('takes over a Redis from one that was killed a moment ago', async () => {
    const redis = await startRedisServer()
    const store = redisPairingStore(await openRedis({ url: redis.url }))
    const nodeId = parseInstanceId('a'.repeat(32))
    if (nodeId === null) throw new Error('unreachable')
    const summary = { host: 'h', version: '0', runners: 0, apps: 0, terminals: 0 }
    const killed = await store.run(
      renewInstance({ facts: { nodeId, address: null, publicUrl: null, summary } }, defaultPairingRules),
    )
    expect(killed.leaseUntil).toBeGreaterThan(instant(0))
    await store.close()
    await pairs(await testBroker({}, { REDIS_HOST: '127.0.0.1', REDIS_PORT: String(redis.port) }))
  })

  it('works alone on PostgreSQL, and keeps pairings there over a restart', async () => {
    const postgres = await startPostgresServer()
    const broker = await testBroker({}, { DATABASE_URL: postgres.url })
    await pairs(broker)
    const again = await broker.restart()
    const response = await fetch(`${again.url}/readyz`)
    expect(response.status).toBe(200)
    const runner = await again.connect()
    expect(await registerFounding(runner, again, 'runner-1', code(1))).toMatchObject({
      success: true,
      resumed: true,
    })
  })

  it('says which server does not answer, at start and without its password', async () => {
    const [redis, postgres] = await Promise.allSettled([
      testBroker({}, { REDIS_URL: `redis://:hunter2@${NOWHERE}` }),
      testBroker({}, { DATABASE_URL: `postgres://u:hunter2@${NOWHERE}/d` }),
    ])
    expect(whyNot(redis)).toContain('Redis at 127.0.0.1:1')
    expect(whyNot(postgres)).toContain('PostgreSQL at 127.0.0.1:1')
    for (const outcome of [redis, postgres]) expect(whyNot(outcome)).not.toContain('hunter2')
  })

  it('shares the enrolment secret that was set by hand, or says that it is not the shared one', async () => {
    const postgres = await startPostgresServer()
    const env = { DATABASE_URL: postgres.url, LATCHKEY_RUNNER_SECRET: 'a-secret-of-my-own' }
    const first = await testBroker({}, env)
    await first.stop()
    const other = { ...env, LATCHKEY_RUNNER_SECRET: 'another-secret-of-mine' }
    await expect(testBroker({}, other)).rejects.toThrow(/LATCHKEY_RUNNER_SECRET/)
  })
})

it('a broker has no more connections to PostgreSQL than its setting allows, however much is asked at once', async () => {
  const { url } = await startPostgresServer()
  const broker = await testBroker(
    {},
    { DATABASE_URL: url, LATCHKEY_DATABASE_CONNECTIONS: '2', LATCHKEY_DATABASE_TIMEOUT: '20000' },
  )
  const asked = Array.from({ length: 12 }, () => fetch(`${broker.url}/readyz`))
  for (const answer of await Promise.all(asked)) expect(answer.status).toBe(200)
  const watcher = await openPostgres(url, { answerTimeoutMs: 20_000 })
  atCleanUp(() => watcher.close())
  const [row] = await watcher.query<{ open: string }>({
    text: "SELECT count(*) AS open FROM pg_stat_activity WHERE application_name = 'latchkey' AND pid <> pg_backend_pid()",
  })
  expect(Number(row?.open)).toBeLessThanOrEqual(2)
  expect(Number(row?.open)).toBeGreaterThan(0)
})
