/**
 * Milliseconds since the epoch: the wall clock is read once, then the process's own clock counts on. So a step of the wall clock,
 * or a machine that slept, ends no lease.
 */
export function brokerClock(): () => number {
  const startedAt = Date.now() - performance.now()
  return () => startedAt + performance.now()
}
