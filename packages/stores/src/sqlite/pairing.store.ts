import {
  AUDIT_KEPT_MAX,
  HISTORY_KEPT_DEFAULT,
  type HistoryEntry,
  type HistoryQuery,
  isAudited,
  shelfOf,
} from '@latchkey/domain/audit/history'
import type { Instant } from '@latchkey/domain/kernel'
import type {
  Operation,
  PairingStore,
  RecordKind,
  Records,
  Write,
} from '@latchkey/domain/runner-pairing/ports'
import type { Database } from 'better-sqlite3'
import { attempt, type Read, settle, storeTime } from '../decide.ts'
import { StoreUnavailable } from '../store-unavailable.ts'
import { guarded, isDriverError, unavailable } from './database.ts'

export interface SqlitePairingStoreOptions {
  /** milliseconds since the epoch; the store never lets it run backwards */
  readonly clock: () => number
  /** how many successes, and how many failures, the history keeps */
  readonly historyKept?: number
}

/** Runs inside the open SQL transaction; what it answers tells the caller, once the commit is on the disk. */
type Job = {
  readonly run: (now: Instant) => () => void
  readonly fail: (error: unknown) => void
}

/** One disk flush is shared by the transactions that wait together, up to this many, so that none waits long for the others. */
const BATCH_MAX = 256

/** Keeps everything in one SQLite file. `close` closes the database too. */
export function sqlitePairingStore(db: Database, options: SqlitePairingStoreOptions): PairingStore {
  const { clock, historyKept = HISTORY_KEPT_DEFAULT } = options
  const time = storeTime(clock)
  const sql = statements(db)
  let waiting: Job[] = []
  let scheduled = false
  let open = true

  const read: Read = <K extends RecordKind>(kind: K, id: string) => {
    const text = sql.get.get(kind, toSqlText(id))
    return text === undefined ? undefined : fromRow<K>(text)
  }

  const apply = (write: Write): void => {
    if ('drop' in write) sql.drop.run(write.drop, toSqlText(write.id))
    else sql.put.run(write.put, toSqlText(write.id), JSON.stringify(write.value), write.sweepAt)
  }

  const remember = (entry: HistoryEntry): void => {
    const shelf = shelfOf(entry.outcome)
    const number = Number(sql.lastOf.get(shelf) ?? 0) + 1
    const runnerId = entry.runnerId === null ? null : toSqlText(entry.runnerId)
    sql.remember.run(shelf, number, entry.at, runnerId, entry.outcome, JSON.stringify(entry))
    sql.forget.run(shelf, number - historyKept)
    if (isAudited(entry.outcome)) sql.audit.run(entry.at, runnerId, entry.outcome, JSON.stringify(entry))
  }

  /** All jobs in one SQL transaction. A decision runs before its first write, so one that throws has left nothing. */
  const flush = (): void => {
    scheduled = false
    const batch = waiting.slice(0, BATCH_MAX)
    waiting = waiting.slice(BATCH_MAX)
    if (waiting.length > 0) schedule()
    if (!open) {
      for (const job of batch) job.fail(new StoreUnavailable('it has been closed'))
      return
    }
    try {
      sql.begin.run()
      const now = time()
      const tell = batch.map((job) => job.run(now))
      sql.commit.run()
      for (const answer of tell) answer()
    } catch (error) {
      rollBack(db)
      for (const job of batch) job.fail(unavailable(error))
    }
  }

  const schedule = (): void => {
    if (scheduled) return
    scheduled = true
    setImmediate(flush)
  }

  return {
    run: <Answer>(operation: Operation<Answer>) =>
      new Promise<Answer>((resolve, reject) => {
        const run = (now: Instant) => {
          const decided = attempt(() => settle(read, operation, now))
          if ('thrown' in decided) return failed(decided.thrown, reject)
          const { writes, history = [], answer } = decided.value
          for (const write of writes) apply(write)
          for (const entry of history) remember(entry)
          return () => resolve(answer)
        }
        waiting.push({ run, fail: reject })
        schedule()
      }),
    async list<K extends RecordKind>(kind: K) {
      return guarded(() => sql.list.all(kind).map((text) => fromRow<K>(text)))
    },
    async history(query) {
      return guarded(() => readHistory(db, query))
    },
    async sweep() {
      return guarded(() => {
        sql.forgetAudit.run(AUDIT_KEPT_MAX)
        return sql.sweep.run(time()).changes
      })
    },
    async close() {
      while (open && waiting.length > 0) flush()
      if (open) db.close()
      open = false
    },
  }
}

function statements(db: Database) {
  return {
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    get: db
      .prepare<[string, string], string>('SELECT value FROM pairing_records WHERE kind = ? AND id = ?')
      .pluck(),
    put: db.prepare(
      `INSERT INTO pairing_records (kind, id, value, sweep_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (kind, id) DO UPDATE SET value = excluded.value, sweep_at = excluded.sweep_at`,
    ),
    drop: db.prepare('DELETE FROM pairing_records WHERE kind = ? AND id = ?'),
    list: db.prepare<[string], string>('SELECT value FROM pairing_records WHERE kind = ?').pluck(),
    sweep: db.prepare('DELETE FROM pairing_records WHERE sweep_at <= ?'),
    lastOf: db.prepare('SELECT max(number) FROM pairing_history WHERE shelf = ?').pluck(),
    remember: db.prepare(
      'INSERT INTO pairing_history (shelf, number, at, runner_id, outcome, entry) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    audit: db.prepare('INSERT INTO pairing_audit (at, runner_id, outcome, entry) VALUES (?, ?, ?, ?)'),
    forgetAudit: db.prepare(
      `DELETE FROM pairing_audit WHERE seq <= (
         SELECT seq FROM pairing_audit ORDER BY seq DESC LIMIT 1 OFFSET ?)`,
    ),
    forget: db.prepare('DELETE FROM pairing_history WHERE shelf = ? AND number <= ?'),
  }
}

function readHistory(db: Database, query: HistoryQuery): readonly HistoryEntry[] {
  const { sinceMs = null, untilMs = null, runnerId, outcome = null } = query
  const rows = db
    .prepare<unknown[], string>(
      `SELECT entry FROM ${query.audit ? 'pairing_audit' : 'pairing_history'}
       WHERE (@sinceMs IS NULL OR at >= @sinceMs) AND (@untilMs IS NULL OR at <= @untilMs)
         AND (@runnerId IS NULL OR runner_id = @runnerId) AND (@outcome IS NULL OR outcome = @outcome)
       ORDER BY at DESC, seq DESC LIMIT @limit OFFSET @skip`,
    )
    .pluck()
    .all({
      sinceMs,
      untilMs,
      runnerId: runnerId === undefined ? null : toSqlText(runnerId),
      outcome,
      limit: Math.max(0, query.limit),
      skip: query.skip ?? 0,
    })
  return rows.map((text): HistoryEntry => JSON.parse(text))
}

/** Written by this store alone, from values of the port's types. */
const fromRow = <K extends RecordKind>(text: string): Records[K] => JSON.parse(text)

/** SQLite's text ends at a NUL for some readers and cannot hold a lone surrogate; JSON's escapes keep both. */
const toSqlText = (text: string): string => JSON.stringify(text)

/** The store's own failure ends the whole batch; a decision's ends only itself. */
function failed(thrown: unknown, reject: (error: unknown) => void): () => void {
  if (isDriverError(thrown)) throw thrown
  return () => reject(thrown)
}

/** A failed COMMIT may have rolled back already, and a closed database has nothing to roll back. */
function rollBack(db: Database): void {
  if (db.open && db.inTransaction) db.exec('ROLLBACK')
}
