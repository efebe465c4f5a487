/** Codes watched at once; those beyond are put right by the clean-up of a broker on the same store. */
const WATCHED_MAX = 10_000
/** setTimeout's longest wait. */
const WAIT_MS_MAX = 2 ** 31 - 1

/**
 * Retires the codes that this process registered at their deadline, so that other readers of the store see them as not active.
 * Decides nothing, and keeps no process alive.
 */
export class CodeDeadlines {
  readonly #timers = new Map<string, NodeJS.Timeout>()

  /** @param look retires a runner's code if it is due; answers with the milliseconds until the next look, null for none */
  constructor(private readonly look: (runnerId: string) => Promise<number | null>) {}

  watch(runnerId: string, inMs: number): void {
    clearTimeout(this.#timers.get(runnerId))
    this.#timers.delete(runnerId)
    if (this.#timers.size >= WATCHED_MAX) return
    const timer = setTimeout(() => this.#due(runnerId), Math.min(Math.max(1, inMs), WAIT_MS_MAX))
    timer.unref()
    this.#timers.set(runnerId, timer)
  }

  #due(runnerId: string): void {
    this.#timers.delete(runnerId)
    this.look(runnerId).then(
      (leftMs) => leftMs !== null && this.watch(runnerId, leftMs),
      // The store is away or closed: nothing that is decided depends on this.
      () => {},
    )
  }
}
