import { type Instant, later } from './kernel.ts'

/** How far the clocks of processes on one store may differ, and a clock may be set back, without ending a lease. */
const CLOCK_STEP_MS = 5_000

/**
 * Whether a lease that was taken or renewed at `from` holds. A lease that begins in the future was written under an
 * older clock: no process renews it, and it could outlast every other lease.
 */
export const leaseHolds = (
  { from, until }: { readonly from: Instant; readonly until: Instant },
  now: Instant,
): boolean => now < until && from <= later(now, CLOCK_STEP_MS)
