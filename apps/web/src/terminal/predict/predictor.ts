import { readInput } from './guessable-keys.ts'
import { type DrawnCell, GuessedLine, type Proof, type ScreenView, type TypedKey } from './guessed-line.ts'

/**
 * How long an echo may stay away after the machine has told that it typed the key. A line editor answers within a few
 * milliseconds, and its answer comes the same way as the word that the key was typed.
 */
export const ECHO_WITHIN_MS = 50

/**
 * So many different letters or digits must have appeared on a row as they were typed before anything on it is drawn ahead. One
 * would not do: a field that shows the same sign for every character of a password shows that one rightly.
 */
const ROW_PROOFS = 2

/** More keys than a person types within any round trip. */
const KEYS_MAX = 256

/** What lies over the screen: cells of the row `y`, and where the cursor will be. */
export interface Drawn {
  readonly y: number
  readonly cells: readonly DrawnCell[]
  readonly cursorX: number
}

/** The row in which a person types. */
interface Row {
  readonly y: number
  readonly startX: number
  readonly proofs: Set<Proof>
}

/**
 * Guesses the echo of keys at a line editor, so that a person does not wait for the network. It knows no emulator and no
 * clock. An epoch is a stretch of keys that can be guessed; in each, nothing is drawn before the screen has shown one of its
 * letters where it was guessed. Each output is compared with the guesses, and one that it does not explain ends them all. A
 * view of null says that nothing may be guessed now: the program reads a secret, the link is quick, no line editor reads.
 */
export class Predictor {
  #typedBytes = 0
  #appliedBytes = 0
  /** when the machine told of each applied offset that keys still wait for, oldest first */
  #appliedAt: { readonly upTo: number; readonly atMs: number }[] = []
  /** input before this offset has an effect that is not known */
  #opaqueEnd = 0
  #line: GuessedLine | null = null
  /** a letter of this epoch has appeared where it was guessed */
  #isProven = false
  /** no key joins the line, its guesses wait for their echo: it was handed over, or a key has an unknown effect */
  #closed: 'no' | 'enter' | 'stuck' = 'no'
  #row: Row | null = null
  /** keys whose place is not known yet */
  #waiting: TypedKey[] = []

  /** A person typed this. */
  typed(bytes: Uint8Array, view: ScreenView | null, nowMs: number): void {
    const begin = this.#typedBytes
    this.#typedBytes += bytes.length
    const read = readInput(bytes)
    if (view === null || read === 'opaque') return this.clear()
    if (read === 'moves') return this.#forget()
    if (read === 'enter') return this.#close('enter')
    // Each key ends at its own byte, the last of several bytes.
    const widths = read.map((key) => (key.kind === 'put' ? new TextEncoder().encode(key.glyph).length : 1))
    let end = begin
    read.forEach((key, at) => {
      end += widths[at] ?? 0
      this.#key({ ...key, end }, view)
    })
    this.look(view, nowMs)
  }

  /** The machine has typed all input below `upTo`. */
  applied(upTo: number, nowMs: number): void {
    if (upTo <= this.#appliedBytes) return
    this.#appliedBytes = upTo
    this.#appliedAt.push({ upTo, atMs: nowMs })
  }

  /** Compares the guesses with the screen, after output was drawn or when `wakeAtMs` is over. */
  look(view: ScreenView | null, nowMs: number): void {
    if (view === null) return this.clear()
    if (this.#line !== null) this.#judge(this.#line, view, nowMs)
    if (this.#line === null && this.#opaqueEnd <= this.#appliedBytes) this.#anchor(view)
    const oldest = (this.#line?.keys[0] ?? this.#waiting[0])?.end ?? Number.POSITIVE_INFINITY
    this.#appliedAt = this.#appliedAt.filter(({ upTo }) => upTo >= oldest)
  }

  /** When a guess must have been shown; null while none is due. */
  get wakeAtMs(): number | null {
    const first = this.#line?.keys[0]
    const atMs = first === undefined ? undefined : this.#appliedAtMs(first)
    return atMs === undefined ? null : atMs + ECHO_WITHIN_MS
  }

  /** The guesses that may be seen; null for none. */
  get drawn(): Drawn | null {
    const line = this.#line
    if (line === null || line.isEmpty || !this.#mayBeSeen) return null
    return { y: line.y, cells: line.drawn(), cursorX: line.cursorX }
  }

  /** How many bytes were typed. */
  get typedBytes(): number {
    return this.#typedBytes
  }

  /** Forgets all guesses and the row. The effect of all input so far is unknown. */
  clear(): void {
    this.#row = null
    this.#forget()
  }

  get #mayBeSeen(): boolean {
    return this.#isProven && (this.#row?.proofs.size ?? 0) >= ROW_PROOFS
  }

  #forget(): void {
    this.#opaqueEnd = this.#typedBytes
    this.#line = null
    this.#waiting = []
    this.#closed = 'no'
    this.#isProven = false
  }

  /** The guesses stay until their echo is due. The place of later keys is unknown. */
  #close(by: 'enter' | 'stuck'): void {
    this.#opaqueEnd = this.#typedBytes
    this.#waiting = []
    if (this.#line !== null && !this.#line.isEmpty) this.#closed = by
    else if (by === 'enter') this.clear()
    else this.#forget()
  }

  #key(key: TypedKey, view: ScreenView): void {
    if (this.#waiting.length + (this.#line?.keys.length ?? 0) >= KEYS_MAX) return this.clear()
    if (this.#line === null && this.#waiting.length === 0 && this.#opaqueEnd <= this.#appliedBytes)
      this.#anchor(view)
    if (this.#line === null || this.#closed !== 'no' || this.#waiting.length > 0) this.#waiting.push(key)
    else if (!this.#line.add(key, view)) this.#close('stuck')
  }

  #judge(line: GuessedLine, view: ScreenView, nowMs: number): void {
    const due = line.keys.filter((key) => (this.#appliedAtMs(key) ?? nowMs) + ECHO_WITHIN_MS <= nowMs).length
    const count = line.shown(view, due)
    if (count === null) {
      // The keys that the machine has not typed yet will come where the cursor is now.
      if (this.#closed === 'no') this.#waiting = [...line.keys, ...this.#waiting]
      return this.#end()
    }
    for (const proof of line.confirm(count, view)) {
      this.#row?.proofs.add(proof)
      this.#isProven = true
    }
    if (this.#closed !== 'no' && line.isEmpty) this.#end()
  }

  #end(): void {
    // A row that shows nothing as it is typed is not where the person types, or hides it.
    if (this.#closed === 'enter' || !this.#isProven) this.#row = null
    this.#line = null
    this.#closed = 'no'
    this.#isProven = false
  }

  /** Begins at the cursor with the keys that the machine has not typed yet. */
  #anchor(view: ScreenView): void {
    const { x, y } = view
    if (this.#row === null || this.#row.y !== y) this.#row = { y, startX: x, proofs: new Set() }
    else if (x < this.#row.startX) this.#row = { ...this.#row, startX: x }
    this.#line = new GuessedLine(x, y, this.#row.startX)
    const waiting = this.#waiting.filter(({ end }) => end > this.#appliedBytes)
    this.#waiting = []
    for (const key of waiting) if (!this.#line.add(key, view)) return this.#close('stuck')
  }

  #appliedAtMs(key: TypedKey): number | undefined {
    return this.#appliedAt.find(({ upTo }) => upTo >= key.end)?.atMs
  }
}
