import { chmodSync, renameSync, statSync } from 'node:fs'
import { appendFile, mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { jsonLine } from '@latchkey/protocol/printable'

/** Some ten thousand lines; the older half is in the file beside it. */
const LOG_BYTES_MAX = 2 * 1024 * 1024
const FILE_FOR_OWNER = 0o600

/** What an app did with this machine's files and ports. */
export interface TransferEvent {
  readonly did: 'file-received' | 'file-sent' | 'file-refused' | 'port-opened' | 'port-refused'
  /** its id for the owner; null for an app that is not known by keys */
  readonly app: string | null
  readonly label: string
  readonly [fact: string]: string | number | null
}

/** The machine's own record of transfers, for its owner: one JSON object a line, 0600. */
export class TransferLog {
  readonly #path: string
  readonly #onTrouble: (message: string) => void
  #last: Promise<void> = Promise.resolve()
  #isInTrouble = false

  constructor(path: string, onTrouble: (message: string) => void) {
    this.#path = path
    this.#onTrouble = onTrouble
  }

  write(event: TransferEvent, atMs: number): void {
    const line = `${jsonLine({ at: new Date(atMs).toISOString(), ...event })}\n`
    this.#last = this.#last.then(() => this.#append(line))
  }

  /** Resolves when all of it is written. */
  settled(): Promise<void> {
    return this.#last
  }

  async #append(line: string): Promise<void> {
    try {
      await mkdir(dirname(this.#path), { recursive: true })
      if ((statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0) > LOG_BYTES_MAX)
        renameSync(this.#path, `${this.#path}.1`)
      await appendFile(this.#path, line, { mode: FILE_FOR_OWNER })
      chmodSync(this.#path, FILE_FOR_OWNER)
      this.#isInTrouble = false
    } catch (problem) {
      // Once, not with each line.
      if (!this.#isInTrouble) this.#onTrouble(`${this.#path} cannot be written: ${String(problem)}`)
      this.#isInTrouble = true
    }
  }
}
