import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readJsonFiles, writePrivately } from '../private-files.ts'

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

/** The one used last comes first. A file that cannot be read is left out. */
export const knownMachines = (dataDir: string): readonly KnownMachine[] =>
  readJsonFiles(folderIn(dataDir), knownMachine).toSorted((one, other) => other.usedAtMs - one.usedAtMs)

/** Keeps one credential per machine, readable by this user alone. */
export const keepMachine = (dataDir: string, machine: KnownMachine): void =>
  writePrivately(fileOf(dataDir, machine), `${JSON.stringify(machine)}\n`)

export const forgetMachine = (dataDir: string, machine: KnownMachine): void =>
  rmSync(fileOf(dataDir, machine), { force: true })
