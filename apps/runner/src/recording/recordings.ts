import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { RunnerIdentity } from '../identity.ts'
import { removeOldRecordings } from './old-recordings.ts'
import { Recording } from './recording.ts'

export const RECORDINGS_FOLDER = 'recordings'
export const RECORDING_MIB_MAX = 256
/** All recordings together, where nothing else is set: sixteen of the largest. */
export const RECORDINGS_MIB_MAX = 4_096
/** More than a person looks through. */
const RECORDINGS_MAX = 200
const FOLDER_FOR_OWNER = 0o700

/** A recording that runs. */
export interface Running {
  readonly name: string
  readonly terminal: number
}

export interface RecordingsOptions {
  /** its folder `recordings` has the files */
  readonly stateFolder: string
  readonly identity: Pick<RunnerIdentity, 'publicKey' | 'sign'>
  readonly machine: string
  /** of one recording */
  readonly bytesMax: number
  /** of all together; the oldest are removed first */
  readonly allBytesMax?: number
  /** a sentence for the owner */
  readonly onTrouble: (message: string) => void
}

/** The folder of recordings, and those that run: at most one a terminal. */
export class Recordings {
  readonly #options: RecordingsOptions
  readonly #folder: string
  readonly #running = new Map<Recording, Running>()
  /** ended, with a file that is still open */
  readonly #closing = new Set<Promise<void>>()

  constructor(options: RecordingsOptions) {
    this.#options = options
    this.#folder = join(options.stateFolder, RECORDINGS_FOLDER)
  }

  get running(): readonly Running[] {
    return [...this.#running.values()]
  }

  /** Begins a recording; a sentence when its file cannot be made. */
  async begin(
    of: { readonly terminal: number; readonly title: string; readonly cols: number; readonly rows: number },
    onEnd: () => void,
  ): Promise<Recording | string> {
    const { identity, machine, bytesMax, onTrouble } = this.#options
    const startedAtMs = Date.now()
    const { terminal, title, cols, rows } = of
    const name = nameOf(startedAtMs, terminal)
    try {
      mkdirSync(this.#folder, { recursive: true, mode: FOLDER_FOR_OWNER })
      chmodSync(this.#folder, FOLDER_FOR_OWNER)
      const recording: Recording = await Recording.begin({
        path: join(this.#folder, name),
        identity,
        bytesMax,
        machine,
        terminal,
        title,
        size: { cols, rows },
        startedAtMs,
        nowMs: () => performance.now(),
        onEnd: (trouble) => {
          this.#running.delete(recording)
          this.#closes(recording.closed.then(() => this.#removeOld()))
          if (trouble !== null) onTrouble(`${name}: ${trouble} The terminal goes on.`)
          onEnd()
        },
      })
      this.#running.set(recording, { name, terminal })
      return recording
    } catch (problem) {
      return `The recording could not be started: ${problem instanceof Error ? problem.message : String(problem)}`
    }
  }

  /** Ends all, and waits until their files are closed. */
  async stop(): Promise<void> {
    for (const recording of this.#running.keys()) void recording.end('The runner ended.')
    await Promise.all(this.#closing)
  }

  #removeOld(): void {
    const { allBytesMax = RECORDINGS_MIB_MAX * 1024 * 1024, onTrouble } = this.#options
    const kept = { filesMax: RECORDINGS_MAX, bytesMax: allBytesMax }
    const running = new Set(this.running.map(({ name }) => name))
    try {
      const removed = removeOldRecordings(this.#folder, kept, running)
      if (removed > 0)
        onTrouble(
          `${removed === 1 ? 'The oldest recording was' : `The ${removed} oldest recordings were`} removed, to stay within ${RECORDINGS_MAX} recordings of ${Math.ceil(allBytesMax / 1024 / 1024)} MiB in all.`,
        )
    } catch (problem) {
      onTrouble(
        `Old recordings could not be removed: ${problem instanceof Error ? problem.message : String(problem)}`,
      )
    }
  }

  #closes(closed: Promise<void>): void {
    this.#closing.add(closed)
    void closed.then(() => this.#closing.delete(closed))
  }
}

/** "20261130-221500-123-t7.cast": UTC, with the terminal's number. */
const nameOf = (atMs: number, terminal: number): string => {
  const digits = new Date(atMs).toISOString().replace(/\D/g, '')
  return `${digits.slice(0, 8)}-${digits.slice(8, 14)}-${digits.slice(14)}-t${terminal}.cast`
}
