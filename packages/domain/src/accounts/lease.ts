import { type Instant, later } from '../kernel.ts'
import { leaseHolds } from '../lease.ts'

/** Which broker instance may hold a session's connection to WhatsApp. All times are the store's. */
export interface AccountLease {
  readonly node: string
  /** grows with each change of hands; every write of credentials carries it, and a stale one is refused */
  readonly epoch: number
  readonly until: Instant
  /** when it was taken or renewed; older releases do not say */
  readonly from?: Instant
}

/** Whether the broker instance has the session now. */
export const isHeld = (lease: AccountLease | null, now: Instant): boolean =>
  lease !== null &&
  leaseHolds({ from: lease.from ?? later(lease.until, -LEASE_MS_MAX), until: lease.until }, now)

/**
 * How long a broker instance that says nothing keeps a session; it renews at a third of this. Long enough that a store which is away for
 * half a minute costs no connection.
 */
export const LEASE_MS = 60_000

/** The longest that an operator may set. */
export const LEASE_MS_MAX = 3_600_000

/** The lease for `node`, taken or renewed; null while another broker instance has it. */
export function takeLease(
  lease: AccountLease | null,
  node: string,
  now: Instant,
  leaseMs: number = LEASE_MS,
): AccountLease | null {
  const taken = { node, from: now, until: later(now, leaseMs) }
  if (!isHeld(lease, now)) return { ...taken, epoch: (lease?.epoch ?? 0) + 1 }
  return lease?.node === node ? { ...taken, epoch: lease.epoch } : null
}

/** Only the epoch in force may write. Time does not matter: every take-over raises the epoch. */
export const mayWrite = (lease: AccountLease | null, epoch: number): boolean => lease?.epoch === epoch
