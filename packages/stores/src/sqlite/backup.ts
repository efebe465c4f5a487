import { copyFileSync, existsSync } from 'node:fs'
import type { Database } from 'better-sqlite3'
import { StoreUnavailable } from '../store-unavailable.ts'
import { migrations, openPlain, unavailable } from './database.ts'

/** A file beside the database: keys, secrets, settings. */
export interface KeptFile {
  /** relative, with slashes */
  readonly path: string
  readonly bytes: Uint8Array
}

/** "LKBK": tells a backup from any other database. SQLite keeps it in the file's header. */
const APPLICATION_ID = 0x4c_4b_42_4b
const BUSY_TIMEOUT_MS = 5_000
/** All of the database in one step: with fewer a busy writer would make the copy begin again and again. */
const PAGES_AT_ONCE = 2 ** 31 - 1

/**
 * Writes one file with the database and the files beside it, while others write to the database: it has one moment of it. The
 * file is a database itself, readable by its owner alone. Rejects with StoreUnavailable.
 * @param database null where there is none: the files alone
 */
export async function writeBackup(
  target: string,
  database: string | null,
  files: readonly KeptFile[],
): Promise<void> {
  if (database !== null && !existsSync(database)) throw new StoreUnavailable('there is no such database')
  const into = await openPlain(target, BUSY_TIMEOUT_MS)
  into.close()
  if (database !== null) {
    const from = await openPlain(database, BUSY_TIMEOUT_MS)
    try {
      await from.backup(target, { progress: () => PAGES_AT_ONCE })
    } catch (error) {
      throw unavailable(error)
    } finally {
      from.close()
    }
  }
  await within(target, (db) => {
    // One file and no side files: a copy of it is whole.
    db.pragma('journal_mode = DELETE')
    db.pragma(`application_id = ${APPLICATION_ID}`)
    db.transaction(() => {
      db.exec('CREATE TABLE backup_files (path TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT')
      const insert = db.prepare('INSERT INTO backup_files VALUES (?, ?)')
      for (const { path, bytes } of files) insert.run(path, Buffer.from(bytes))
    })()
  })
}

/**
 * Writes the database of a backup to `target`, an empty one if it has none, and answers with the files that were beside it. Rejects with
 * StoreUnavailable where the file is no backup, is damaged, or is of a newer release.
 */
export async function readBackup(source: string, target: string): Promise<readonly KeptFile[]> {
  if (!existsSync(source)) throw new StoreUnavailable('there is no such file')
  const db = await openPlain(target, BUSY_TIMEOUT_MS)
  db.close()
  copyFileSync(source, target)
  return within(target, (copy) => {
    if (copy.pragma('application_id', { simple: true }) !== APPLICATION_ID)
      throw new StoreUnavailable('it was not written by latchkey backup')
    if (copy.pragma('integrity_check', { simple: true }) !== 'ok') throw new StoreUnavailable('it is damaged')
    const newest = migrations.at(-1)?.number ?? 0
    if (Number(copy.pragma('user_version', { simple: true })) > newest)
      throw new StoreUnavailable('it is of a newer release: restore it with that one')
    const files = copy.prepare<[], KeptFile>('SELECT path, bytes FROM backup_files').all()
    copy.exec('DROP TABLE backup_files')
    copy.pragma('application_id = 0')
    // The secrets are in files of their own from here on: nothing of them stays in free pages.
    copy.exec('VACUUM')
    return files
  })
}

async function within<T>(path: string, run: (db: Database) => T): Promise<T> {
  const db = await openPlain(path, BUSY_TIMEOUT_MS)
  try {
    return run(db)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'SQLITE_NOTADB')
      throw new StoreUnavailable('it was not written by latchkey backup', error)
    throw unavailable(error)
  } finally {
    db.close()
  }
}
