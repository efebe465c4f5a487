import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  type Stats,
  utimesSync,
} from 'node:fs'
import { join } from 'node:path'
import { KeptFile } from '../kept-file.ts'
import { openRecord, type PastRecord, sealRecord } from './past-record.ts'

/** The newest so many files stay: a person looks through no more. */
export const PAST_FILES_MAX = 64
/** A full history of 2,000 coloured lines is some 200 KiB. */
export const PAST_FILE_BYTES_MAX = 1024 * 1024
export const PAST_AGE_MS_MAX = 30 * 24 * 60 * 60 * 1000
/** More names than this are not even looked at: somebody else uses the folder. */
const NAMES_MAX = 4_096

const FOR_OWNER = 0o700
const FILE_NAME = /^\d{1,16}-\d{1,5}\.past$/
const DRAFT_NAME = /^\d{1,16}-\d{1,5}\.past\.new$/

/** Which terminal a file is of: its number alone is used again. */
export interface PastKey {
  readonly terminal: number
  readonly startedAtMs: number
}

export const pastFileName = ({ terminal, startedAtMs }: PastKey): string => `${startedAtMs}-${terminal}.past`

/** The folder of past terminals in the state folder of a runner. */
export const pastFolderIn = (stateFolder: string): string => join(stateFolder, 'past')

export interface FoundRecord {
  readonly record: PastRecord
  /** when the terminal was last seen alive, epoch milliseconds */
  readonly seenAtMs: number
}

/** The files of terminals, each sealed with the machine's key. Its methods answer trouble of the disk by `onTrouble`; none throws. */
export class PastFolder {
  readonly #folder: string
  readonly #secret: Uint8Array
  readonly #onTrouble: (message: string) => void
  readonly #files = new Map<string, KeptFile>()
  readonly #removing = new Set<Promise<void>>()
  #saidFull = false

  /** @param options.secret the runner's X25519 secret, 32 bytes */
  constructor(options: {
    readonly folder: string
    readonly secret: Uint8Array
    readonly onTrouble: (message: string) => void
  }) {
    this.#folder = options.folder
    this.#secret = options.secret
    this.#onTrouble = options.onTrouble
    this.#guarded(() => {
      mkdirSync(this.#folder, { recursive: true, mode: FOR_OWNER })
      chmodSync(this.#folder, FOR_OWNER)
    })
  }

  /** All records that can be read, oldest first. Removes files that are too old, and the oldest of too many. */
  list(nowMs: number): readonly FoundRecord[] {
    this.prune(nowMs)
    let unreadable = 0
    const found = filesIn(this.#folder).flatMap(({ name, stats }): FoundRecord[] => {
      const record = this.#read(name)
      if (record === null || pastFileName(record) !== name) unreadable += 1
      else return [{ record, seenAtMs: Math.max(record.writtenAtMs, Math.min(stats.mtimeMs, nowMs)) }]
      return []
    })
    if (unreadable > 0)
      this.#onTrouble(
        `${unreadable} ${unreadable === 1 ? 'file' : 'files'} in ${this.#folder} cannot be read with this machine's key: ignored.`,
      )
    return found
  }

  /** Null when there is none, or none that this machine sealed. */
  read(key: PastKey): PastRecord | null {
    return this.#read(pastFileName(key))
  }

  has(key: PastKey): boolean {
    return lstatSync(join(this.#folder, pastFileName(key)), { throwIfNoEntry: false }) !== undefined
  }

  /** Resolves when the record is on disk, or when it is known that it cannot be. */
  async write(record: PastRecord): Promise<void> {
    const name = pastFileName(record)
    const sealed = sealRecord(record, this.#secret, name)
    if (sealed.length > PAST_FILE_BYTES_MAX) return
    try {
      await this.#file(name).write(sealed)
      this.#saidFull = false
    } catch (problem) {
      // Once, not with each try.
      if (!this.#saidFull)
        this.#onTrouble(`The last screens of terminals cannot be kept: ${messageOf(problem)}`)
      this.#saidFull = true
    }
  }

  /** The terminal lives at this time. */
  seen(key: PastKey, nowMs: number): void {
    this.#guarded(() => utimesSync(join(this.#folder, pastFileName(key)), nowMs / 1000, nowMs / 1000))
  }

  /** Forgets a terminal, after writes of it that are under way. */
  remove(key: PastKey): void {
    const name = pastFileName(key)
    const erase = () => this.#guarded(() => rmSync(join(this.#folder, name), { force: true }))
    const file = this.#files.get(name)
    if (file === undefined) return erase()
    const removing = file.settled().then(() => {
      this.#files.delete(name)
      this.#removing.delete(removing)
      erase()
    })
    this.#removing.add(removing)
  }

  /** Resolves when nothing is being removed. */
  async settled(): Promise<void> {
    await Promise.all(this.#removing)
  }

  /** Removes files that are too old, and the oldest of too many. */
  prune(nowMs: number): void {
    this.#guarded(() => {
      const files = filesIn(this.#folder)
      const tooMany = files.length - PAST_FILES_MAX
      for (const [at, { name, stats }] of files.entries())
        if (at < tooMany || nowMs - stats.mtimeMs > PAST_AGE_MS_MAX) rmSync(join(this.#folder, name))
    })
  }

  #read(name: string): PastRecord | null {
    try {
      const path = join(this.#folder, name)
      if (lstatSync(path).size > PAST_FILE_BYTES_MAX) return null
      return openRecord(readFileSync(path), this.#secret, name)
    } catch {
      return null
    }
  }

  #file(name: string): KeptFile {
    const file = this.#files.get(name) ?? new KeptFile(join(this.#folder, name))
    this.#files.set(name, file)
    return file
  }

  #guarded(act: () => void): void {
    try {
      act()
    } catch (problem) {
      if (problem instanceof Error && 'code' in problem && problem.code === 'ENOENT') return
      this.#onTrouble(`${this.#folder} cannot be used: ${messageOf(problem)}`)
    }
  }
}

/** Removes every file of past terminals, and drafts of them; other files in the folder are left. */
export function erasePast(folder: string): void {
  for (const name of namesIn(folder))
    if (FILE_NAME.test(name) || DRAFT_NAME.test(name)) rmSync(join(folder, name), { force: true })
}

/** Which terminals have a file in the folder, without opening any: those that live are among them. */
export const pastKeysIn = (folder: string): readonly PastKey[] =>
  filesIn(folder).map(({ name }) => {
    const [startedAtMs, terminal] = name.split(/[-.]/)
    return { startedAtMs: Number(startedAtMs), terminal: Number(terminal) }
  })

/** Forgets terminals without the machine's key, for the command that ended them. */
export function erasePastOf(folder: string, keys: readonly PastKey[]): void {
  for (const key of keys) rmSync(join(folder, pastFileName(key)), { force: true })
}

/** Oldest first. */
function filesIn(folder: string): readonly { readonly name: string; readonly stats: Stats }[] {
  return namesIn(folder)
    .filter((name) => FILE_NAME.test(name))
    .flatMap((name) => {
      const stats = lstatSync(join(folder, name), { throwIfNoEntry: false })
      return stats?.isFile() === true ? [{ name, stats }] : []
    })
    .sort((a, b) => a.stats.mtimeMs - b.stats.mtimeMs)
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).slice(0, NAMES_MAX)
  } catch {
    return []
  }
}

const messageOf = (problem: unknown): string => (problem instanceof Error ? problem.message : String(problem))
