import type { PairingRepository } from '@latchkey/domain/device-pairing/ports'
import type { Database, Statement } from 'better-sqlite3'
import { storeTime } from '../decide.ts'
import { type Conversation, converse, type MeshRow } from '../device-pairing/conversation.ts'
import * as lists from '../device-pairing/mesh-lists.ts'
import { purge, transact } from '../device-pairing/mesh-sql.ts'
import { guarded } from './database.ts'

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
  const time = storeTime(options.clock)
  const prepared = new Map<string, Statement<unknown[], MeshRow>>()

  const say = <T>(talk: Conversation<T>): T =>
    converse(talk, ({ text, values }) => {
      let statement = prepared.get(text)
      if (statement === undefined) {
        statement = db.prepare(text)
        prepared.set(text, statement)
      }
      if (statement.reader) return statement.all(...values)
      statement.run(...values)
      return []
    })
  const atOnce = async <T>(talk: () => Conversation<T>): Promise<T> =>
    guarded(() => db.transaction(() => say(talk())).immediate())
  const look = async <T>(talk: Conversation<T>): Promise<T> => guarded(() => say(talk))

  return {
    run: (operation) => atOnce(() => transact(operation, time())),
    purge: (kept) => atOnce(() => purge(kept, time())),
    listDevices: () => look(lists.listDevices()),
    listPairings: (limit) => look(lists.listPairings(limit)),
    listTokens: (limit) => look(lists.listTokens(limit)),
    listSessions: (limit) => look(lists.listSessions(limit)),
    listEnrolments: () => look(lists.listEnrolments()),
    listEvents: (query) => look(lists.listEvents(query)),
  }
}
