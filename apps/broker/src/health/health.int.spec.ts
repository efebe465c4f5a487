import { startPostgresServer } from '@latchkey/stores/testing/postgres-server'
import { startRedisServer } from '@latchkey/stores/testing/redis-server'
import { afterEach, expect, it } from 'vitest'
import { cleanUp, type TestBroker, testBroker } from '../testing/harness.ts'

afterEach(cleanUp)

const asked = async (broker: TestBroker, path: string) => {
  const response = await fetch(`${broker.url}${path}`)
  return { status: response.status, text: await response.text() }
}

it('a broker on a file of its own lives and is ready', async () => {
  const broker = await testBroker()
  expect((await asked(broker, '/healthz')).status).toBe(200)
  expect((await asked(broker, '/readyz')).status).toBe(200)
})

it('a broker whose Redis or PostgreSQL does not answer lives, is not ready, and says which it is', async () => {
  const [redis, postgres] = await Promise.all([startRedisServer(), startPostgresServer()])
  const broker = await testBroker({}, { REDIS_URL: redis.url, DATABASE_URL: postgres.url })
  expect((await asked(broker, '/readyz')).status).toBe(200)

  redis.pause()
  const withoutRedis = await asked(broker, '/readyz')
  expect(withoutRedis.status).toBe(503)
  expect(withoutRedis.text).toContain('Redis')
  expect(withoutRedis.text).not.toContain('PostgreSQL')
  expect((await asked(broker, '/healthz')).status).toBe(200)
  redis.resume()
  await expect.poll(async () => (await asked(broker, '/readyz')).status).toBe(200)

  postgres.pause()
  const withoutPostgres = await asked(broker, '/readyz')
  expect(withoutPostgres.status).toBe(503)
  expect(withoutPostgres.text).toContain('PostgreSQL')
  postgres.resume()
  await expect.poll(async () => (await asked(broker, '/readyz')).status).toBe(200)
})
