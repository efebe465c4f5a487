import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openPostgres } from '@latchkey/stores/postgres/database'
import { openRedis } from '@latchkey/stores/redis/connection'
import { startPostgresServer } from '@latchkey/stores/testing/postgres-server'
import { type RedisServer, startRedisServer } from '@latchkey/stores/testing/redis-server'
import { afterEach, expect, it } from 'vitest'
import { FaultProxy } from '../../../../test/faults/fault-proxy.ts'
import {
  atCleanUp,
  cleanUp,
  code,
  registerFounding,
  type TestBroker,
  testBroker,
} from '../testing/harness.ts'

afterEach(cleanUp)

const PATIENTLY = { timeout: 60_000 }

const readiness = async ({ url }: TestBroker): Promise<string> => {
  const response = await fetch(`${url}/readyz`)
  return `${response.status} ${await response.text()}`
}

async function administratorOf(server: RedisServer) {
  const connection = await openRedis({ url: server.url })
  atCleanUp(() => connection.close())
  return connection.redis
}

it('a Redis that answers and takes no writes makes a broker not ready, and it says why', async () => {
  const redis = await startRedisServer()
  const admin = await administratorOf(redis)
  const broker = await testBroker({}, { REDIS_URL: redis.url })
  await expect.poll(() => readiness(broker), PATIENTLY).toMatch(/^200/)

  await admin.config('SET', 'maxmemory', '1')
  await expect.poll(() => readiness(broker), PATIENTLY).toMatch(/^503 .*the store: its memory is full/)
  await admin.config('SET', 'maxmemory', '0')
  await expect.poll(() => readiness(broker), PATIENTLY).toMatch(/^200/)

  await admin.config('SET', 'min-replicas-to-write', '1')
  await expect.poll(() => readiness(broker), PATIENTLY).toMatch(/^503 .*too few of its replicas/)
  await admin.config('SET', 'min-replicas-to-write', '0')
  await expect.poll(() => readiness(broker), PATIENTLY).toMatch(/^200/)

  // A folder stands where the file should be: the snapshot fails, and Redis refuses writes from then on.
  const [, folder = ''] = [await admin.config('GET', 'dir')].flat().map(String)
  mkdirSync(join(folder, 'dump.rdb', 'full'), { recursive: true })
  await admin.config('SET', 'save', '3600 1')
  await admin.bgsave()
  await expect.poll(() => readiness(broker), PATIENTLY).toMatch(/^503 .*it cannot write to its disk/)
  await admin.config('SET', 'stop-writes-on-bgsave-error', 'no')
  await expect.poll(() => readiness(broker), PATIENTLY).toMatch(/^200/)
})

it('after a fail-over a broker leaves the demoted primary, and goes on by itself with the new one', async () => {
  const [old, next] = [await startRedisServer(), await startRedisServer()]
  const proxy = new FaultProxy(old.port)
  atCleanUp(() => proxy.close())
  const address = (await proxy.listen()).replace('http', 'redis')
  const broker = await testBroker({}, { REDIS_URL: address })
  await expect.poll(() => readiness(broker), PATIENTLY).toMatch(/^200/)

  await (await administratorOf(old)).replicaof('127.0.0.1', next.port)
  await expect.poll(() => readiness(broker), PATIENTLY).toMatch(/^503 .*it is a replica/)
  // Connections that are open stay with the old one until they are left.
  proxy.leadTo(next.port)
  await expect.poll(() => readiness(broker), PATIENTLY).toMatch(/^200/)
  const runner = await broker.connect()
  expect(await registerFounding(runner, broker, 'runner-1', code(1))).toMatchObject({ success: true })
})

it('a PostgreSQL that may only be read makes a broker not ready, alone and beside Redis', async () => {
  const [redis, postgres] = await Promise.all([startRedisServer(), startPostgresServer()])
  const brokers = [
    await testBroker({}, { DATABASE_URL: postgres.url }),
    await testBroker({}, { DATABASE_URL: await postgres.createDatabase(), REDIS_URL: redis.url }),
  ]
  const admin = await openPostgres(postgres.url, { connectionsMax: 1, answerTimeoutMs: 20_000 })
  atCleanUp(() => admin.close())
  const set = async (readOnly: 'on' | 'off') => {
    // Its own connection goes on writing.
    await admin.query({ text: 'SET default_transaction_read_only = off' })
    await admin.query({ text: `ALTER SYSTEM SET default_transaction_read_only = ${readOnly}` })
    await admin.query({ text: 'SELECT pg_reload_conf()' })
  }
  for (const broker of brokers) await expect.poll(() => readiness(broker), PATIENTLY).toMatch(/^200/)
  await set('on')
  for (const broker of brokers)
    await expect.poll(() => readiness(broker), PATIENTLY).toMatch(/^503 .*may only be read/)
  await set('off')
  for (const broker of brokers) await expect.poll(() => readiness(broker), PATIENTLY).toMatch(/^200/)
})
