import { expect, onTestFinished, test } from 'vitest'
import { startRedisSentinel } from '../testing/redis-sentinel.ts'
import { startRedisServer } from '../testing/redis-server.ts'
import { openRedis } from './connection.ts'

/** A fail-over by a sentinel takes some two seconds, on a busy machine several times that. */
const FAIL_OVER_WITHIN_MS = 45_000

test('behind sentinels the next primary is used after a fail-over', async () => {
  const primary = await startRedisServer()
  const replica = await startRedisServer({ args: ['--replicaof', '127.0.0.1', String(primary.port)] })
  const sentinel = await startRedisSentinel('cell-1', primary.port)
  const connection = await openRedis(
    { sentinels: [{ host: '127.0.0.1', port: sentinel.port }], name: 'cell-1' },
    { openTimeoutMs: 20_000 },
  )
  onTestFinished(() => connection.close())
  const { redis } = connection
  await redis.set('before', '1')
  await expect
    .poll(() => redis.info('replication'), { timeout: FAIL_OVER_WITHIN_MS })
    .toContain('state=online')
  const asked = await openRedis({ host: '127.0.0.1', port: replica.port }).catch((problem) => String(problem))
  expect(asked).toContain('it is a replica')

  await primary.kill()
  const written = () => redis.set('after', '2').catch((problem: unknown) => String(problem))
  await expect.poll(written, { timeout: FAIL_OVER_WITHIN_MS, interval: 200 }).toBe('OK')
  expect(await redis.get('before')).toBe('1')
  expect(await redis.info('server')).toContain(`tcp_port:${replica.port}`)
  await Promise.all([sentinel.stop(), replica.stop(), primary.stop()])
})

test('sentinels that do not answer are named, and passwords are not', async () => {
  const opening = openRedis(
    {
      sentinels: [{ host: '127.0.0.1', port: 9 }],
      name: 'cell-1',
      password: 'hunter2',
      sentinelPassword: 'hunter3',
    },
    { openTimeoutMs: 300 },
  )
  const told = await opening.then(() => 'it opened', String)
  expect(told).toContain('cell-1 that the sentinels 127.0.0.1:9 name')
  expect(told).not.toMatch(/hunter/)
})

test('a user of its own is let in with its password, by parts and in a URL', async () => {
  const server = await startRedisServer()
  const admin = await openRedis({ url: server.url })
  await admin.redis.call('ACL', 'SETUSER', 'broker', 'on', '>open-sesame', '~*', '&*', '+@all')
  await admin.close()
  const byParts = { host: '127.0.0.1', port: server.port, username: 'broker', password: 'open-sesame' }
  const byUrl = { url: `redis://broker:open-sesame@127.0.0.1:${server.port}` }
  for (const address of [byParts, byUrl]) {
    const { redis, close } = await openRedis(address)
    expect(await redis.call('ACL', 'WHOAMI')).toBe('broker')
    await close()
  }
  await expect(openRedis({ ...byParts, password: 'wrong' }, { openTimeoutMs: 300 })).rejects.toThrow(
    'does not let this broker in',
  )
  await server.stop()
})
