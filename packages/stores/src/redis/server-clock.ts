import type { Instant } from '@latchkey/domain/kernel'
import { storeTime } from '../decide.ts'

/** Where a store has its time from. */
export interface StoreClock {
  /** the store's time, never running backwards */
  now(): Instant
  /** What the server's clock is believed to show, milliseconds; null when the server's time does not matter. */
  serverMs(): number | null
  /** whether there is a time to decide by */
  isSet(): boolean
  /** The server said so just now. */
  heard(serverMs: number): void
}

/**
 * The server’s clock as this process knows it: from behind, by at most the time of an answer.
 *
 * @param monotonicMs a clock of this process that cannot be set
 */
export function serverClock(monotonicMs: () => number): StoreClock {
  let aheadMs: number | null = null
  const believedMs = () => Math.floor(monotonicMs() + (aheadMs ?? 0))
  const time = storeTime(believedMs)
  return {
    now: time,
    serverMs: believedMs,
    isSet: () => aheadMs !== null,
    heard(serverMs) {
      aheadMs = serverMs - monotonicMs()
    },
  }
}

/** A clock that a test sets. */
export const givenClock = (clock: () => number): StoreClock => ({
  now: storeTime(clock),
  serverMs: () => null,
  isSet: () => true,
  heard: () => {},
})
