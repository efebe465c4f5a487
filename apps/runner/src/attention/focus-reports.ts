import type { KeptHandle } from '../keeper/keeper-client.ts'

/** The name of the terminal itself among those who type; apps have names with a blank in them. */
const WRITER = 'focus'
/** It has no connection, and never another one. */
const CONNECTION = 0
const GAINED = Buffer.from('\x1b[I')
const LOST = Buffer.from('\x1b[O')

/**
 * Tells a program that asked for it (mode 1004) whether an app shows its terminal to a person: agents call their person only
 * without one. A program that has just asked expects that a person looks.
 */
export class FocusReports {
  readonly #kept: KeptHandle
  /** bytes typed so far; null while nothing was */
  #typed: number | null = null
  #isWanted = false
  #isLookedAt = false
  /** what the program was told */
  #told = true

  constructor(kept: KeptHandle) {
    this.#kept = kept
  }

  isOwn(writer: string): boolean {
    return writer === WRITER
  }

  /** Whether the program wants to know. */
  wanted(isWanted: boolean): void {
    if (isWanted && !this.#isWanted) this.#told = true
    this.#isWanted = isWanted
    this.#tell()
  }

  lookedAt(isLookedAt: boolean, isWanted: boolean): void {
    this.#isLookedAt = isLookedAt
    this.wanted(isWanted)
  }

  #tell(): void {
    if (!this.#isWanted || this.#told === this.#isLookedAt || this.#kept.info.exit !== null) return
    this.#told = this.#isLookedAt
    if (this.#typed === null) {
      const { writers } = this.#kept.info.ledger
      this.#typed = writers.find(([writer]) => writer === WRITER)?.[1] ?? 0
      this.#kept.attach(WRITER, CONNECTION)
    }
    const bytes = this.#isLookedAt ? GAINED : LOST
    this.#kept.input(WRITER, CONNECTION, this.#typed, bytes)
    this.#typed += bytes.length
  }
}
