import type { PairingStore } from '@latchkey/domain/runner-pairing/ports'

/** A larger jump means that the store's clock was set or the process slept: the difference is measured anew. */
const STEP_MS = 250

/**
 * The store's clock as this process knows it: all brokers on one store agree about time, whatever their own clocks say. Learnt
 * from each transaction, so it costs nothing; until the first, the process's own clock is all there is.
 */
export class StoreClock {
  #aheadMs = 0

  /** @param clock the process's own, milliseconds; it must not be set while the process runs */
  constructor(private readonly clock: () => number) {}

  /** Milliseconds since the epoch. */
  readonly now = (): number => this.clock() + this.#aheadMs

  /** The store's time, read a moment ago. The answer that was under way for the shortest time knows best. */
  observe(storeNowMs: number): void {
    const aheadMs = storeNowMs - this.clock()
    if (aheadMs > this.#aheadMs || this.#aheadMs - aheadMs > STEP_MS) this.#aheadMs = aheadMs
  }
}

/** The same store, telling the clock what time it is there. */
export const telling = (clock: StoreClock, store: PairingStore): PairingStore => ({
  ...store,
  run: ({ keys, decide }) =>
    store.run({
      keys,
      decide: (view, now) => {
        clock.observe(now)
        return decide(view, now)
      },
    }),
})
