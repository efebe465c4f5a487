import { closeSync, openSync, writeSync } from 'node:fs'
import { printableLines } from '@latchkey/protocol/printable'

/** Enough for weeks of warnings; later output is dropped, so that it cannot fill the disk. */
const FILE_BYTES_MAX = 8 * 1024 * 1024

/** Where broker and runner print while a person's screen is in use; begun anew at each start, readable by its owner. */
export class PrintFile {
  readonly #file: number
  #written = 0

  constructor(path: string) {
    this.#file = openSync(path, 'w', 0o600)
  }

  write(text: string): void {
    const byteCount = Buffer.byteLength(text)
    if (this.#written + byteCount > FILE_BYTES_MAX) return
    this.#written += byteCount
    try {
      // Somebody will look at it on a terminal.
      writeSync(this.#file, printableLines(text))
    } catch {
      // A full disk must not end the terminals; the lines are lost, and that is all.
    }
  }

  close(): void {
    closeSync(this.#file)
  }
}
