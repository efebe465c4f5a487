import { type FolderLock, lockFolder } from '@latchkey/stores/sqlite/folder-lock'
import type { DataDirectory } from './data-directory.ts'

/** Another broker works in the data folder: two would each have half of the house. */
export class FolderInUse extends Error {
  constructor(path: string) {
    super(
      `another broker works in ${path} already. Stop that one first, or give this one a folder of its own (--data-dir, LATCHKEY_DATA_DIR)`,
    )
    this.name = 'FolderInUse'
  }
}

/** Takes the data folder for this broker alone, until its end. Rejects with FolderInUse. */
export async function lockDataDirectory({ path }: DataDirectory): Promise<FolderLock> {
  const lock = await lockFolder(path)
  if (lock === null) throw new FolderInUse(path)
  return lock
}
