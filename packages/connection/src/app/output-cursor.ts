import { CreditWindow } from './credit-window.ts'
import type { TerminalSink } from './link.ts'
import { SNAPSHOT_BYTES_MAX, type SnapshotHeader, SnapshotIntake } from './snapshot-intake.ts'

export interface OutputCursorOptions {
  readonly sink: TerminalSink
  readonly nowMs: () => number
  /** Output may be sent up to this offset. */
  readonly grant: (upTo: number) => void
  /** The output has a hole that the machine did not announce: only a fresh snapshot helps. */
  readonly restart: () => void
}

/**
 * Where one watch is in its terminal's output: hands each byte to the sink once and in order, over any number of
 * connections, and grants credit as the sink draws.
 */
export class OutputCursor {
  readonly #options: OutputCursorOptions
  readonly #window = new CreditWindow()
  /** every byte below has been handed to the sink; null before the first snapshot */
  #received: number | null = null
  #intake: SnapshotIntake | null = null
  /** between the machine's answer to `attach` and the loss of the connection */
  #attached = false

  constructor(options: OutputCursorOptions) {
    this.#options = options
  }

  /** Where to resume; null for from the beginning, with a snapshot. */
  get from(): number | null {
    return this.#received
  }

  /** Whether the output follows again: nothing that happened meanwhile is missing. */
  get caughtUp(): boolean {
    return this.#attached && this.#intake === null && this.#received !== null
  }

  roundTrip(ms: number): void {
    this.#window.roundTrip(ms)
  }

  lost(): void {
    this.#attached = false
    this.#intake = null
  }

  /** The drawing is worth nothing any more: the next attachment begins with a snapshot. */
  startOver(): void {
    this.lost()
    this.#received = null
  }

  attached(offset: number): void {
    this.#attached = true
    this.#options.grant(this.#window.begin(this.#received ?? offset))
  }

  /** False when what the machine announces cannot be. */
  snapshot(header: SnapshotHeader): boolean {
    if (header.bytes > SNAPSHOT_BYTES_MAX) return false
    this.#intake = new SnapshotIntake(header)
    this.#finishSnapshot()
    return true
  }

  history(seq: number, bytes: Uint8Array): boolean {
    if (this.#intake === null) return true
    if (!this.#intake.take(seq, bytes)) return false
    this.#finishSnapshot()
    return true
  }

  output(seq: number, bytes: Uint8Array): void {
    const received = this.#received
    // Not attached: sent before this watch gave up its last attachment; the next one asks for it again.
    if (!this.#attached || received === null || this.#intake !== null) return
    const end = seq + bytes.length
    if (end <= received) return
    if (seq > received) {
      this.#options.sink.gap(seq - received)
      this.startOver()
      return this.#options.restart()
    }
    this.#received = end
    this.#window.arrived(this.#options.nowMs())
    this.#options.sink.write(bytes.subarray(received - seq), () => this.#drawn(end))
  }

  #finishSnapshot(): void {
    const intake = this.#intake
    if (intake === null || !intake.complete) return
    this.#intake = null
    this.#received = intake.header.offset
    const upTo = this.#window.begin(intake.header.offset)
    this.#options.sink.reset(intake.snapshot, () => {})
    this.#options.grant(upTo)
  }

  #drawn(offset: number): void {
    const upTo = this.#window.drawn(offset, this.#options.nowMs())
    if (upTo !== null && this.#attached) this.#options.grant(upTo)
  }
}
