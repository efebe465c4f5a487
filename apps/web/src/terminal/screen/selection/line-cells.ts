import type { IBuffer } from '@xterm/xterm'

/** A cell of the buffer: `y` counts from the oldest line above the screen. */
export interface CellAt {
  readonly x: number
  readonly y: number
}

/** Cells from `start` up to, and without, `end`, as they are read. */
export interface CellRange {
  readonly start: CellAt
  readonly end: CellAt
}

/** A program may print one line without an end; a word is never longer than this. */
const ROWS_AROUND_MAX = 40

/** A line of text as the program wrote it, over all rows onto which it was wrapped. */
export interface LineCells {
  readonly text: string
  /** for each unit of `text` the cell that it stands in, and how many cells that takes */
  readonly cells: ReadonlyArray<CellAt & { readonly width: number }>
}

/** The line that row `y` belongs to. */
export function lineAround(buffer: IBuffer, y: number): LineCells {
  let first = y
  let last = y
  while (y - first < ROWS_AROUND_MAX && buffer.getLine(first)?.isWrapped === true) first--
  while (last - y < ROWS_AROUND_MAX && buffer.getLine(last + 1)?.isWrapped === true) last++
  let text = ''
  const cells: Array<CellAt & { width: number }> = []
  for (let row = first; row <= last; row++) {
    const line = buffer.getLine(row)
    for (let x = 0; line !== undefined && x < line.length; x++) {
      const cell = line.getCell(x)
      const width = cell?.getWidth() ?? 1
      // The second half of a wide character.
      if (width === 0) continue
      const characters = cell?.getChars() || ' '
      text += characters
      for (let unit = 0; unit < characters.length; unit++) cells.push({ x, y: row, width })
    }
  }
  return { text, cells }
}

/** The position in the line's text of the character at a cell; behind the end when the cell is not of this line. */
export function positionOf(line: LineCells, at: CellAt): number {
  const found = line.cells.findIndex(({ x, y, width }) => y === at.y && at.x >= x && at.x < x + width)
  return found < 0 ? line.text.length : found
}

/** The cells of a piece of the line's text; null for an empty one. */
export function cellsOf(
  line: LineCells,
  piece: { readonly from: number; readonly to: number },
): CellRange | null {
  const start = line.cells[piece.from]
  const last = line.cells[piece.to - 1]
  if (start === undefined || last === undefined) return null
  return { start: { x: start.x, y: start.y }, end: { x: last.x + last.width, y: last.y } }
}

export const isBefore = (one: CellAt, other: CellAt): boolean =>
  one.y < other.y || (one.y === other.y && one.x < other.x)

/** From the first to the last cell of both. */
export const union = (one: CellRange, other: CellRange): CellRange => ({
  start: isBefore(one.start, other.start) ? one.start : other.start,
  end: isBefore(one.end, other.end) ? other.end : one.end,
})

export type Side = 'start' | 'end'

/**
 * The range after one of its handles went to `at`, a boundary between cells. A handle that passes the other one takes its
 * part: `side` says which end follows the finger now. At least one cell stays selected.
 */
export function moved(
  range: CellRange,
  side: Side,
  at: CellAt,
  cols: number,
): { readonly range: CellRange; readonly side: Side } {
  const fixed = side === 'start' ? range.end : range.start
  const isAtFixed = at.x === fixed.x && at.y === fixed.y
  if (isAtFixed) {
    const step = stepped(fixed, side === 'start' ? -1 : 1, cols)
    return side === 'start'
      ? { range: { start: step, end: fixed }, side }
      : { range: { start: fixed, end: step }, side }
  }
  return isBefore(at, fixed)
    ? { range: { start: at, end: fixed }, side: 'start' }
    : { range: { start: fixed, end: at }, side: 'end' }
}

/** The boundary `by` cells further, over the ends of rows. */
export function stepped(at: CellAt, by: number, cols: number): CellAt {
  const index = Math.max(0, at.y * cols + at.x + by)
  // An end stands behind its cell: behind the last one it is the end of that row, not the begin of the next.
  if (by > 0 && index > 0 && index % cols === 0) return { x: cols, y: index / cols - 1 }
  return { x: index % cols, y: Math.floor(index / cols) }
}

/** How many cells lie in the range, as the emulator wants to be told. */
export const cellCount = ({ start, end }: CellRange, cols: number): number =>
  (end.y - start.y) * cols + end.x - start.x

/** The text of a range: rows of one line joined, lines without the blanks at their end. */
export function textIn(buffer: IBuffer, { start, end }: CellRange): string {
  let text = ''
  for (let y = start.y; y <= end.y; y++) {
    const isLast = y === end.y
    const goesOn = buffer.getLine(y + 1)?.isWrapped === true
    const line = buffer.getLine(y)
    const row =
      line?.translateToString(!goesOn, y === start.y ? start.x : 0, isLast ? end.x : undefined) ?? ''
    const isCut = isLast && end.x < (line?.length ?? 0)
    text += (goesOn || isCut ? row : row.trimEnd()).replaceAll('\u00a0', ' ') + (isLast || goesOn ? '' : '\n')
  }
  return text
}
