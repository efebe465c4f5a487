import { chmodSync, closeSync, openSync } from 'node:fs'
import type { Database } from 'better-sqlite3'
import { type Migration, newerSchema } from '../migration.ts'
import { StoreUnavailable } from '../store-unavailable.ts'
import { isAtLeast } from '../version.ts'
import { pairing0001 } from './migrations/0001-pairing.ts'
import { devicePairing0002 } from './migrations/0002-device-pairing.ts'
import { audit0003 } from './migrations/0003-audit.ts'
import { linking0004 } from './migrations/0004-linking.ts'
import { firstNode0005 } from './migrations/0005-first-node.ts'
import { apiKeys0006 } from './migrations/0006-api-keys.ts'
import { webhooks0007 } from './migrations/0007-webhooks.ts'
import { joinKeys0008 } from './migrations/0008-join-keys.ts'

/** In the order of their numbers, without a gap. */
export const migrations: readonly Migration[] = [
  pairing0001,
  devicePairing0002,
  audit0003,
  linking0004,
  firstNode0005,
  apiKeys0006,
  webhooks0007,
  joinKeys0008,
]

export interface SqliteOptions {
  /** how long another process may hold the lock before a transaction is refused; the process waits that long */
  readonly busyTimeoutMs?: number
}

const BUSY_TIMEOUT_MS = 5_000

/** better-sqlite3 13 needs Node-API 10; on an older Node it dies without a word at the first `new Database()`. */
const NODE_MIN = [22, 13, 0] as const

/** Older ones can corrupt the file when two connections reset its log at once (SQLite 3.51.3 release notes). */
const SQLITE_MIN = [3, 51, 3] as const

/**
 * Opens or makes the database file, readable by its owner alone, and brings its schema up to date. Every commit is on the
 * disk before it is acknowledged. Rejects with StoreUnavailable.
 */
export async function openSqlite(path: string, options: SqliteOptions = {}): Promise<Database> {
  const db = await openPlain(path, options.busyTimeoutMs ?? BUSY_TIMEOUT_MS)
  try {
    prepare(db)
    return db
  } catch (error) {
    db.close()
    throw unavailable(error)
  }
}

/** Opens or makes a file of SQLite, readable by its owner alone, as it is. Rejects with StoreUnavailable. */
export async function openPlain(path: string, busyTimeoutMs: number): Promise<Database> {
  if (!isAtLeast(process.versions.node, NODE_MIN)) {
    throw new StoreUnavailable(
      `Node ${NODE_MIN.join('.')} or newer is needed, this is ${process.versions.node}`,
    )
  }
  const { default: Sqlite } = await import('better-sqlite3')
  try {
    makePrivate(path)
    return new Sqlite(path, { timeout: busyTimeoutMs })
  } catch (error) {
    throw unavailable(error)
  }
}

/** Writes one page anew: throws StoreUnavailable when the file takes no writes. */
export function writeOnce(db: Database): void {
  try {
    db.pragma(`user_version = ${Number(db.pragma('user_version', { simple: true }))}`)
  } catch (error) {
    throw unavailable(error)
  }
}

/** The driver's errors in the words of the port; a StoreUnavailable passes as it is. */
export function unavailable(error: unknown): StoreUnavailable {
  if (error instanceof StoreUnavailable) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const told = error instanceof Error ? error.message : String(error)
  if (code.startsWith('SQLITE_FULL')) return new StoreUnavailable('the disk is full', error)
  if (code.startsWith('SQLITE_BUSY')) return new StoreUnavailable('another process holds the database', error)
  if (code.startsWith('SQLITE_READONLY'))
    return new StoreUnavailable('the database may not be written', error)
  return new StoreUnavailable(code === '' ? told : `${told} (${code})`, error)
}

/** Runs what talks to the database. The driver's errors become the port's; every other error is a bug and passes. */
export function guarded<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw isDriverError(error) ? unavailable(error) : error
  }
}

/** Whether the driver itself failed: SQLite refused, or the database is not open any more. */
export const isDriverError = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'SqliteError' || /database connection/.test(error.message))

/** SQLite gives its side files the mode of the file itself, so it must be private before they exist. */
function makePrivate(path: string): void {
  if (path === ':memory:') return
  closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600)
}

function prepare(db: Database): void {
  const version = String(db.prepare('SELECT sqlite_version()').pluck().get())
  if (!isAtLeast(version, SQLITE_MIN)) {
    throw new StoreUnavailable(`SQLite ${SQLITE_MIN.join('.')} or newer is needed, this is ${version}`)
  }
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  migrate(db, migrations)
}

/** Runs the missing steps, all or none: two processes that start together do it once. A file from a newer release is refused. */
export function migrate(db: Database, steps: readonly Migration[]): void {
  db.transaction(() => {
    const done = Number(db.pragma('user_version', { simple: true }))
    const newest = steps.at(-1)?.number ?? 0
    if (done > newest) throw new StoreUnavailable(newerSchema(done, newest))
    for (const step of steps.filter(({ number }) => number > done)) {
      db.exec(step.sql)
      db.pragma(`user_version = ${step.number}`)
    }
  }).immediate()
}
