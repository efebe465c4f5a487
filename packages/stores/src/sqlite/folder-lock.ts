import { join } from 'node:path'
import { openPlain, unavailable } from './database.ts'

/** A folder that is held by this process, until it releases it or ends. */
export interface FolderLock {
  /** Twice is once. */
  release(): void
}

/** How long another one may take to end: a broker that was told to stop is still saying goodbye. */
const WAIT_MS = 2_000
const TRIED_EVERY_MS = 100

const LOCK_FILE = 'in-use.sqlite'

/**
 * Takes a folder for this process alone; null when another one has it and keeps it. The lock is SQLite's own on a file that
 * holds nothing, so it is the kernel's: it ends with the process, however that ends, and holds between containers that share
 * the folder, where process numbers mean nothing.
 */
export async function lockFolder(folder: string): Promise<FolderLock | null> {
  const untilMs = performance.now() + WAIT_MS
  for (;;) {
    const lock = await tryLock(join(folder, LOCK_FILE))
    if (lock !== null || performance.now() >= untilMs) return lock
    await new Promise((resolve) => setTimeout(resolve, TRIED_EVERY_MS))
  }
}

async function tryLock(path: string): Promise<FolderLock | null> {
  const db = await openPlain(path, 0)
  try {
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    if (error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY') return null
    throw unavailable(error)
  }
  return {
    release: () => {
      if (db.open) db.close()
    },
  }
}
