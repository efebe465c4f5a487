import type { Instant } from '@latchkey/domain/kernel'

const DAY_MS = 24 * 60 * 60 * 1_000

/** Some tens of megabytes. Beyond it a runner is given its time anew more often than it needs. */
const RUNNERS_MAX = 200_000

/** Whose expiry this process has put off today: once a day is enough for what expires after ninety. */
export class Renewals {
  readonly #renewed = new Set<string>()
  #day = 0

  /** Whether it is time for a runner; it counts as done with the question. */
  isDue(runnerId: string, now: Instant): boolean {
    const day = Math.floor(now / DAY_MS)
    if (day !== this.#day) this.#renewed.clear()
    this.#day = day
    if (this.#renewed.has(runnerId)) return false
    if (this.#renewed.size < RUNNERS_MAX) this.#renewed.add(runnerId)
    return true
  }
}
