import { addressSubject } from '@latchkey/domain/limits/subjects'

/** What tells one connection from all others that are open. */
interface Connection {
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
}

/** Counts what each IPv4 address or IPv6 /64 has open, so that one machine cannot take all connections. */
export class AddressGate {
  readonly #open = new Map<string, number>()
  /** ends the count of connections that are counted from their beginning */
  readonly #leaves = new Map<string, () => void>()

  constructor(private readonly perAddressMax: number) {}

  /** Answers with what to call when the connection is over, or null when the address has enough of them. */
  enter(address: string): (() => void) | null {
    const subject = addressSubject(address)
    const open = this.#open.get(subject) ?? 0
    if (open >= this.perAddressMax) return null
    this.#open.set(subject, open + 1)
    let left = false
    return () => {
      if (left) return
      left = true
      const now = (this.#open.get(subject) ?? 1) - 1
      if (now > 0) this.#open.set(subject, now)
      else this.#open.delete(subject)
    }
  }

  /** The same for a connection that may turn out to be one that does not count. */
  enterWith(connection: Connection, address: string): (() => void) | null {
    const leave = this.enter(address)
    if (leave === null) return null
    const name = nameOf(connection)
    this.#leaves.set(name, leave)
    return () => {
      this.#leaves.delete(name)
      leave()
    }
  }

  /** It is a broker's, which counts its clients itself. */
  doesNotCount(connection: Connection): void {
    this.#leaves.get(nameOf(connection))?.()
  }
}

const nameOf = ({ remoteAddress, remotePort }: Connection): string => `${remoteAddress} ${remotePort}`
