import { type Subject, subject } from '@latchkey/connection/observable'
import type { IDisposable, Terminal } from '@xterm/xterm'
import type { Point } from '../wheel.ts'
import {
  type CellAt,
  type CellRange,
  cellCount,
  cellsOf,
  lineAround,
  moved,
  positionOf,
  type Side,
  stepped,
  textIn,
  union,
} from './line-cells.ts'
import { wordAt, wordNear } from './word-at.ts'

/** What a finger selected. */
export type Selected =
  | { readonly is: 'none' }
  /** a blank was held: there is nothing to copy, but one can paste, or select all */
  | { readonly is: 'blank'; readonly at: Point }
  | { readonly is: 'text'; readonly range: CellRange }

export interface SelectionState {
  readonly selected: Selected
  /** a finger moves an end now */
  readonly moving: boolean
  /** it began at a key or a menu, so the focus goes there */
  readonly byKey: boolean
}

/** The parts of a screen that its selection is drawn with. */
export interface SelectedScreen {
  readonly emulator: Terminal
  readonly element: HTMLElement
  readonly selection: FingerSelection
}

const NOTHING: SelectionState = { selected: { is: 'none' }, moving: false, byKey: false }

/** A fingertip misses a letter by about this many cells. */
const REACH_CELLS = 1
/** Within this distance of an edge the text scrolls, faster the nearer. */
const EDGE_PX = 36
const SCROLL_EVERY_MS = 60
const SCROLL_LINES_MAX = 4

/**
 * The text that a finger selects in the live screen. The emulator draws it and keeps it at its text while lines scroll; this
 * decides where it begins and ends. Nothing here types.
 */
export class FingerSelection {
  readonly state: Subject<SelectionState> = subject(NOTHING)
  readonly #emulator: Terminal
  readonly #element: HTMLElement
  readonly #listeners: readonly IDisposable[]
  /** the size of the screen when something was selected last */
  #rows: number
  #cols: number
  /** what the long press took first: a finger that moves on selects from it */
  #first: CellRange | null = null
  #scrolling: ReturnType<typeof setInterval> | null = null

  constructor(emulator: Terminal, element: HTMLElement) {
    this.#emulator = emulator
    this.#element = element
    this.#rows = emulator.rows
    this.#cols = emulator.cols
    this.#listeners = [
      emulator.onSelectionChange(() => this.#changed()),
      // Lines wrap anew: the text is elsewhere.
      emulator.onResize(({ cols }) => cols !== this.#cols && this.clear()),
    ]
  }

  /** The selected text, as it stands on the screen now. */
  get text(): string {
    const { selected } = this.state.current
    return selected.is === 'text' ? textIn(this.#emulator.buffer.active, selected.range) : ''
  }

  /** A finger rests at `at`: its word is selected. */
  hold(at: Point): void {
    const word = this.#wordNear(at)
    this.#first = word
    if (word === null) this.state.set({ selected: { is: 'blank', at }, moving: true, byKey: false })
    else this.#select(word, { moving: true })
  }

  /** The holding finger went to `at`: whole words are added. */
  extendTo(at: Point): void {
    const first = this.#first
    if (first !== null)
      this.#follow(at, () => this.#select(union(first, this.#wordOrCell(at)), { moving: true }))
  }

  /** A handle is drawn to `at`. Answers the end that the finger holds from now on. */
  draw(side: Side, at: Point): Side {
    let now = side
    this.#follow(at, () => {
      now = this.#moveEnd(now, this.#boundaryAt(at), { moving: true })
    })
    return now
  }

  /** A handle goes so many cells, or rows, by a key. */
  step(side: Side, by: { readonly cells: number; readonly rows: number }): Side {
    const { selected } = this.state.current
    if (selected.is !== 'text') return side
    const { cols, buffer } = this.#emulator
    const from = selected.range[side]
    const y = Math.min(Math.max(from.y + by.rows, 0), buffer.active.length - 1)
    return this.#moveEnd(side, by.cells === 0 ? { x: from.x, y } : stepped(from, by.cells, cols), {})
  }

  /** The finger left. */
  release(): void {
    this.#stopScrolling()
    this.#first = null
    if (this.state.current.moving) this.state.set({ ...this.state.current, moving: false })
  }

  selectAll(): void {
    const last = this.#lastRow()
    if (last >= 0) this.#select({ start: { x: 0, y: 0 }, end: { x: this.#emulator.cols, y: last } }, {})
  }

  /** The last line with text, for keyboards: they go on from there. */
  selectLastLine(): void {
    const last = this.#lastRow()
    if (last < 0) return
    const line = lineAround(this.#emulator.buffer.active, last)
    const cells = cellsOf(line, { from: 0, to: line.text.trimEnd().length })
    if (cells !== null) this.#select(cells, { byKey: true })
  }

  clear(): void {
    this.#stopScrolling()
    this.#first = null
    if (this.state.current.selected.is === 'none') return
    this.state.set(NOTHING)
    this.#emulator.clearSelection()
  }

  dispose(): void {
    this.#stopScrolling()
    for (const listener of this.#listeners) listener.dispose()
  }

  #select(range: CellRange, how: { readonly moving?: boolean; readonly byKey?: boolean }): void {
    const { moving = false, byKey = false } = how
    const { cols, rows } = this.#emulator
    const { x, y } = range.start
    const start = x >= cols ? { x: 0, y: y + 1 } : range.start
    this.#rows = rows
    this.#cols = cols
    this.state.set({ selected: { is: 'text', range: { start, end: range.end } }, moving, byKey })
    this.#emulator.select(start.x, start.y, cellCount({ start, end: range.end }, cols))
  }

  #moveEnd(side: Side, to: CellAt, how: { readonly moving?: boolean }): Side {
    const { selected } = this.state.current
    if (selected.is !== 'text') return side
    const next = moved(selected.range, side, to, this.#emulator.cols)
    this.#select(next.range, how)
    return next.side
  }

  /** The emulator moved the selection with its text, or gave it up. */
  #changed(): void {
    const { selected } = this.state.current
    if (selected.is !== 'text') return
    const range = this.#emulator.getSelectionPosition()
    if (range !== undefined) return
    const { cols, rows } = this.#emulator
    if (rows === this.#rows || cols !== this.#cols) return this.clear()
    // A keyboard that opens changes the rows, not the text: the emulator drops the selection all the same.
    this.#select(selected.range, this.state.current)
  }

  /** Lines that scroll out at the top move all others: the emulator knows by how many. */
  settle(): void {
    const { selected } = this.state.current
    const range = this.#emulator.getSelectionPosition()
    if (selected.is !== 'text' || range === undefined) return
    const { start, end } = selected.range
    if (range.start.y === start.y && range.end.y === end.y) return
    this.state.set({ ...this.state.current, selected: { is: 'text', range } })
  }

  /** Does `apply` now, and again while the finger rests at an edge and the text scrolls under it. */
  #follow(at: Point, apply: () => void): void {
    this.#stopScrolling()
    apply()
    const { top, bottom, left, right } = this.#element.getBoundingClientRect()
    const lines = edgeSpeed(at.y - top, bottom - at.y)
    const columns = edgeSpeed(at.x - left, right - at.x)
    const canPan = this.#element.scrollWidth > this.#element.clientWidth
    if (lines === 0 && (columns === 0 || !canPan)) return
    this.#scrolling = setInterval(() => {
      this.#emulator.scrollLines(lines)
      if (canPan) this.#element.scrollLeft += columns * 8
      apply()
    }, SCROLL_EVERY_MS)
  }

  #stopScrolling(): void {
    if (this.#scrolling !== null) clearInterval(this.#scrolling)
    this.#scrolling = null
  }

  #wordNear(at: Point): CellRange | null {
    const cell = this.#cellAt(at)
    const line = lineAround(this.#emulator.buffer.active, cell.y)
    const word = wordNear(line.text, positionOf(line, cell), REACH_CELLS)
    return word === null ? null : cellsOf(line, word)
  }

  #wordOrCell(at: Point): CellRange {
    const cell = this.#cellAt(at)
    const line = lineAround(this.#emulator.buffer.active, cell.y)
    const word = wordAt(line.text, positionOf(line, cell))
    return (word === null ? null : cellsOf(line, word)) ?? { start: cell, end: { x: cell.x + 1, y: cell.y } }
  }

  #cellAt(at: Point): CellAt {
    const { x, y } = this.#placeOf(at)
    return { x: Math.min(Math.max(Math.floor(x), 0), this.#emulator.cols - 1), y }
  }

  /** The nearest line between two cells; never the middle of a wide character. */
  #boundaryAt(at: Point): CellAt {
    const place = this.#placeOf(at)
    const x = Math.min(Math.max(Math.round(place.x), 0), this.#emulator.cols)
    const isInside = this.#emulator.buffer.active.getLine(place.y)?.getCell(x)?.getWidth() === 0
    return { x: isInside ? x + 1 : x, y: place.y }
  }

  #placeOf(at: Point): CellAt {
    const { cols, rows, buffer } = this.#emulator
    const drawn = this.#element.querySelector('.xterm-screen')?.getBoundingClientRect()
    if (drawn === undefined || drawn.width === 0 || drawn.height === 0)
      return { x: 0, y: buffer.active.viewportY }
    const row = Math.min(Math.max(Math.floor(((at.y - drawn.top) / drawn.height) * rows), 0), rows - 1)
    return { x: ((at.x - drawn.left) / drawn.width) * cols, y: buffer.active.viewportY + row }
  }

  /** The last row with text; -1 on an empty screen. */
  #lastRow(): number {
    const { active } = this.#emulator.buffer
    let y = active.length - 1
    while (y >= 0 && (active.getLine(y)?.translateToString(true) ?? '').trim() === '') y--
    return y
  }
}

/** Lines per turn: below zero near the first edge, above near the second, more the nearer. */
export function edgeSpeed(fromFirstPx: number, fromSecondPx: number): number {
  const speed = (px: number) =>
    px >= EDGE_PX ? 0 : Math.min(SCROLL_LINES_MAX, Math.ceil(((EDGE_PX - px) / EDGE_PX) * SCROLL_LINES_MAX))
  return speed(fromSecondPx) - speed(fromFirstPx)
}
