/** The store itself failed: locked, full, closed, unreachable. Nothing of the transaction was written. */
export class StoreUnavailable extends Error {
  /** @param why what an operator reads, naming the cause */
  constructor(why: string, cause?: unknown) {
    super(`the store is unavailable: ${why}`, { cause })
    this.name = 'StoreUnavailable'
  }
}
