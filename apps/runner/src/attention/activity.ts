/** A program that printed nothing for so long has stopped: animated agents draw several times a second. */
export const QUIET_AFTER_MS = 800
/** A shorter burst is a redraw. */
const BURST_MS_MIN = 1_000
/** Output that comes so soon after a key is the answer to it. */
const ANSWERS_KEY_MS = 700

/** Whether a program that takes single keys works by itself, as its output shows: the weakest of all evidence. */
export class Activity {
  #burstAtMs = Number.NEGATIVE_INFINITY
  #printedAtMs = Number.NEGATIVE_INFINITY
  #typedAtMs = Number.NEGATIVE_INFINITY

  printed(atMs: number): void {
    if (atMs - this.#printedAtMs > QUIET_AFTER_MS || this.isTypedAt(atMs)) this.#burstAtMs = atMs
    this.#printedAtMs = atMs
  }

  typed(atMs: number): void {
    this.#typedAtMs = atMs
  }

  /** Whether what happens now may be the answer to a key. */
  isTypedAt(atMs: number): boolean {
    return atMs - this.#typedAtMs < ANSWERS_KEY_MS
  }

  isBusyAt(atMs: number): boolean {
    return atMs - this.#printedAtMs <= QUIET_AFTER_MS && this.#printedAtMs - this.#burstAtMs >= BURST_MS_MIN
  }
}
