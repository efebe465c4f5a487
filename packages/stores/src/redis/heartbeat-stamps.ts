import type { RedisConnection } from './connection.ts'
import { HEARTBEAT_KEPT_MS, heartbeatKey } from './founding-keys.ts'

/** Sent at once: few enough that the server is not kept from everybody else. */
const STAMPS_PER_PIPELINE = 500

/**
 * Writes the founding heartbeat keys (seed 002) of runners that are there, for other clients of the same Redis; nothing of ours
 * reads them. A stamp that could not be written is written the next time.
 * @param atMs the store's time, milliseconds since the epoch
 */
export async function stampHeartbeats(
  { redis }: RedisConnection,
  runnerIds: readonly string[],
  atMs: number,
): Promise<void> {
  for (let from = 0; from < runnerIds.length; from += STAMPS_PER_PIPELINE) {
    const pipeline = redis.pipeline()
    for (const runnerId of runnerIds.slice(from, from + STAMPS_PER_PIPELINE)) {
      pipeline.set(heartbeatKey(runnerId), Math.floor(atMs), 'PX', HEARTBEAT_KEPT_MS)
    }
    await pipeline.exec().catch(() => null)
  }
}
