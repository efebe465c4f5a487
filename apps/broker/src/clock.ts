/**
 * Milliseconds since the epoch, read once from the wall clock and counted on by the process's own: a step of the wall clock, or a
 * machine that slept, must not end leases that nobody failed to renew.
 */
export function brokerClock(): () => number {
  const startedAt = Date.now() - performance.now()
  return () => startedAt + performance.now()
}
