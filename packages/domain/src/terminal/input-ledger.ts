/** How many writers a terminal remembers: each app that typed into it has one per window. */
export const WRITERS_MAX = 64
/** So many writers that were given up are remembered: a person discards input once in a while, not by the hundred. */
export const GIVEN_UP_MAX = 256

/** What became of typed bytes that arrived. `upTo`: everything below has been applied, once. */
export type Applied =
  /** `fresh` is to be typed now: the part not seen before */
  | { readonly status: 'applied'; readonly fresh: Uint8Array; readonly upTo: number }
  /** all of it had been typed already */
  | { readonly status: 'duplicate'; readonly upTo: number }
  /** bytes before it are missing: nothing of it may be typed */
  | { readonly status: 'hole'; readonly upTo: number }
  /** this writer never attached, or was forgotten */
  | { readonly status: 'unknown' }
  /** the writer goes on over a later connection, or was given up: what an earlier one still brings is never typed */
  | { readonly status: 'past' }

/** Where a writer begins or goes on. */
export type Attachment =
  /** everything below `applied` has been typed */
  | { readonly status: 'attached'; readonly applied: number }
  | { readonly status: 'full' }
  | { readonly status: 'past' }

interface Writer {
  appliedUpTo: number
  /** the latest connection that named this writer; none before it may type in its name */
  connection: number
  isAttached: boolean
}

/** What a ledger remembers, for a process that goes on where another one stopped. */
export interface LedgerState {
  /** in the order in which they are forgotten */
  readonly writers: readonly (readonly [writer: string, appliedUpTo: number])[]
  readonly givenUp: readonly string[]
}

export const EMPTY_LEDGER: LedgerState = { writers: [], givenUp: [] }

const PAST = { status: 'past' } as const

/**
 * Which typed bytes a terminal has taken from whom, so that each is typed once and in order however often and however
 * cut it is sent again, and never over a connection that its app has left behind. Connections are numbers that grow.
 * Remembers at most `writersMax` writers; the one that left longest ago is forgotten first.
 */
export class InputLedger {
  /** in order of leaving; attached ones wherever they are */
  readonly #writers = new Map<string, Writer>()
  readonly #givenUp = new Set<string>()
  readonly #writersMax: number

  /** @param state what an earlier ledger remembered: its writers have left their connections, which are all over */
  constructor(writersMax: number = WRITERS_MAX, state: LedgerState = EMPTY_LEDGER) {
    this.#writersMax = writersMax
    for (const [writer, appliedUpTo] of state.writers)
      this.#writers.set(writer, { appliedUpTo, connection: 0, isAttached: false })
    for (const writer of state.givenUp) this.#givenUp.add(writer)
  }

  get state(): LedgerState {
    const writers = [...this.#writers].map(([writer, { appliedUpTo }]) => [writer, appliedUpTo] as const)
    return { writers, givenUp: [...this.#givenUp] }
  }

  get writerCount(): number {
    return this.#writers.size
  }

  /** Begins or goes on, over this connection alone. */
  attach(writer: string, connection: number): Attachment {
    if (this.#givenUp.has(writer)) return PAST
    const known = this.#writers.get(writer)
    if (known !== undefined) {
      if (known.connection > connection) return PAST
      known.connection = connection
      known.isAttached = true
      return { status: 'attached', applied: known.appliedUpTo }
    }
    if (this.#writers.size >= this.#writersMax && !this.#forgetOne()) return { status: 'full' }
    this.#writers.set(writer, { appliedUpTo: 0, connection, isAttached: true })
    return { status: 'attached', applied: 0 }
  }

  /** The writer left this connection, and may be back. */
  detach(writer: string, connection: number): void {
    const known = this.#writers.get(writer)
    if (known === undefined || known.connection !== connection) return
    known.isAttached = false
    this.#writers.delete(writer)
    this.#writers.set(writer, known)
  }

  /** Its app wants nothing typed any more that this writer sent and that has not arrived. */
  giveUp(writer: string): void {
    this.#writers.delete(writer)
    this.#givenUp.add(writer)
    for (const oldest of this.#givenUp) {
      if (this.#givenUp.size <= GIVEN_UP_MAX) break
      this.#givenUp.delete(oldest)
    }
  }

  /** `bytes` are this writer's typed bytes from offset `from` on, as they came over `connection`. */
  apply(writer: string, connection: number, from: number, bytes: Uint8Array): Applied {
    const known = this.#writers.get(writer)
    if (known === undefined) return this.#givenUp.has(writer) ? PAST : { status: 'unknown' }
    if (known.connection !== connection) return PAST
    const upTo = known.appliedUpTo
    if (from > upTo) return { status: 'hole', upTo }
    if (from + bytes.length <= upTo) return { status: 'duplicate', upTo }
    known.appliedUpTo = from + bytes.length
    return { status: 'applied', fresh: bytes.subarray(upTo - from), upTo: known.appliedUpTo }
  }

  #forgetOne(): boolean {
    for (const [writer, { isAttached }] of this.#writers) {
      if (isAttached) continue
      this.#writers.delete(writer)
      return true
    }
    return false
  }
}
