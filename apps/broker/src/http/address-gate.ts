/** Counts what each address has open, so that one machine cannot take all connections. */
export class AddressGate {
  readonly #max: number
  readonly #open = new Map<string, number>()

  constructor(perAddressMax: number) {
    this.#max = perAddressMax
  }

  /** Answers with what to call when the connection is over, or null when the address has enough of them. */
  enter(address: string): (() => void) | null {
    const open = this.#open.get(address) ?? 0
    if (open >= this.#max) return null
    this.#open.set(address, open + 1)
    let left = false
    return () => {
      if (left) return
      left = true
      const now = (this.#open.get(address) ?? 1) - 1
      if (now > 0) this.#open.set(address, now)
      else this.#open.delete(address)
    }
  }
}
