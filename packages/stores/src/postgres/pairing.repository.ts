import type { PairingRepository } from '@latchkey/domain/device-pairing/ports'
import { storeTime } from '../decide.ts'
import { type Conversation, converseLater, type MeshStatement } from '../device-pairing/conversation.ts'
import * as lists from '../device-pairing/mesh-lists.ts'
import { purge, transact } from '../device-pairing/mesh-sql.ts'
import type { PostgresDatabase, Query } from './database.ts'

/** Names the one lock of device pairing. Pairing a device takes a person minutes: one at a time is no queue. */
const MESH_LOCK = 'latchkey mesh'

/** Brokers that want the lock at once wait for each other, each for a few milliseconds. */
const LOCK_TIMEOUT_MS = 2_000

/**
 * Keeps devices in PostgreSQL, for any number of brokers. A transaction holds one lock from its first read to its commit, so
 * what it has decided on still stands when it is written, what is not there included. Time is the server's, and never runs
 * backwards within a process. Whoever opened the database closes it.
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
    const mine = last.then(run, run)
    last = mine.catch(() => {})
    return mine
  }
  const atOnce = <T>(talk: () => Conversation<T>): Promise<T> =>
    inTurn(() =>
      db.transaction(async (query) => {
        const [row] = await query<{ now: string }>(LOCK_AND_TIME, { timeoutMs: LOCK_TIMEOUT_MS })
        serverMs = Number(row?.now ?? 0)
        return converseLater(talk(), answering(query))
      }),
    )
  const look = <T>(talk: Conversation<T>): Promise<T> => converseLater(talk, answering(db.query))

  return {
    transaction: (keys, decide) => atOnce(() => transact(keys, decide, time())),
    purge: (kept) => atOnce(() => purge(kept, time())),
    listNodes: () => look(lists.listNodes()),
    listPairings: (limit) => look(lists.listPairings(limit)),
    listTokens: (limit) => look(lists.listTokens(limit)),
    listSessions: (limit) => look(lists.listSessions(limit)),
    listEnrolments: () => look(lists.listEnrolments()),
    listEvents: (query) => look(lists.listEvents(query)),
  }
}

/** The moment is looked up once the lock is had: it may have been waited for. */
const LOCK_AND_TIME = {
  name: 'mesh-lock',
  text: `WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended('${MESH_LOCK}', 0)))
         SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now FROM locked`,
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
