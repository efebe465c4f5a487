import { startPostgresServer } from '@latchkey/stores/testing/postgres-server'
import { startRedisServer } from '@latchkey/stores/testing/redis-server'
import { afterEach, beforeAll, beforeEach } from 'vitest'
import { cleanUp, type TestBroker, testBroker } from './harness.ts'

/** Where the stores of a cluster are, as environment variables of its brokers. */
interface SharedStores {
  readonly REDIS_URL: string
  readonly DATABASE_URL: string
}

/**
 * Two brokers on one Redis and one PostgreSQL: the stores for all tests of the file, new brokers for each test. Call it once
 * per file; `take` gets the brokers before each test, and they end after it. Answers with where the stores are.
 */
export function twoBrokers(take: (a: TestBroker, b: TestBroker) => void): () => SharedStores {
  let stores: SharedStores | undefined
  const started = (): SharedStores => {
    if (stores === undefined)
      throw new Error('The stores start before the first test; they cannot be used yet.')
    return stores
  }
  beforeAll(async () => {
    const [redis, postgres] = await Promise.all([startRedisServer(), startPostgresServer()])
    stores = { REDIS_URL: redis.url, DATABASE_URL: postgres.url }
  })
  beforeEach(async () => take(await testBroker({}, { ...started() }), await testBroker({}, { ...started() })))
  afterEach(cleanUp)
  return started
}
