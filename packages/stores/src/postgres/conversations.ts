import type { Instant } from '@latchkey/domain/kernel'
import { type Conversation, type Conversations, converseLater, type SqlStatement } from '../conversation.ts'
import { storeTime } from '../decide.ts'
import { StoreUnavailable } from '../store-unavailable.ts'
import type { PostgresDatabase } from './database.ts'
import type { Query } from './query.ts'
import { Snapshots } from './snapshots.ts'

/** Brokers that want the lock at once wait for each other, each for a few milliseconds. */
const LOCK_TIMEOUT_MS = 2_000

/** Who waited so long in this process is told that the store is away: behind a server that hangs, each would wait for all. */
const TURN_TIMEOUT_MS = 2_000

/**
 * Conversations with PostgreSQL, for any number of broker instances. A change holds one lock from its first read to its
 * commit, so its decision still stands when it is written, absent records included. A look takes a snapshot and no
 * lock, and shares it with the looks of the same time. Time is the server’s, and never runs backwards within a process. The caller closes the database.
 */
export function postgresConversations(
  db: PostgresDatabase,
  options: {
    /** names the one lock, in letters and spaces: changes under one name exclude each other on all brokers */
    readonly lock: string
    /** milliseconds since the epoch, instead of the server's clock: for tests that set the time */
    readonly clock?: (() => number) | undefined
  },
): Conversations {
  let serverMs = 0
  const time = storeTime(options.clock ?? (() => serverMs))
  let last: Promise<unknown> = Promise.resolve()

  /** Those of one process wait here, and not each with a connection of its own. */
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const beganMs = performance.now()
    const mine = last.then(() => {
      if (performance.now() - beganMs > TURN_TIMEOUT_MS)
        throw new StoreUnavailable('others were waited for too long')
      return run()
    })
    last = mine.catch(() => {})
    return mine
  }
  const timed = async (query: Query, statement: Parameters<Query>[0]): Promise<Instant> => {
    const [row] = await query<{ now: string }>(statement, { timeoutMs: LOCK_TIMEOUT_MS })
    serverMs = Number(row?.now ?? 0)
    return time()
  }
  const snapshots = new Snapshots(db, async (query) => {
    await query({ text: 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY' })
    return timed(query, TIME)
  })
  return {
    change: <T>(talk: (now: Instant) => Conversation<T>) =>
      inTurn(() =>
        db.transaction(async (query) =>
          converseLater(talk(await timed(query, lockAndTime(options.lock))), answering(query)),
        ),
      ),
    look: <T>(talk: (now: Instant) => Conversation<T>) =>
      snapshots.look((query, now) => converseLater(talk(now), answering(query))),
    ask: (talk) => converseLater(talk, answering(db.query)),
  }
}

const NOW = 'floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now'
const TIME = { name: 'mesh-time', text: `SELECT ${NOW}` }

/** The moment is looked up once the lock is had: it may have been waited for. */
const lockAndTime = (lock: string) => ({
  name: `lock ${lock}`,
  text: `WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended('${lock}', 0)))
         SELECT ${NOW} FROM locked`,
})

const answering =
  (query: Query) =>
  ({ text, values }: SqlStatement): Promise<readonly Record<string, unknown>[]> =>
    query<Record<string, unknown>>({ text: numbered(text), values })

/** `?` as PostgreSQL counts its values: $1, $2, … */
function numbered(text: string): string {
  let number = 0
  return text.replace(/\?/g, () => `$${++number}`)
}
