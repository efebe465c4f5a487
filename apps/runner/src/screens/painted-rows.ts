import type { IBuffer, IBufferCell, IBufferLine } from '@xterm/headless'
import { eraseSgrOf, hasBackground, sgrOf, showsWhenEmpty } from './cell-style.ts'

/**
 * Text that draws rows of a buffer again on rows that are empty. xterm's own serializer draws about a third of random
 * screens wrong (erased cells in colour, wide characters, pending wraps), so this is ours: every row starts at an absolute
 * position, every style is said in full.
 */
export interface Rows {
  readonly buffer: IBuffer
  readonly cols: number
  /** first line of the buffer to draw, and the one after the last */
  readonly from: number
  readonly to: number
}

/** The rows one below the other from the screen's top, each at its place. */
export function paintScreenRows(rows: Rows): string {
  let text = ''
  let wraps = false
  for (let y = rows.from; y < rows.to; y++) {
    const line = rows.buffer.getLine(y)
    if (line === undefined) continue
    if (!wraps) text += `\x1b[${y - rows.from + 1}H`
    const continues = y + 1 < rows.to && rows.buffer.getLine(y + 1)?.isWrapped === true
    text += paintRow(rows, line, wraps, continues)
    wraps = continues
  }
  return text
}

/** The rows as lines that scroll: for what is above the screen. */
export function paintLines(rows: Rows): string {
  let text = ''
  let wraps = false
  for (let y = rows.from; y < rows.to; y++) {
    const line = rows.buffer.getLine(y)
    if (line === undefined) continue
    const continues = rows.buffer.getLine(y + 1)?.isWrapped === true
    text += paintRow(rows, line, wraps, continues)
    if (!continues) text += '\x1b[0m\r\n'
    wraps = continues
  }
  return text
}

/** The last character of a row again: what brings the cursor to "about to wrap". */
export function paintLastCell(line: IBufferLine, row: number, cols: number): string {
  const cell = line.getCell(cols - 1)
  if (cell === undefined) return ''
  const wide = cell.getWidth() === 0
  const last = wide ? line.getCell(cols - 2) : cell
  if (last === undefined) return ''
  return `\x1b[${row + 1};${wide ? cols - 1 : cols}H${sgrOf(last)}${last.getChars() || ' '}`
}

/**
 * One row. When the row before it wraps into this one, its first cell is printed, so that the wrap happens; when this one
 * wraps into the next, its last is.
 */
function paintRow(rows: Rows, line: IBufferLine, wrapsIn: boolean, wrapsOut: boolean): string {
  const { cols } = rows
  const painter = new RowPainter()
  let scratch: IBufferCell | undefined
  for (let x = 0; x < cols; x++) {
    scratch = line.getCell(x, scratch)
    if (scratch === undefined) break
    const width = scratch.getWidth()
    if (width === 0) continue
    const mustPrint = (wrapsIn && x === 0) || (wrapsOut && x === cols - 1)
    const chars = scratch.getChars()
    if (chars !== '' || mustPrint || showsWhenEmpty(scratch))
      painter.print(x, width, chars || ' ', sgrOf(scratch))
    else if (hasBackground(scratch)) painter.erase(x, eraseSgrOf(scratch))
  }
  return painter.end()
}

/** Collects one row's text: prints, erased runs, and the moves between them. */
class RowPainter {
  #text = ''
  #cursor = 0
  #style = ''
  #erased: { at: number; count: number; style: string } | null = null

  print(x: number, width: number, chars: string, style: string): void {
    this.#finishErased()
    this.#moveTo(x)
    this.#use(style)
    this.#text += chars
    this.#cursor = x + width
  }

  erase(x: number, style: string): void {
    const run = this.#erased
    if (run !== null && run.style === style && run.at + run.count === x) {
      run.count += 1
      return
    }
    this.#finishErased()
    this.#erased = { at: x, count: 1, style }
  }

  end(): string {
    this.#finishErased()
    return this.#text
  }

  #finishErased(): void {
    const run = this.#erased
    this.#erased = null
    if (run === null) return
    this.#moveTo(run.at)
    this.#use(run.style)
    this.#text += `\x1b[${run.count}X`
  }

  #moveTo(x: number): void {
    if (x > this.#cursor) this.#text += `\x1b[${x + 1}G`
    this.#cursor = x
  }

  #use(style: string): void {
    if (style !== this.#style) this.#text += style
    this.#style = style
  }
}
