import {
  AUDIT_KEPT_MAX,
  HISTORY_KEPT_DEFAULT,
  type HistoryEntry,
  shelfOf,
} from '@latchkey/domain/audit/history'
import type { Operation, PairingStore, RecordKind, Records } from '@latchkey/domain/runner-pairing/ports'
import { jobOf } from './batch.ts'
import { CommitQueue } from './commit-queue.ts'
import { LONG, type PostgresDatabase } from './database.ts'
import * as sql from './pairing.sql.ts'

export interface PostgresPairingStoreOptions {
  /** how many successes, and how many failures, the history keeps */
  readonly historyKept?: number
  /** milliseconds since the epoch, instead of the server's clock: for tests that set the time */
  readonly clock?: () => number
}

const SHELVES = [shelfOf('paired'), shelfOf('refused')] as const

/**
 * Keeps everything in PostgreSQL, for any number of broker instances. The transactions of one process stand in one
 * queue; those that wait together are one read and one commit. A commit fails as a whole when another instance changed
 * a record that was read, and is then decided afresh. Time is the server’s, and never runs backwards within a process.
 * `close` closes the database too.
 */
export function postgresPairingStore(
  db: PostgresDatabase,
  options: PostgresPairingStoreOptions = {},
): PairingStore {
  const { historyKept = HISTORY_KEPT_DEFAULT } = options
  const queue = new CommitQueue(db, options.clock)
  return {
    run: <Answer>(operation: Operation<Answer>) =>
      new Promise<Answer>((resolve, reject) => queue.add(jobOf(operation, resolve, reject))),
    async list<K extends RecordKind>(kind: K) {
      const rows = await db.query<{ value: string }>(sql.list(kind), LONG)
      return rows.map(({ value }): Records[K] => JSON.parse(value))
    },
    async history(query) {
      const asked = query.audit ? sql.audit(query) : sql.history(query, historyKept)
      const rows = await db.query<{ entry: string }>(asked, LONG)
      return rows.map(({ entry }): HistoryEntry => JSON.parse(entry))
    },
    async sweep() {
      const [row] = await db.query<{ swept: string }>(sql.sweep(await queue.time()), LONG)
      for (const shelf of SHELVES) await db.query(sql.forget(shelf, historyKept), LONG)
      await db.query(sql.forgetAudit(AUDIT_KEPT_MAX), LONG)
      return Number(row?.swept ?? 0)
    },
    async close() {
      await queue.close()
      await db.close()
    },
  }
}
