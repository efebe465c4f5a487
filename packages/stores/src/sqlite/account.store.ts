import { mayWrite } from '@latchkey/domain/accounts/lease'
import type {
  AccountKind,
  AccountRecords,
  AccountStore,
  AccountWrite,
  CredentialRow,
} from '@latchkey/domain/accounts/ports'
import type { AccountRecord } from '@latchkey/domain/accounts/records'
import type { Database } from 'better-sqlite3'
import { decideAccounts, type SealedRow } from '../accounts/decide.ts'
import { storeTime } from '../decide.ts'
import { guarded } from './database.ts'

/** Keeps sessions and sealed credentials in one SQLite file, which stays open when this store is done with. */
export function sqliteAccountStore(db: Database, { clock }: { readonly clock: () => number }): AccountStore {
  const time = storeTime(clock)
  const sql = statements(db)
  const read = <K extends AccountKind>(kind: K, id: string): AccountRecords[K] | undefined => {
    const text = sql.get.get(kind, id)
    return text === undefined ? undefined : fromRow<K>(text)
  }
  const apply = (write: AccountWrite): void => {
    if ('drop' in write) sql.drop.run(write.drop, write.id)
    else sql.put.run(write.put, write.id, JSON.stringify(write.value), write.sweepAt)
  }
  const writeRows = (sessionId: string, rows: readonly CredentialRow[], replace: boolean): void => {
    if (replace) sql.forget.run(sessionId)
    for (const { kind, name, sealed } of rows) {
      if (sealed === null) sql.dropRow.run(sessionId, kind, name)
      else sql.putRow.run(sessionId, kind, name, sealed)
    }
  }
  const atOnce = async <T>(work: () => T): Promise<T> => guarded(() => db.transaction(work).immediate())

  return {
    run: (operation) =>
      atOnce(() => {
        const { writes, answer } = decideAccounts(read, operation, time())
        for (const write of writes) apply(write)
        return answer
      }),
    sessions: async () => guarded(() => sql.sessions.all().map((text): AccountRecord => JSON.parse(text))),
    page: async ({ after, limit }) =>
      guarded(() => sql.page.all(after ?? '', limit).map((text): AccountRecord => JSON.parse(text))),
    writeCredentials: (sessionId, epoch, rows, { replace = false } = {}) =>
      atOnce(() => {
        if (!mayWrite(read('session', sessionId)?.lease ?? null, epoch)) return false
        writeRows(sessionId, rows, replace)
        return true
      }),
    readCredentials: async (sessionId, wanted) =>
      guarded(() =>
        wanted === 'all'
          ? sql.rows.all(sessionId)
          : wanted.names.flatMap((name) => sql.row.get(sessionId, wanted.kind, name) ?? []),
      ),
    sweep: async () => guarded(() => sql.sweep.run(time()).changes),
  }
}

function statements(db: Database) {
  return {
    get: db
      .prepare<[string, string], string>('SELECT value FROM linking_records WHERE kind = ? AND id = ?')
      .pluck(),
    put: db.prepare(
      `INSERT INTO linking_records (kind, id, value, sweep_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (kind, id) DO UPDATE SET value = excluded.value, sweep_at = excluded.sweep_at`,
    ),
    drop: db.prepare('DELETE FROM linking_records WHERE kind = ? AND id = ?'),
    sessions: db.prepare<[], string>("SELECT value FROM linking_records WHERE kind = 'session'").pluck(),
    page: db
      .prepare<[string, number], string>(
        "SELECT value FROM linking_records WHERE kind = 'session' AND id > ? ORDER BY id LIMIT ?",
      )
      .pluck(),
    sweep: db.prepare('DELETE FROM linking_records WHERE sweep_at <= ?'),
    rows: db.prepare<[string], SealedRow>(
      'SELECT kind, name, sealed FROM linking_credentials WHERE session_id = ?',
    ),
    row: db.prepare<[string, string, string], SealedRow>(
      'SELECT kind, name, sealed FROM linking_credentials WHERE session_id = ? AND kind = ? AND name = ?',
    ),
    putRow: db.prepare(
      `INSERT INTO linking_credentials (session_id, kind, name, sealed) VALUES (?, ?, ?, ?)
       ON CONFLICT (session_id, kind, name) DO UPDATE SET sealed = excluded.sealed`,
    ),
    dropRow: db.prepare('DELETE FROM linking_credentials WHERE session_id = ? AND kind = ? AND name = ?'),
    forget: db.prepare('DELETE FROM linking_credentials WHERE session_id = ?'),
  }
}

/** Written by this store alone, from values of the port's types. */
const fromRow = <K extends AccountKind>(text: string): AccountRecords[K] => JSON.parse(text)
