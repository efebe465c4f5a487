import type { RunnerMessage } from '@latchkey/protocol/terminal/messages'
import type { Snapshot } from './link.ts'

export type SnapshotHeader = Extract<RunnerMessage, { readonly type: 'snapshot' }>

/** A screen with all its scrollback is far below this; what announces more is no snapshot. */
export const SNAPSHOT_BYTES_MAX = 16 * 1024 * 1024

/** Collects the bytes that follow a snapshot's header on the history stream. */
export class SnapshotIntake {
  readonly header: SnapshotHeader
  readonly #bytes: Uint8Array
  #at = 0

  constructor(header: SnapshotHeader) {
    this.header = header
    this.#bytes = new Uint8Array(header.bytes)
  }

  get complete(): boolean {
    return this.#at === this.#bytes.length
  }

  get snapshot(): Snapshot {
    return { cols: this.header.cols, rows: this.header.rows, bytes: this.#bytes }
  }

  /** False when these bytes do not follow the ones before, or are more than was announced. */
  take(seq: number, bytes: Uint8Array): boolean {
    if (seq !== this.#at || seq + bytes.length > this.#bytes.length) return false
    this.#bytes.set(bytes, seq)
    this.#at += bytes.length
    return true
  }
}
