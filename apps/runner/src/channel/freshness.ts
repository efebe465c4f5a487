/**
 * An app says something every few seconds. A channel that was silent for this long may be held back by the relay that carries
 * it. Less than that would make an app that types on a slow line do a handshake for nothing.
 */
export const SILENT_AFTER_MS = 15_000
/** A page in the background may speak once a minute only; an app that is silent for this long has gone. */
export const GONE_AFTER_MS = 3 * 60_000

/**
 * Whether what comes on a sealed channel is news. Frames cannot be changed or reordered on their way, but they can be held
 * back: after a silence nothing on the channel may act, before the app has shown that it has heard of something that was
 * said after the silence.
 */
export class Freshness {
  readonly #nowMs: () => number
  #heardAtMs: number
  #marks = 0
  /** an app that has heard this mark, or a later one, was there after the silence; null while there was none */
  #provedBy: number | null = null

  /** @param nowMs a clock that never goes backwards */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
    this.#heardAtMs = nowMs()
  }

  /** Something has arrived. */
  heard(): void {
    const nowMs = this.#nowMs()
    if (nowMs - this.#heardAtMs >= SILENT_AFTER_MS) this.#provedBy = this.#marks
    this.#heardAtMs = nowMs
  }

  /** The next thing to say that an app can prove to have heard. */
  mark(): number {
    return this.#marks++
  }

  /** The app has received `mark` and everything sent before it. */
  proved(mark: number): void {
    if (this.#provedBy !== null && mark >= this.#provedBy && mark < this.#marks) this.#provedBy = null
  }

  /** Whether what arrived last may be as old as a silence. */
  get isDoubtful(): boolean {
    return this.#provedBy !== null
  }
}
