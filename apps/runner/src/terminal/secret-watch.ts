import type { LineMode } from '../pty/line-mode.ts'

/** A program prints its question first and switches the echo off right after. */
const LOOK_AFTER_MS = 40
/** A terminal that prints all the time costs no more than so many questions to the kernel. */
const LOOK_EVERY_MS = 200
/** A program may go silent before it asks: looked again so long after the last sign of life. */
const LOOK_AGAIN_MS = [1_000, 3_000] as const

/**
 * Knows whether a program reads a line that is not echoed (ECHO off, ICANON on): a password, whatever it is called. Shells and
 * editors that echo by themselves have ICANON off and are no secret.
 */
export class SecretWatch {
  readonly #ask: () => Promise<LineMode | null>
  readonly #isWanted: () => boolean
  readonly #onChanged: () => void
  #timer: NodeJS.Timeout | null = null
  #lookedAtMs = Number.NEGATIVE_INFINITY
  /** the next look is one for something that just happened */
  #soon = false
  #isLooking = false
  #ended = false
  secret = false

  constructor(options: {
    readonly ask: () => Promise<LineMode | null>
    /** whether anybody is there whom it concerns */
    readonly isWanted: () => boolean
    readonly onChanged: () => void
  }) {
    this.#ask = options.ask
    this.#isWanted = options.isWanted
    this.#onChanged = options.onChanged
  }

  /** The program printed, or something was typed: it may have switched the echo. */
  stirred(): void {
    if (this.#ended || !this.#isWanted()) return
    const now = performance.now()
    this.#wait(Math.max(LOOK_AFTER_MS, this.#lookedAtMs + LOOK_EVERY_MS - now), 0)
  }

  /** Something happened after the last look: the echo may be another one now. */
  get isUnsure(): boolean {
    return this.#soon || this.#isLooking
  }

  end(): void {
    this.#ended = true
    this.#stop()
  }

  #wait(ms: number, again: number): void {
    if (again === 0 && this.#soon) return
    this.#stop()
    this.#soon = again === 0
    this.#timer = setTimeout(() => void this.#look(again), ms)
  }

  async #look(again: number): Promise<void> {
    this.#stop()
    this.#lookedAtMs = performance.now()
    this.#isLooking = true
    const mode = await this.#ask()
    this.#isLooking = false
    if (this.#ended) return
    const secret = mode !== null && mode.canonical && !mode.echo
    if (secret !== this.secret) {
      this.secret = secret
      this.#onChanged()
    }
    const next = LOOK_AGAIN_MS[again]
    if (next !== undefined && this.#timer === null && this.#isWanted()) this.#wait(next, again + 1)
  }

  #stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#soon = false
  }
}
