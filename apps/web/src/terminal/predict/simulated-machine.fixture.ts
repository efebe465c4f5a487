import type { ScreenView } from './guessed-line.ts'
import { Predictor } from './predictor.ts'

const COLS = 40
const ROWS = 200

/** A screen without scrolling: rows of cells and a cursor. */
export class Grid {
  readonly rows = Array.from({ length: ROWS }, () => Array.from({ length: COLS }, () => ' '))
  x = 0
  y = 0

  put(text: string): void {
    for (const character of text) {
      const row = this.rows[this.y % ROWS]!
      if (character === '\n') {
        this.x = 0
        this.y += 1
        this.rows[this.y % ROWS]!.fill(' ')
      } else if (character === '\b') {
        this.x = Math.max(0, this.x - 1)
      } else {
        row[this.x] = character
        this.x = Math.min(COLS - 1, this.x + 1)
      }
    }
  }

  get view(): ScreenView {
    return {
      cols: COLS,
      x: this.x,
      y: this.y,
      cell: (x, y) => ({ text: this.rows[y % ROWS]?.[x] ?? ' ', isGhost: false }),
    }
  }
}

/** What a simulated program prints for one typed character. */
export type Program = (typed: string) => string

/** A shell's line editor: it echoes, takes back, completes with Tab, prints a new prompt after Enter. */
export function lineEditor(prompt = '$ '): Program {
  let line = ''
  return (typed) => {
    if (typed === '\r') {
      const ran = line
      line = ''
      return `\n${ran === '' ? '' : `ran ${ran.length}\n`}${prompt}`
    }
    if (typed === '\t') {
      line += 'done'
      return 'done'
    }
    if (typed === '\u007f') {
      if (line === '') return ''
      line = line.slice(0, -1)
      return '\b \b'
    }
    line += typed
    return typed
  }
}

/** Hides each typed character behind `sign`, or behind nothing. */
export const hides =
  (sign: string): Program =>
  (typed) =>
    typed === '\r' ? '\nPassword: ' : typed === '\u007f' ? '' : sign

/** One cell that was drawn ahead: when, and which key made it. */
interface Seen {
  readonly glyph: string
  readonly sinceMs: number
  goneMs: number | null
}

/**
 * A person, a link with a fixed delay, and a program, in virtual time. It counts what the predictor draws, as a page does that
 * looks after each key, each output and each deadline.
 */
export class SimulatedMachine {
  readonly grid = new Grid()
  readonly predictor = new Predictor()
  readonly seen: Seen[] = []
  mayGuess = true
  nowMs = 0
  /** keys that had a guess on the screen as they were pressed */
  drawnAtOnce = 0
  #program: Program
  readonly #oneWayMs: number
  #events: { atMs: number; run: () => void }[] = []
  #now = new Map<string, Seen>()

  constructor(program: Program, oneWayMs: number) {
    this.#program = program
    this.#oneWayMs = oneWayMs
    this.grid.put('$ ')
  }

  /** Another program reads the input from now on. `printed` arrives as its output. */
  becomes(program: Program, printed: string): void {
    this.#program = program
    this.#in(this.#oneWayMs, () => this.#print(printed))
  }

  press(text: string, thenMs: number): void {
    const bytes = new TextEncoder().encode(text)
    this.predictor.typed(bytes, this.#view, this.nowMs)
    const upTo = this.predictor.typedBytes
    this.#look()
    const drawn = this.predictor.drawn
    if (drawn !== null && drawn.cells.length > 0) this.drawnAtOnce += 1
    this.#in(this.#oneWayMs, () => {
      const printed = text
        .split('')
        .map((each) => this.#program(each))
        .join('')
      this.#in(this.#oneWayMs, () => this.predictor.applied(upTo, this.nowMs))
      // A program answers a little later than the keyboard driver.
      this.#in(this.#oneWayMs + 3, () => this.#print(printed))
    })
    this.run(thenMs)
  }

  /** Time passes. */
  run(forMs: number): void {
    const untilMs = this.nowMs + forMs
    for (;;) {
      const wakeAtMs = this.predictor.wakeAtMs ?? Number.POSITIVE_INFINITY
      this.#events.sort((a, b) => a.atMs - b.atMs)
      const next = this.#events[0]
      const atMs = Math.min(next?.atMs ?? Number.POSITIVE_INFINITY, Math.max(wakeAtMs, this.nowMs))
      if (atMs > untilMs) break
      this.nowMs = atMs
      if (next !== undefined && next.atMs <= atMs) {
        this.#events.shift()
        next.run()
      } else this.#look()
    }
    this.nowMs = untilMs
  }

  get #view(): ScreenView | null {
    return this.mayGuess ? this.grid.view : null
  }

  #print(text: string): void {
    if (text === '') return
    this.grid.put(text)
    this.#look()
  }

  #look(): void {
    this.predictor.look(this.#view, this.nowMs)
    const drawn = this.predictor.drawn
    const now = new Map<string, string>(
      (drawn?.cells ?? []).map(({ x, glyph, end }) => [`${drawn?.y}.${x}.${glyph}.${end}`, glyph]),
    )
    for (const [key, each] of this.#now)
      if (!now.has(key)) {
        each.goneMs = this.nowMs
        this.#now.delete(key)
      }
    for (const [key, glyph] of now) {
      if (this.#now.has(key)) continue
      const each: Seen = { glyph, sinceMs: this.nowMs, goneMs: null }
      this.#now.set(key, each)
      this.seen.push(each)
    }
  }

  #in(delayMs: number, run: () => void): void {
    this.#events.push({ atMs: this.nowMs + delayMs, run })
  }
}
