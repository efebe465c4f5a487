import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** A machine that this user paired with, and the right to reach it again. */
const knownMachine = z.object({
  brokerUrl: z.url(),
  runnerId: z.string(),
  label: z.string(),
  credential: z.string(),
  usedAtMs: z.number(),
})
export type KnownMachine = z.output<typeof knownMachine>

const folderIn = (dataDir: string): string => join(dataDir, 'attach')
/** A foreign machine's id is free text, so it is not a file name. */
const fileOf = (
  dataDir: string,
  { brokerUrl, runnerId }: Pick<KnownMachine, 'brokerUrl' | 'runnerId'>,
): string => {
  const digest = createHash('sha256')
    .update(`${new URL(brokerUrl).origin}\n${runnerId}`)
    .digest('hex')
  return join(folderIn(dataDir), `${digest.slice(0, 32)}.json`)
}

/** The one used last comes first. A file that cannot be read is passed over. */
export function knownMachines(dataDir: string): readonly KnownMachine[] {
  return filesIn(folderIn(dataDir))
    .flatMap((path) => {
      const read = readOne(path)
      return read === null ? [] : [read]
    })
    .sort((one, other) => other.usedAtMs - one.usedAtMs)
}

/** Keeps one credential per machine, readable by this user alone. Whole or not at all. */
export function keepMachine(dataDir: string, machine: KnownMachine): void {
  const path = fileOf(dataDir, machine)
  mkdirSync(folderIn(dataDir), { recursive: true, mode: 0o700 })
  chmodSync(folderIn(dataDir), 0o700)
  const unfinished = `${path}.${process.pid}`
  writeFileSync(unfinished, `${JSON.stringify(machine)}\n`, { mode: 0o600 })
  renameSync(unfinished, path)
}

export const forgetMachine = (dataDir: string, machine: KnownMachine): void =>
  rmSync(fileOf(dataDir, machine), { force: true })

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(folder, name))
  } catch {
    return []
  }
}

function readOne(path: string): KnownMachine | null {
  try {
    const read = knownMachine.safeParse(JSON.parse(readFileSync(path, 'utf8')))
    return read.success ? read.data : null
  } catch {
    return null
  }
}
