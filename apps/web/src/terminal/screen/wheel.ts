import type { Terminal } from '@xterm/xterm'
import { shiftOf } from './text-shift.ts'

/** A place on the page, CSS pixels of the window. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** Most programs scroll by this for one turn of a wheel (vim, less, htop); assumed until this one's is measured. */
const LINES_PER_TURN = 3
/** To the left and right of the finger: narrow enough to lie in one pane. */
const COMPARED_COLS = 12

/**
 * Scrolls by the finger: the lines above the screen here; a program that has the whole screen, or listens to the mouse, gets
 * a wheel's turns at the cell under the finger, so that its text moves as far as the finger did.
 */
export class FingerScroll {
  readonly #emulator: Terminal
  readonly #element: HTMLElement
  #restPx = 0
  #linesPerTurn = LINES_PER_TURN
  /** rows under the finger before the first turn of a drag, as long as no other turn followed */
  #before: { readonly rows: readonly string[]; readonly at: Point } | null = null
  #turns = 0

  constructor(emulator: Terminal, element: HTMLElement) {
    this.#emulator = emulator
    this.#element = element
    emulator.onWriteParsed(() => this.#learn())
    // Another program has its own wheel.
    emulator.buffer.onBufferChange(() => {
      this.#linesPerTurn = LINES_PER_TURN
      this.#before = null
    })
  }

  /** A finger came down. */
  begin(): void {
    this.#restPx = 0
    this.#turns = 0
    this.#before = null
  }

  /** @param here scroll the lines above the screen, even when the program listens to the mouse */
  by(px: number, at: Point, rowPx: number, here: boolean): void {
    const { buffer, modes } = this.#emulator
    const mouse = modes.mouseTrackingMode !== 'none'
    const isPrograms = !here && (mouse || buffer.active.type === 'alternate')
    const stepPx = isPrograms && mouse ? rowPx * this.#linesPerTurn : rowPx
    this.#restPx += px
    const steps = Math.trunc(this.#restPx / stepPx)
    if (steps === 0) return
    this.#restPx -= steps * stepPx
    if (isPrograms) this.#turn(-steps, at, mouse)
    else this.#emulator.scrollLines(-steps)
  }

  #turn(steps: number, at: Point, mouse: boolean): void {
    const drawn = this.#element.querySelector('.xterm-screen')
    if (drawn === null) return
    const count = Math.min(Math.abs(steps), this.#emulator.rows)
    this.#before = mouse && this.#turns === 0 && count === 1 ? { rows: this.#rowsAt(at), at } : null
    this.#turns += count
    const { left, top, right, bottom } = drawn.getBoundingClientRect()
    const turn = {
      deltaY: Math.sign(steps),
      deltaMode: WheelEvent.DOM_DELTA_LINE,
      clientX: Math.min(Math.max(at.x, left + 1), right - 1),
      clientY: Math.min(Math.max(at.y, top + 1), bottom - 1),
      bubbles: true,
      cancelable: true,
    }
    for (let each = 0; each < count; each++) drawn.dispatchEvent(new WheelEvent('wheel', turn))
  }

  /** Measures how many rows one turn moved the text. */
  #learn(): void {
    if (this.#before === null) return
    const shift = shiftOf(this.#before.rows, this.#rowsAt(this.#before.at))
    if (shift === null) return
    this.#linesPerTurn = Math.abs(shift)
    this.#before = null
  }

  #rowsAt({ x }: Point): readonly string[] {
    const { cols, rows, buffer } = this.#emulator
    const drawn = this.#element.querySelector('.xterm-screen')?.getBoundingClientRect()
    if (drawn === undefined || drawn.width === 0) return []
    const col = Math.floor(((x - drawn.left) / drawn.width) * cols)
    return Array.from(
      { length: rows },
      (_, row) =>
        buffer.active
          .getLine(buffer.active.viewportY + row)
          ?.translateToString(false, Math.max(0, col - COMPARED_COLS), col + COMPARED_COLS) ?? '',
    )
  }
}
