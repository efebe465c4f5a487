import type { Look } from './look.ts'

/** A program prints first and changes its terminal right after. */
const LOOK_AFTER_MS = 60
/** A terminal that prints all the time costs one question to the kernel so often: some 2 ms of other processes. */
const LOOK_EVERY_MS = 500
/** What changes only because time passes is seen at these times after the last sign of life; then nothing is looked at. */
const LOOK_AGAIN_MS = [900, 3_000] as const

/** When to ask the kernel about a terminal: after each sign of life, and for a short while after the last one. */
export class Looks {
  readonly #options: {
    readonly nowMs: () => number
    readonly look: () => Promise<Look>
    readonly onLook: (look: Look) => void
  }
  #timer: NodeJS.Timeout | null = null
  /** the next look is one for something that just happened */
  #isSoon = false
  #isLooking = false
  /** something happened while it was looked */
  #stirredMeanwhile = false
  #lookedAtMs = Number.NEGATIVE_INFINITY
  #ended = false
  last: Look | null = null

  constructor(options: {
    readonly nowMs: () => number
    readonly look: () => Promise<Look>
    readonly onLook: (look: Look) => void
  }) {
    this.#options = options
  }

  /** The program printed, or something was typed. */
  stirred(): void {
    if (this.#isLooking) this.#stirredMeanwhile = true
    else if (!this.#isSoon)
      this.#wait(Math.max(LOOK_AFTER_MS, this.#lookedAtMs + LOOK_EVERY_MS - this.#options.nowMs()), 0)
  }

  end(): void {
    this.#ended = true
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #wait(ms: number, again: number): void {
    if (this.#ended) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#isSoon = again === 0
    this.#timer = setTimeout(() => void this.#look(again), ms)
  }

  async #look(again: number): Promise<void> {
    this.#isSoon = false
    this.#isLooking = true
    this.#lookedAtMs = this.#options.nowMs()
    const look = await this.#options.look()
    this.#isLooking = false
    if (this.#ended) return
    this.last = look
    this.#options.onLook(look)
    const next = LOOK_AGAIN_MS[again]
    if (this.#stirredMeanwhile) {
      this.#stirredMeanwhile = false
      this.stirred()
    } else if (next !== undefined) this.#wait(next, again + 1)
  }
}
