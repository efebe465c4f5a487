import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** The form of a recording's name, which begins with its time: names in order are recordings in order. */
export const RECORDING_NAME = /^[\w-]{1,64}\.cast$/

/** What stays of the recordings in a folder. */
export interface RecordingsKept {
  readonly filesMax: number
  readonly bytesMax: number
}

/**
 * Removes the oldest recordings until those left are few and small enough together; never one that runs. Answers how many
 * were removed. Throws when the folder cannot be read or a file cannot be removed.
 */
export function removeOldRecordings(
  folder: string,
  { filesMax, bytesMax }: RecordingsKept,
  running: ReadonlySet<string>,
): number {
  const names = readdirSync(folder)
    .filter((name) => RECORDING_NAME.test(name))
    .sort()
  const sizes = new Map(names.map((name) => [name, statSync(join(folder, name)).size]))
  let files = names.length
  let bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0)
  for (const name of names) {
    if (files <= filesMax && bytes <= bytesMax) break
    if (running.has(name)) continue
    rmSync(join(folder, name))
    files -= 1
    bytes -= sizes.get(name) ?? 0
  }
  return names.length - files
}
