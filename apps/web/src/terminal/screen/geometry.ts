import type { Size } from '@latchkey/protocol/terminal/streams'
import { SIZE_MAX } from '@latchkey/protocol/terminal/streams'
import type { Terminal } from '@xterm/xterm'

/** Width and height of one character cell, CSS pixels. */
export interface Cell {
  readonly width: number
  readonly height: number
}

/** Nothing useful fits below this, and programs begin to misbehave. */
const COLS_MIN = 20
const ROWS_MIN = 4

/** How many whole cells fit; null while nothing is laid out. */
export function sizeThatFits(width: number, height: number, cell: Cell): Size | null {
  if (cell.width <= 0 || cell.height <= 0 || width <= 0 || height <= 0) return null
  const within = (count: number, least: number) => Math.min(SIZE_MAX, Math.max(least, Math.floor(count)))
  return { cols: within(width / cell.width, COLS_MIN), rows: within(height / cell.height, ROWS_MIN) }
}

const FIT_FONT_PX_MIN = 5

/** The font size at which `size` fits whole, never larger than the person's own. */
export function fontPxToFit(width: number, height: number, size: Size, cell: Cell, fontPx: number): number {
  const scale = Math.min(width / (size.cols * cell.width), height / (size.rows * cell.height), 1)
  return Math.max(FIT_FONT_PX_MIN, Math.floor(fontPx * scale * 2) / 2)
}

/** Where to scroll, so that `at` lies in view with `margin` around it; stays where it is when it already does. */
export function scrollToShow(at: number, margin: number, scroll: number, view: number): number {
  if (at - margin < scroll) return Math.max(0, at - margin)
  if (at + margin > scroll + view) return at + margin - view
  return scroll
}

/** One cell as it is drawn now; zero before anything is. */
export function cellOf(element: HTMLElement, { cols, rows }: Terminal): Cell {
  const drawn = element.querySelector<HTMLElement>('.xterm-screen')
  if (drawn === null) return { width: 0, height: 0 }
  return { width: drawn.offsetWidth / cols, height: drawn.offsetHeight / rows }
}

/** The size at which a terminal fills `element` with letters of `fontPx`, whatever size they are drawn in now. */
export function fittingSize(element: HTMLElement, emulator: Terminal, fontPx: number): Size | null {
  const [width, height] = roomOf(element)
  const drawn = cellOf(element, emulator)
  const scale = fontPx / (emulator.options.fontSize ?? fontPx)
  return sizeThatFits(width, height, { width: drawn.width * scale, height: drawn.height * scale })
}

/** Makes the letters so small that the whole terminal is seen in `element`, never larger than `fontPx`. */
export function drawWhole(element: HTMLElement, emulator: Terminal, fontPx: number): void {
  const [width, height] = roomOf(element)
  const { cols, rows } = emulator
  emulator.options.fontSize = fontPxToFit(width, height, { cols, rows }, cellOf(element, emulator), fontPx)
}

/** Whether `element` has to be moved under its window. */
export const pansIn = (element: HTMLElement): boolean =>
  element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight

/** Width and height within the padding of `element`, CSS pixels. */
function roomOf(element: HTMLElement): readonly [number, number] {
  const style = getComputedStyle(element)
  const padding = (...sides: readonly string[]) =>
    sides.reduce((sum, side) => sum + Number.parseFloat(style.getPropertyValue(`padding-${side}`)), 0)
  return [element.clientWidth - padding('left', 'right'), element.clientHeight - padding('top', 'bottom')]
}
