/** Of a lease: how often its age is looked at, and those whose broker instance is gone are looked for. */
const CHECKS_A_LEASE = 30
const SEARCHES_A_LEASE = 12
/** Sessions of a broker instance that died are found this soon, however long the lease. */
const SEARCH_EVERY_MS_MAX = 5_000

/** Of a lease: when it is renewed. */
export const RENEWS_AT = 1 / 3
/**
 * Of a lease: a broker instance that has not renewed for this long lets go. With the step of the checks and the time that closing may take
 * it is done before anybody else may take over; and a store that is away for half a lease costs nothing.
 */
export const LETS_GO_AT = 0.92

export interface LeaseWatchOptions {
  readonly leaseMs: number
  /** needs no store: lets go of what could not be renewed in time */
  readonly check: () => void
  readonly renew: () => Promise<void>
  /** takes over accounts without a holder */
  readonly search: () => Promise<void>
  readonly onProblem: (problem: unknown) => void
}

/** Looks after the leases of one broker instance. A search that takes long never delays a renewal. */
export class LeaseWatch {
  readonly #options: LeaseWatchOptions
  readonly #running = new Map<string, Promise<void>>()
  #timers: readonly NodeJS.Timeout[] = []

  constructor(options: LeaseWatchOptions) {
    this.#options = options
  }

  begin(): void {
    const { leaseMs, check, renew, search } = this.#options
    const look = () => {
      check()
      this.#once('renew', renew)
    }
    const seek = () => this.#once('search', search)
    const searchEveryMs = Math.min(SEARCH_EVERY_MS_MAX, leaseMs / SEARCHES_A_LEASE)
    this.#timers = [setInterval(look, leaseMs / CHECKS_A_LEASE), setInterval(seek, searchEveryMs)]
    seek()
  }

  /** Ends the timers, and waits for what they began. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    await Promise.all(this.#running.values())
  }

  /** Begins `run` unless it still runs. */
  #once(name: string, run: () => Promise<void>): void {
    if (this.#running.has(name)) return
    const done = run()
      .catch(this.#options.onProblem)
      .finally(() => this.#running.delete(name))
    this.#running.set(name, done)
  }
}
