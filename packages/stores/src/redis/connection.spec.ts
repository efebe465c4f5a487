import { expect, test } from 'vitest'
import { StoreUnavailable } from '../store-unavailable.ts'
import { startRedisServer } from '../testing/redis-server.ts'
import { standStill } from '../testing/stand-still.ts'
import { openRedis, type RedisConnection, unavailable } from './connection.ts'

/** What a caller is told, and that it took no longer than the promise. */
async function refusal(connection: RedisConnection): Promise<StoreUnavailable> {
  try {
    await connection.redis.set('key', 'value')
  } catch (error) {
    return unavailable(error)
  }
  return expect.fail('the command went through')
}

test('a server that is not there is told by name, and its password is not', async () => {
  const opening = openRedis({ url: 'redis://:hunter2@127.0.0.1:9/0' }, { openTimeoutMs: 200 })
  const error = await opening.then(
    () => expect.fail('it opened'),
    (problem: unknown) => problem,
  )
  expect(error).toBeInstanceOf(StoreUnavailable)
  expect(String(error)).toContain('127.0.0.1:9')
  expect(String(error)).not.toContain('hunter2')
})

test('it is opened by the founding parts: host, port, password and number of the database', async () => {
  const server = await startRedisServer({ args: ['--requirepass', 'open-sesame'] })
  const parts = { host: '127.0.0.1', port: server.port, password: 'open-sesame', db: 3 }
  const connection = await openRedis(parts)
  await connection.redis.set('key', 'value')
  expect(await connection.redis.info('keyspace')).toContain('db3:keys=1')
  await connection.close()
  await expect(openRedis({ ...parts, password: 'wrong' }, { openTimeoutMs: 500 })).rejects.toThrow(
    'does not let this broker in',
  )
  await server.stop()
})

test('a database that the server does not have is refused, and the first one is not taken instead', async () => {
  const server = await startRedisServer({ args: ['--databases', '4'] })
  const parts = { host: '127.0.0.1', port: server.port }
  await expect(openRedis({ ...parts, db: 4 })).rejects.toThrow('no database of that number')
  await expect(openRedis({ url: `${server.url}/4` })).rejects.toThrow('no database of that number')
  const last = await openRedis({ url: `${server.url}/3` })
  await last.close()
  await server.stop()
})

test('a server that may throw records away is warned about', async () => {
  const careless = await startRedisServer({ args: ['--maxmemory-policy', 'allkeys-lru'] })
  const connection = await openRedis({ url: careless.url })
  expect(connection.warnings).toEqual([expect.stringContaining('noeviction')])
  await connection.close()
  await careless.stop()
})

test('a replica and a cluster are refused in words', async () => {
  const primary = await startRedisServer()
  const replica = await startRedisServer({ args: ['--replicaof', '127.0.0.1', String(primary.port)] })
  await expect(openRedis({ url: replica.url })).rejects.toThrow('replica')
  const cluster = await startRedisServer({ args: ['--cluster-enabled', 'yes'] })
  await expect(openRedis({ url: cluster.url })).rejects.toThrow('Cluster')
  await Promise.all([primary, replica, cluster].map((server) => server.stop()))
})

test('while the server is away nothing is queued, and what is asked is refused at once', async () => {
  const server = await startRedisServer()
  const connection = await openRedis({ url: server.url })
  await server.kill()
  const { outcome } = await refusal(connection)
  expect(['nothing-written', 'unknown']).toContain(outcome)
  expect((await refusal(connection)).outcome).toBe('nothing-written')
  await server.start()
  expect(await connection.ready(5_000)).toBe(true)
  expect(await connection.redis.get('key')).toBeNull()
  await connection.close()
  await server.stop()
})

test('a server that has stopped answering is given up for the call, whose outcome is not known', async () => {
  const server = await startRedisServer()
  const connection = await openRedis({ url: server.url }, { answerTimeoutMs: 100 })
  server.pause()
  const error = await refusal(connection)
  expect(error).toMatchObject({ why: 'it did not answer in time', outcome: 'unknown' })
  server.resume()
  await connection.close()
  await server.stop()
})

test('an answer that came while this process stood still is not late', async () => {
  const server = await startRedisServer()
  const connection = await openRedis({ url: server.url }, { answerTimeoutMs: 100 })
  const asked = connection.redis.ping()
  standStill(300)
  expect(await asked).toBe('PONG')
  await connection.close()
  await server.stop()
})
