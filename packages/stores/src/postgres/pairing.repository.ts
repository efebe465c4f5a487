import type { PairingRepository } from '@latchkey/domain/device-pairing/ports'
import type { Instant } from '@latchkey/domain/kernel'
import { storeTime } from '../decide.ts'
import { type Conversation, converseLater, type MeshStatement } from '../device-pairing/conversation.ts'
import * as lists from '../device-pairing/mesh-lists.ts'
import { purge, settle, transact } from '../device-pairing/mesh-sql.ts'
import { StoreUnavailable } from '../store-unavailable.ts'
import type { PostgresDatabase } from './database.ts'
import type { Query } from './query.ts'
import { Snapshots } from './snapshots.ts'

/** Names the one lock of device pairing. Pairing a device takes a person minutes: one at a time is no queue. */
const MESH_LOCK = 'latchkey mesh'

/** Brokers that want the lock at once wait for each other, each for a few milliseconds. */
const LOCK_TIMEOUT_MS = 2_000

/** Who waited so long in this process is told that the store is away: behind a server that hangs, each would wait for all. */
const TURN_TIMEOUT_MS = 2_000

/**
 * Keeps devices in PostgreSQL, for any number of broker instances. A transaction holds one lock from its first read to
 * its commit, so its decision still stands when it is written, absent records included. Most decisions write nothing:
 * those are answered from a snapshot without the lock, and share it with what is asked at the same time. Time is the server’s, and never runs backwards within a
 * process. The caller closes the database.
 */
export function postgresPairingRepository(
  db: PostgresDatabase,
  options: {
    /** milliseconds since the epoch, instead of the server's clock: for tests that set the time */
    readonly clock?: () => number
  } = {},
): PairingRepository {
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
  const atOnce = <T>(talk: (now: Instant) => Conversation<T>): Promise<T> =>
    inTurn(() =>
      db.transaction(async (query) =>
        converseLater(talk(await timed(query, LOCK_AND_TIME)), answering(query)),
      ),
    )
  const snapshots = new Snapshots(db, async (query) => {
    await query({ text: 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY' })
    return timed(query, TIME)
  })
  const inOneSnapshot = <T>(talk: (now: Instant) => Conversation<T>): Promise<T> =>
    snapshots.look((query, now) => converseLater(talk(now), answering(query)))
  const look = <T>(talk: Conversation<T>): Promise<T> => converseLater(talk, answering(db.query))

  return {
    async run(operation) {
      const seen = await inOneSnapshot((now) => settle(operation, now))
      if (seen.writes.length === 0 && (seen.events ?? []).length === 0) return seen.answer
      return atOnce((now) => transact(operation, now))
    },
    purge: (kept) => atOnce((now) => purge(kept, now)),
    listDevices: () => look(lists.listDevices()),
    listPairings: (limit) => look(lists.listPairings(limit)),
    listTokens: (limit) => look(lists.listTokens(limit)),
    listSessions: (limit) => look(lists.listSessions(limit)),
    listEnrolments: () => look(lists.listEnrolments()),
    listEvents: (query) => look(lists.listEvents(query)),
  }
}

const NOW = 'floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now'
const TIME = { name: 'mesh-time', text: `SELECT ${NOW}` }

/** The moment is looked up once the lock is had: it may have been waited for. */
const LOCK_AND_TIME = {
  name: 'mesh-lock',
  text: `WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended('${MESH_LOCK}', 0)))
         SELECT ${NOW} FROM locked`,
}

const answering =
  (query: Query) =>
  ({ text, values }: MeshStatement): Promise<readonly Record<string, unknown>[]> =>
    query<Record<string, unknown>>({ text: numbered(text), values })

/** `?` as PostgreSQL counts its values: $1, $2, … */
function numbered(text: string): string {
  let number = 0
  return text.replace(/\?/g, () => `$${++number}`)
}
