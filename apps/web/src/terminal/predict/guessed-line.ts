import type { GuessableKey } from './guessable-keys.ts'

/** One cell of the emulator's screen. */
export interface SeenCell {
  /** a space where it is blank; empty for the right half of a wide character */
  readonly text: string
  /** drawn pale: the text that a shell suggests after the cursor */
  readonly isGhost: boolean
}

/** The emulator's screen, as far as guesses need it. */
export interface ScreenView {
  readonly cols: number
  /** the cursor's column; `cols` after a character in the last one */
  readonly x: number
  /** the cursor's row, counted from the first line that the emulator keeps */
  readonly y: number
  cell(x: number, y: number): SeenCell
}

/** A key that was typed and whose echo has not come. */
export type TypedKey = GuessableKey & {
  /** offset in all input after its last byte */
  readonly end: number
}

/** One guess: what a key does to one cell. */
interface Guess {
  readonly key: TypedKey
  readonly x: number
  readonly before: SeenCell
}

/** A glyph that an echo proved: it was not there before, and it cannot be the sign that hides a password. */
export type Proof = string

/** A cell to draw over the screen. */
export interface DrawnCell {
  readonly x: number
  readonly glyph: string
  /** offset in all input after the key that is drawn */
  readonly end: number
}

/** The end of one row at which a person types: the cursor as the machine last showed it, and the keys after it. */
export class GuessedLine {
  readonly y: number
  /** no column left of it is erased: there the prompt stands */
  readonly startX: number
  #x: number
  #guesses: Guess[] = []

  constructor(x: number, y: number, startX: number) {
    this.#x = x
    this.y = y
    this.startX = startX
  }

  get isEmpty(): boolean {
    return this.#guesses.length === 0
  }

  get keys(): readonly TypedKey[] {
    return this.#guesses.map(({ key }) => key)
  }

  /** The column of the cursor after all keys. */
  get cursorX(): number {
    return this.#guesses.reduce((x, { key }) => x + stepOf(key), this.#x)
  }

  /** Adds a key; false where its effect is not known: at the end of the row, over other text, at the prompt. */
  add(key: TypedKey, view: ScreenView): boolean {
    const at = this.cursorX
    const x = key.kind === 'put' ? at : at - 1
    if (key.kind === 'erase' ? at <= this.startX || !this.#isEndOfText(at, view) : at >= view.cols - 1)
      return false
    const before = this.#cell(x, view)
    if (key.kind === 'put' ? !isFree(before) : [...before.text].length !== 1) return false
    this.#guesses.push({ key, x, before })
    return true
  }

  /**
   * How many of the keys the screen shows: as few as explain it, but at least `least`, whose echoes are due. Null: the screen
   * shows something else.
   */
  shown(view: ScreenView, least: number): number | null {
    if (view.y !== this.y) return null
    const cells = new Map<number, string>()
    let x = this.#x
    for (let count = 0; ; count++) {
      const matches = () => [...cells].every(([at, glyph]) => isShown(glyph, view.cell(at, this.y)))
      if (count >= least && x === view.x && matches()) return count
      const guess = this.#guesses[count]
      if (guess === undefined) return null
      cells.set(guess.x, glyphOf(guess.key))
      x += stepOf(guess.key)
    }
  }

  /** The first `count` keys are on the screen; answers what that proves. */
  confirm(count: number, view: ScreenView): readonly Proof[] {
    const confirmed = this.#guesses.slice(0, count)
    this.#guesses = this.#guesses.slice(count)
    this.#x = view.x
    return confirmed.flatMap(({ key, x, before }) => {
      if (key.kind === 'erase' || !/^[\p{L}\p{N}]$/u.test(key.glyph)) return []
      const now = view.cell(x, this.y)
      const isNew = before.text !== key.glyph || (before.isGhost && !now.isGhost)
      return isNew && now.text === key.glyph ? [key.glyph] : []
    })
  }

  /** What to draw over the screen. */
  drawn(): readonly DrawnCell[] {
    const cells = new Map(
      this.#guesses.map(({ key, x }) => [x, { x, glyph: glyphOf(key), end: key.end }] as const),
    )
    return [...cells.values()]
  }

  /** The cell as it will be after the keys so far. */
  #cell(x: number, view: ScreenView): SeenCell {
    const guess = this.#guesses.findLast((each) => each.x === x)
    return guess === undefined ? view.cell(x, this.y) : { text: glyphOf(guess.key), isGhost: false }
  }

  /** Nothing stands at the cursor that an erased character would pull to the left. */
  #isEndOfText(at: number, view: ScreenView): boolean {
    return isFree(this.#cell(at, view)) && (at + 1 >= view.cols || isFree(this.#cell(at + 1, view)))
  }
}

const stepOf = (key: TypedKey): number => (key.kind === 'put' ? 1 : -1)
const glyphOf = (key: TypedKey): string => (key.kind === 'put' ? key.glyph : ' ')
const isFree = ({ text, isGhost }: SeenCell): boolean => text === ' ' || isGhost
const isShown = (glyph: string, cell: SeenCell): boolean =>
  cell.text === glyph || (glyph === ' ' && cell.isGhost)
