import { type PairingCode, parsePairingCode, readTypedCode } from '@latchkey/domain/runner-pairing/code'
import { AddressBudgets } from './address-budgets.ts'

/** A person mistypes a few in a minute, and a text without a code in it guesses nothing: this bounds only the work of searching. */
const UNREADABLE = { bansAtFailure: 60, windowMs: 60_000, banMs: 60_000, resolutionMs: 1_000 }

/** The codes that a typed text may mean; none when no code is in it. */
export type ReadCodes =
  | { readonly status: 'read'; readonly candidates: readonly PairingCode[] }
  /** the text was not searched, nor will others of this address be for that many milliseconds */
  | { readonly status: 'held-off'; readonly leftMs: number }

/**
 * Reads typed codes. Searching a long text for a code costs more than any other refusal, so an address that sent many texts
 * without one may send codes in their exact form alone for a while. No budget of guesses is touched, and neighbours behind the
 * same address pair as before.
 */
export class UnreadableCodes {
  readonly #budgets: AddressBudgets

  constructor(clock: () => number) {
    this.#budgets = new AddressBudgets(UNREADABLE, clock)
  }

  read(typed: string, address: string): ReadCodes {
    const exact = parsePairingCode(typed)
    const leftMs = exact === null ? this.#budgets.banLeftMs(address) : 0
    if (leftMs > 0) return { status: 'held-off', leftMs }
    const candidates = readTypedCode(typed)
    if (candidates.length === 0) this.#budgets.charge(address)
    return { status: 'read', candidates }
  }
}
