import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readJson } from '../private-files.ts'

/** The file that a running `up` leaves in the data directory, for `status` and `attach`. It holds no secret. */
const upFile = z.object({
  pid: z.number().int(),
  brokerPid: z.number().int().nullable(),
  runnerPid: z.number().int().nullable(),
  startedAtMs: z.number(),
  /** as shown to people */
  url: z.string(),
  /** as this machine itself reaches it */
  localUrl: z.string(),
  /** holds the secret that enrols runners */
  secretFile: z.string(),
  /** holds the secret that signs in as the operator */
  operatorSecretFile: z.string(),
})
export type UpFile = z.output<typeof upFile>

const pathIn = (dataDir: string): string => join(dataDir, 'up.json')

/** Whole or not at all: a reader never sees half a file. */
export function writeUpFile(dataDir: string, contents: UpFile): void {
  const unfinished = `${pathIn(dataDir)}.${contents.pid}`
  writeFileSync(unfinished, `${JSON.stringify(contents, null, 2)}\n`, { mode: 0o600 })
  renameSync(unfinished, pathIn(dataDir))
}

export const removeUpFile = (dataDir: string): void => rmSync(pathIn(dataDir), { force: true })

/** The `up` that runs on this data directory, or null. A file left by one that was killed counts as none. */
export function readUpFile(dataDir: string): UpFile | null {
  const read = readJson(pathIn(dataDir), upFile)
  return read !== null && isAlive(read.pid) ? read : null
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (problem) {
    // Another user's process: it is alive, and its port can still be reached.
    return problem instanceof Error && 'code' in problem && problem.code === 'EPERM'
  }
}
