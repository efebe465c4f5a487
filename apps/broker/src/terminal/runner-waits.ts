/** A runner opens its terminal connection as soon as it is registered: by then its apps may have been told already. */
const WITHIN_MS = 2_000

/** Apps that are there a moment before their runner. */
export class RunnerWaits {
  readonly #waiting = new Map<string, Set<() => void>>()

  /** Resolves when the runner arrives, or after two seconds. */
  awaited(runnerId: string): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(runnerId) ?? new Set()
      this.#waiting.set(runnerId, waiting)
      const done = () => {
        clearTimeout(timer)
        waiting.delete(done)
        if (waiting.size === 0) this.#waiting.delete(runnerId)
        resolve()
      }
      const timer = setTimeout(done, WITHIN_MS)
      timer.unref()
      waiting.add(done)
    })
  }

  arrived(runnerId: string): void {
    for (const done of this.#waiting.get(runnerId) ?? []) done()
  }
}
