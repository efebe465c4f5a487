import { HISTORY_KEPT_DEFAULT } from '@latchkey/domain/audit/history'
import type { Operation, PairingStore, RecordKind, Records } from '@latchkey/domain/runner-pairing/ports'
import { StoreUnavailable } from '../store-unavailable.ts'
import { CommitQueue } from './commit-queue.ts'
import { type RedisConnection, unavailable } from './connection.ts'
import { jobOf } from './job.ts'
import { readHistory, records } from './scan.ts'
import { givenClock, serverClock } from './server-clock.ts'
import { Sweeper } from './sweep.ts'

export interface RedisPairingStoreOptions {
  /** how many successes, and how many failures, the history keeps */
  readonly historyKept?: number
  /** milliseconds since the epoch, instead of the server's clock: for tests that set the time */
  readonly clock?: () => number
}

/**
 * Keeps everything in one Redis, for any number of brokers. Decisions are made by what this process knows and committed by
 * the server only if it is still so: most need one round trip. Time is the server's. `close` closes the connection too.
 */
export function redisPairingStore(
  connection: RedisConnection,
  options: RedisPairingStoreOptions = {},
): PairingStore {
  const { historyKept = HISTORY_KEPT_DEFAULT } = options
  const clock = options.clock ? givenClock(options.clock) : serverClock(() => performance.now())
  const queue = new CommitQueue(connection, clock, historyKept)
  const sweeper = new Sweeper(connection, () => queue.nextKey())
  const { redis } = connection
  let open = true

  const guarded = async <T>(run: () => Promise<T>): Promise<T> => {
    if (!open) throw new StoreUnavailable('it has been closed')
    try {
      return await run()
    } catch (error) {
      throw unavailable(error)
    }
  }

  return {
    run: <Answer>(operation: Operation<Answer>) =>
      new Promise<Answer>((resolve, reject) => queue.add(jobOf(operation, resolve, reject))),
    list: <K extends RecordKind>(kind: K) =>
      guarded(async () => {
        const found: Records[K][] = []
        for await (const record of records(redis, kind)) found.push(record)
        return found
      }),
    history: (query) => guarded(() => readHistory(redis, query)),
    sweep: () => guarded(async () => sweeper.sweep(await queue.time())),
    async close() {
      if (!open) return
      open = false
      await queue.close()
      await connection.close()
    },
  }
}
