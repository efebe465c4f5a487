import { delayAfterHintMs, delayBeforeTryMs, fractionOf } from './backoff.ts'
import type { Cancel, Platform } from './transport.ts'

const LASTING_MS = 5_000
/** A success that did not last: waits grow to 4 s at most, and not to half a minute. */
const FAILURES_AFTER_SHORT_SUCCESS_MAX = 2

/** What waiting takes: a clock, timers, and randomness to spread the tries. */
type RetryPlatform = Pick<Platform, 'nowMs' | 'after' | 'randomBytes'>

/** The next try of one thing that may fail, at its time. At most one is waited for. */
export class Retry {
  #failures = 0
  #succeededAtMs: number | null = null
  #waiting: { readonly atMs: number; readonly stop: Cancel } | null = null
  readonly #platform: RetryPlatform
  readonly #run: () => void

  constructor(platform: RetryPlatform, run: () => void) {
    this.#platform = platform
    this.#run = run
  }

  /** When the next try will be made; null when none is waited for. */
  get nextTryAtMs(): number | null {
    return this.#waiting?.atMs ?? null
  }

  succeeded(): void {
    this.#succeededAtMs = this.#platform.nowMs()
  }

  /**
   * Waits longer each time, until a success. A success of less than five seconds does not begin the waits anew: something may
   * be ending each connection. Answers with the wait in milliseconds.
   */
  afterFailure(): number {
    if (this.#succeededAtMs !== null) {
      const lasted = this.#platform.nowMs() - this.#succeededAtMs > LASTING_MS
      this.#failures = lasted ? 0 : Math.min(this.#failures, FAILURES_AFTER_SHORT_SUCCESS_MAX)
    }
    this.#succeededAtMs = null
    const delayMs = delayBeforeTryMs(this.#failures, this.#fraction())
    this.#failures += 1
    return this.after(delayMs)
  }

  /** Waits about as long as the broker asked for, never the same for all. Answers with the wait in milliseconds. */
  afterHint(comeBackInMs: number): number {
    return this.after(delayAfterHintMs(comeBackInMs, this.#fraction()))
  }

  after(delayMs: number): number {
    this.stop()
    const stop = this.#platform.after(delayMs, () => {
      this.#waiting = null
      this.#run()
    })
    this.#waiting = { atMs: this.#platform.nowMs() + delayMs, stop }
    return delayMs
  }

  stop(): void {
    this.#waiting?.stop()
    this.#waiting = null
  }

  #fraction(): number {
    return fractionOf(this.#platform.randomBytes(4))
  }
}
