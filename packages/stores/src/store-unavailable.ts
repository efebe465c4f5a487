/** The store itself failed: locked, full, closed, unreachable. */
export class StoreUnavailable extends Error {
  /** what an operator reads, naming the cause */
  readonly why: string
  /**
   * Nothing of the transaction was written; or, over a network, nobody answered in time: then it is `unknown`, and who
   * cares asks for the state.
   */
  readonly outcome: 'nothing-written' | 'unknown'

  constructor(why: string, cause?: unknown, outcome: 'nothing-written' | 'unknown' = 'nothing-written') {
    super(`the store is unavailable: ${why}`, { cause })
    this.name = 'StoreUnavailable'
    this.why = why
    this.outcome = outcome
  }
}
