import { type FileHandle, open } from 'node:fs/promises'
import type { RunnerIdentity } from '../identity.ts'
import {
  type CastEvent,
  CHAIN_START,
  chained,
  eventLine,
  hashLine,
  headerLine,
  signatureLine,
  signedBytes,
} from './cast-lines.ts'

/** A disk that is so far behind does not get the rest: the recording ends, the terminal goes on. */
const WAITING_BYTES_MAX = 16 * 1024 * 1024
/** A killed runner leaves so much unsigned, at most. */
const SIGN_EVERY_MS = 5_000
/** For the marker, the end and its signature. */
const END_BYTES = 4_096

export interface RecordingOptions {
  readonly path: string
  /** `wx` by default: the file must not be there */
  readonly flags?: 'wx' | 'a'
  readonly identity: Pick<RunnerIdentity, 'publicKey' | 'sign'>
  readonly bytesMax: number
  readonly title: string
  readonly machine: string
  readonly terminal: number
  readonly size: { readonly cols: number; readonly rows: number }
  /** epoch milliseconds, for the header */
  readonly startedAtMs: number
  /** monotonic milliseconds */
  readonly nowMs: () => number
  /** No more is recorded; `trouble`: why it ended before anyone stopped it. */
  readonly onEnd: (trouble: string | null) => void
}

/** One recording while it is written. It never throws and never waits: its own troubles end it. */
export class Recording {
  readonly #options: RecordingOptions
  readonly #file: FileHandle
  #hash = CHAIN_START
  #waiting: Buffer[] = []
  #waitingBytes = 0
  #bytes = 0
  /** since the start, of the last event */
  #lastMs: number
  #hasUnsigned = false
  #signTimer: NodeJS.Timeout | null = null
  #ended = false
  #writing: Promise<void> | null = null
  #closed: Promise<void> = Promise.resolve()

  private constructor(options: RecordingOptions, file: FileHandle) {
    this.#options = options
    this.#file = file
    this.#lastMs = options.nowMs()
    this.#line(
      headerLine({
        ...options.size,
        startedAtMs: options.startedAtMs,
        title: options.title,
        machine: options.machine,
        terminal: options.terminal,
        runnerKeys: options.identity.publicKey,
      }),
    )
    this.#sign(false)
  }

  /** Makes the file. Throws what the file system throws. */
  static async begin(options: RecordingOptions): Promise<Recording> {
    return new Recording(options, await open(options.path, options.flags ?? 'wx', 0o600))
  }

  get hasEnded(): boolean {
    return this.#ended
  }

  /** @param atMs of the same clock as `nowMs`, when it happened */
  event(event: CastEvent, atMs: number): void {
    if (this.#ended) return
    const line = this.#eventLine(event, atMs)
    if (this.#bytes + line.length * 3 + END_BYTES > this.#options.bytesMax)
      return this.#stop(`The recording reached its largest size, ${this.#options.bytesMax} bytes.`)
    this.#line(line)
    if (this.#waitingBytes > WAITING_BYTES_MAX) return this.#lost('The disk is too slow for the recording.')
    this.#hasUnsigned = true
    this.#signTimer ??= setTimeout(() => {
      this.#signTimer = null
      if (!this.#ended && this.#hasUnsigned) this.#sign(false)
    }, SIGN_EVERY_MS)
  }

  /** After its end: until the file is closed. */
  get closed(): Promise<void> {
    return this.#closed
  }

  /** Ends it with a marker that says why. Resolves when the file is closed. */
  async end(why: string): Promise<void> {
    if (!this.#ended) this.#finish(why, null)
    await this.#closed
  }

  #stop(trouble: string): void {
    this.#finish(trouble, trouble)
  }

  #finish(marker: string, trouble: string | null): void {
    this.#line(this.#eventLine({ code: 'm', text: marker }, this.#options.nowMs()))
    this.#sign(true)
    this.#over(trouble)
  }

  /** The written lines stay in the file, without an end. */
  #lost(trouble: string): void {
    if (this.#ended) return
    this.#waiting = []
    this.#over(trouble)
  }

  #over(trouble: string | null): void {
    this.#ended = true
    if (this.#signTimer !== null) clearTimeout(this.#signTimer)
    this.#closed = this.#close()
    this.#options.onEnd(trouble)
  }

  async #close(): Promise<void> {
    await this.#writing
    await this.#file.sync().catch(() => {})
    await this.#file.close().catch(() => {})
  }

  #eventLine(event: CastEvent, atMs: number): string {
    const atWholeMs = Math.max(Math.round(atMs), Math.round(this.#lastMs))
    const line = eventLine(atWholeMs - Math.round(this.#lastMs), event)
    this.#lastMs = atWholeMs
    return line
  }

  #line(line: string): void {
    const bytes = Buffer.from(line)
    this.#hash = chained(this.#hash, bytes)
    this.#write(Buffer.concat([bytes, Buffer.from(`\n${hashLine(this.#hash)}\n`)]))
  }

  #sign(isEnd: boolean): void {
    this.#hasUnsigned = false
    const signature = this.#options.identity.sign(signedBytes(this.#hash, isEnd))
    this.#write(Buffer.from(`${signatureLine(signature, isEnd)}\n`))
  }

  #write(bytes: Buffer): void {
    this.#bytes += bytes.length
    this.#waitingBytes += bytes.length
    this.#waiting.push(bytes)
    this.#writing ??= this.#writeWaiting()
  }

  async #writeWaiting(): Promise<void> {
    // What the caller has yet to write goes with it.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const bytes = Buffer.concat(this.#waiting)
      this.#waiting = []
      try {
        await this.#file.appendFile(bytes)
      } catch (problem) {
        const why = problem instanceof Error ? problem.message : String(problem)
        // An end that cannot be written: the file says that it is unfinished.
        this.#waiting = []
        this.#lost(`The recording could not be written: ${why}`)
        break
      }
      this.#waitingBytes -= bytes.length
    }
    this.#writing = null
  }
}
