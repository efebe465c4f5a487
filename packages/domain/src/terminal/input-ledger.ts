/** How many writers a terminal remembers: each app that typed into it has one per window. */
export const WRITERS_MAX = 64

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

interface Writer {
  appliedUpTo: number
  attachments: number
}

/**
 * Which typed bytes a terminal has taken from whom, so that each is typed once and in order however often and however
 * cut it is sent again. Remembers at most `writersMax` writers; the one that left longest ago is forgotten first.
 */
export class InputLedger {
  /** in order of leaving; attached ones wherever they are */
  readonly #writers = new Map<string, Writer>()
  readonly #writersMax: number

  constructor(writersMax: number = WRITERS_MAX) {
    this.#writersMax = writersMax
  }

  get writerCount(): number {
    return this.#writers.size
  }

  /** Begins or goes on; the offset up to which this writer's bytes were applied, or null when there are too many writers. */
  attach(writer: string): number | null {
    const known = this.#writers.get(writer)
    if (known !== undefined) {
      known.attachments += 1
      return known.appliedUpTo
    }
    if (this.#writers.size >= this.#writersMax && !this.#forgetOne()) return null
    this.#writers.set(writer, { appliedUpTo: 0, attachments: 1 })
    return 0
  }

  /** The writer left, and may be back. */
  detach(writer: string): void {
    const known = this.#writers.get(writer)
    if (known === undefined) return
    known.attachments = Math.max(0, known.attachments - 1)
    this.#writers.delete(writer)
    this.#writers.set(writer, known)
  }

  /** `bytes` are this writer's typed bytes from offset `from` on. */
  apply(writer: string, from: number, bytes: Uint8Array): Applied {
    const known = this.#writers.get(writer)
    if (known === undefined) return { status: 'unknown' }
    const upTo = known.appliedUpTo
    if (from > upTo) return { status: 'hole', upTo }
    if (from + bytes.length <= upTo) return { status: 'duplicate', upTo }
    known.appliedUpTo = from + bytes.length
    return { status: 'applied', fresh: bytes.subarray(upTo - from), upTo: known.appliedUpTo }
  }

  #forgetOne(): boolean {
    for (const [writer, { attachments }] of this.#writers) {
      if (attachments > 0) continue
      this.#writers.delete(writer)
      return true
    }
    return false
  }
}
