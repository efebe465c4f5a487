import type { PairingRepository } from '@latchkey/domain/device-pairing/ports'
import type { Database } from 'better-sqlite3'
import * as lists from '../device-pairing/mesh-lists.ts'
import { purge, transact } from '../device-pairing/mesh-sql.ts'
import { sqliteConversations } from './conversations.ts'

/**
 * Keeps devices in the broker’s SQLite file. A transaction holds the database’s one write lock from its first read to
 * its commit, which is on the disk before it is answered. The caller closes the database.
 */
export function sqlitePairingRepository(
  db: Database,
  options: {
    /** milliseconds since the epoch; the repository never lets it run backwards */
    readonly clock: () => number
  },
): PairingRepository {
  const { change, ask } = sqliteConversations(db, options)
  return {
    run: (operation) => change((now) => transact(operation, now)),
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
