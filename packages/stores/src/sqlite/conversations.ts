import type { Database, Statement } from 'better-sqlite3'
import { type Conversation, type Conversations, converse, type SqlRow } from '../conversation.ts'
import { storeTime } from '../decide.ts'
import { guarded } from './database.ts'

/**
 * Conversations with the broker’s SQLite file. A change holds the database’s one write lock from its first read to its
 * commit, which is on the disk before it is answered. The caller closes the database.
 */
export function sqliteConversations(
  db: Database,
  options: {
    /** milliseconds since the epoch; the conversations never let it run backwards */
    readonly clock: () => number
  },
): Conversations {
  const time = storeTime(options.clock)
  const prepared = new Map<string, Statement<unknown[], SqlRow>>()

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
  return {
    change: async (talk) => guarded(() => db.transaction(() => say(talk(time()))).immediate()),
    look: async (talk) => guarded(() => db.transaction(() => say(talk(time()))).deferred()),
    ask: async (talk) => guarded(() => say(talk)),
  }
}
