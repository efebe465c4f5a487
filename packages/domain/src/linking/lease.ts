import { type Instant, later } from '../kernel.ts'

/** Which node may hold a session's connection to WhatsApp. All times are the store's. */
export interface LinkLease {
  readonly node: string
  /** grows with each change of hands; every write of credentials carries it, and a stale one is refused */
  readonly epoch: number
  readonly until: Instant
}

/**
 * How long a node that says nothing keeps a session; it renews at a third of this. Long enough that a store which is away for
 * half a minute costs no connection.
 */
export const LEASE_MS = 60_000

/** The lease for `node`, taken or renewed; null while another node has it. */
export function takeLease(
  lease: LinkLease | null,
  node: string,
  now: Instant,
  leaseMs: number = LEASE_MS,
): LinkLease | null {
  const isFree = lease === null || now >= lease.until
  if (lease !== null && lease.node === node && !isFree)
    return { node, epoch: lease.epoch, until: later(now, leaseMs) }
  return isFree ? { node, epoch: (lease?.epoch ?? 0) + 1, until: later(now, leaseMs) } : null
}

/** Only the epoch that is in force may write; time does not matter, since who takes over raises it. */
export const mayWrite = (lease: LinkLease | null, epoch: number): boolean => lease?.epoch === epoch
