import { type Instant, later } from './kernel.ts'

/** How far the clocks of processes on one store may differ, and a clock may be set back, without ending a lease. */
const CLOCK_STEP_MS = 5_000

/**
 * Whether a lease that was taken or renewed at `from` holds. One that begins in the future was written under a clock that is
 * not in force any more: nobody renews it, and it could end later than any lease lasts.
 */
export const leaseHolds = (
  { from, until }: { readonly from: Instant; readonly until: Instant },
  now: Instant,
): boolean => now < until && from <= later(now, CLOCK_STEP_MS)
