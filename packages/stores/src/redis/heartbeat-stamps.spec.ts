import { expect, it } from 'vitest'
import { startRedisServer } from '../testing/redis-server.ts'
import { openRedis } from './connection.ts'
import { stampHeartbeats } from './heartbeat-stamps.ts'

it('stamps a thousand runners under the founding keys, for sixty seconds', async () => {
  const server = await startRedisServer()
  const connection = await openRedis({ url: server.url })
  const runnerIds = Array.from({ length: 1_000 }, (_, n) => `runner-${n}`)
  await stampHeartbeats(connection, runnerIds, 1_700_000_000_000.5)
  for (const runnerId of [runnerIds[0], runnerIds.at(-1)]) {
    const key = `runner:heartbeat:${runnerId}`
    expect(await connection.redis.get(key)).toBe('1700000000000')
    const leftMs = await connection.redis.pttl(key)
    expect(leftMs).toBeGreaterThan(50_000)
    expect(leftMs).toBeLessThanOrEqual(60_000)
  }
  await server.kill()
  await expect(stampHeartbeats(connection, runnerIds, 0), 'the next time will do').resolves.toBeUndefined()
  await connection.close()
})
