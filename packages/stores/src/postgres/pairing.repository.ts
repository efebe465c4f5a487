import type { PairingRepository } from '@latchkey/domain/device-pairing/ports'
import * as lists from '../device-pairing/mesh-lists.ts'
import { purge, settle, transact } from '../device-pairing/mesh-sql.ts'
import { postgresConversations } from './conversations.ts'
import type { PostgresDatabase } from './database.ts'

/** Names the one lock of device pairing. Pairing a device takes a person minutes: one at a time is no queue. */
const MESH_LOCK = 'latchkey mesh'

/**
 * Keeps devices in PostgreSQL, for any number of broker instances. Most decisions write nothing: those are answered from
 * a snapshot without the lock, shared by all that ask at the same time. The caller closes the database.
 */
export function postgresPairingRepository(
  db: PostgresDatabase,
  options: {
    /** milliseconds since the epoch, instead of the server's clock: for tests that set the time */
    readonly clock?: () => number
  } = {},
): PairingRepository {
  const { change, look, ask } = postgresConversations(db, { lock: MESH_LOCK, clock: options.clock })
  return {
    async run(operation) {
      const seen = await look((now) => settle(operation, now))
      if (seen.writes.length === 0 && (seen.events ?? []).length === 0) return seen.answer
      return change((now) => transact(operation, now))
    },
    purge: (kept) => change((now) => purge(kept, now)),
    listDevices: () => ask(lists.listDevices()),
    listPairings: (limit) => ask(lists.listPairings(limit)),
    listTokens: (limit) => ask(lists.listTokens(limit)),
    listSessions: (limit) => ask(lists.listSessions(limit)),
    listEnrolments: () => ask(lists.listEnrolments()),
    listJoinKeys: (limit) => ask(lists.listJoinKeys(limit)),
    listWatchers: () => ask(lists.listWatchers()),
    listEvents: (query) => ask(lists.listEvents(query)),
  }
}
