/** The store itself failed: locked, full, closed, unreachable. */
export class StoreUnavailable extends Error {
  /** what an operator reads, naming the cause */
  readonly why: string
  /** `unknown`: no answer came over the network, so the transaction may have been written; the caller looks the state up */
  readonly outcome: 'nothing-written' | 'unknown'

  constructor(why: string, cause?: unknown, outcome: 'nothing-written' | 'unknown' = 'nothing-written') {
    super(`the store is unavailable: ${why}`, { cause })
    this.name = 'StoreUnavailable'
    this.why = why
    this.outcome = outcome
  }
}
