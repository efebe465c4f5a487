import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, normalize, relative, resolve, sep } from 'node:path'
import { readBackup, writeBackup } from '@latchkey/stores/sqlite/backup'
import { lockFolder } from '@latchkey/stores/sqlite/folder-lock'
import { StoreUnavailable } from '@latchkey/stores/store-unavailable'

/** What came of a backup or a restoring. A refusal says why, and what to do. */
export type BackupOutcome =
  | { readonly ok: true; readonly files: number; readonly hasDatabase: boolean }
  | { readonly ok: false; readonly why: string }

const DATABASE = 'broker.sqlite'
/** Of the process that runs, or of SQLite beside the database: made anew at the next start. */
const NOT_KEPT = /^(up\.json(\..*)?|(broker|in-use)\.sqlite(-.*)?)$/
/** What a killed `latchkey backup` left. */
const UNFINISHED = '.backup-'

/**
 * Writes the data folder to one file, readable by its owner alone, also while a broker works in it. A file that is there is left
 * alone.
 */
export async function backUpFolder(folder: string, file: string): Promise<BackupOutcome> {
  const [from, target] = [resolve(folder), resolve(file)]
  if (!existsSync(from)) return refused(`there is no data folder ${from}: name it with --data-dir`)
  if (existsSync(target)) return refused(`${target} is there already: name another file, or remove it`)
  if (!existsSync(dirname(target))) return refused(`there is no folder ${dirname(target)}: make it first`)
  const database = join(from, DATABASE)
  const hasDatabase = existsSync(database)
  const files = filesIn(from).filter((path) => resolve(from, path) !== target)
  const draft = `${target}.${process.pid}`
  try {
    const kept = files.map((path) => ({
      path: path.split(sep).join('/'),
      bytes: readFileSync(join(from, path)),
    }))
    await writeBackup(draft, hasDatabase ? database : null, kept)
    flush(draft)
    // Fails where somebody else has written such a file meanwhile.
    linkSync(draft, target)
    return { ok: true, files: kept.length, hasDatabase }
  } catch (problem) {
    return refused(whyOf(problem))
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Makes a data folder of what `backUpFolder` wrote: in a folder that is empty or not there, or not at all. */
export async function restoreFolder(folder: string, file: string): Promise<BackupOutcome> {
  const [into, source] = [resolve(folder), resolve(file)]
  if (!existsSync(source)) return refused(`there is no file ${source}`)
  if (existsSync(into) && readdirSync(into).length > 0) return refused(await whyNotInto(into))
  mkdirSync(into, { recursive: true, mode: 0o700 })
  // Until it is whole no broker starts in it.
  const lock = await lockFolder(into)
  if (lock === null) return refused(await whyNotInto(into))
  try {
    const database = join(into, DATABASE)
    const files = await readBackup(source, database)
    for (const { path, bytes } of files) {
      const to = join(into, normalize(path))
      if (relative(into, to).startsWith('..')) throw new StoreUnavailable(`it names a place outside: ${path}`)
      mkdirSync(dirname(to), { recursive: true, mode: 0o700 })
      writeFileSync(to, bytes, { mode: 0o600, flag: 'wx' })
      flush(to)
    }
    flush(database)
    return { ok: true, files: files.length, hasDatabase: true }
  } catch (problem) {
    for (const name of readdirSync(into)) rmSync(join(into, name), { recursive: true, force: true })
    return refused(`${source} cannot be restored: ${whyOf(problem)}`)
  } finally {
    lock.release()
  }
}

async function whyNotInto(into: string): Promise<string> {
  const lock = existsSync(join(into, 'in-use.sqlite')) ? await lockFolder(into) : { release: () => {} }
  lock?.release()
  return lock === null
    ? `a broker works in ${into}: stop it first, and move the folder away`
    : `${into} is not empty: move it away, or name another folder with --data-dir`
}

/** Regular files, relative to the folder: sockets and what belongs to a running process are left out. */
const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !(entry.parentPath === folder && NOT_KEPT.test(entry.name)))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith(UNFINISHED))

/** On the disk before anybody is told that it is done. */
function flush(path: string): void {
  const handle = openSync(path, 'r')
  fsyncSync(handle)
  closeSync(handle)
}

const refused = (why: string): BackupOutcome => ({ ok: false, why })

const whyOf = (problem: unknown): string => (problem instanceof Error ? problem.message : String(problem))
