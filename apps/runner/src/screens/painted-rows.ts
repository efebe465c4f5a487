import type { IBuffer, IBufferCell, IBufferLine, Terminal } from '@xterm/headless'
import { eraseSgrOf, hasBackground, sgrOf, showsWhenEmpty } from './cell-style.ts'
import { linkOf, NO_HYPERLINK } from './extended-style.ts'
import { joins } from './screen-internals.ts'

/**
 * Text that draws rows of a buffer again on rows that are empty. xterm's own serializer draws about a third of random
 * screens wrong (erased cells in colour, wide characters, pending wraps), so this is ours: every row starts at an absolute
 * position, every style is said in full.
 */
export interface Rows {
  readonly terminal: Terminal
  readonly buffer: IBuffer
  /** first line of the buffer to draw, and the one after the last */
  readonly from: number
  readonly to: number
  /** sequences that draw nothing, for before a line: its marks */
  readonly marksOf?: (line: number) => string
}

/** The rows one below the other from the screen's top, each at its place. */
export function paintScreenRows(rows: Rows): string {
  const painter = new Painter(rows.terminal)
  let text = ''
  let wraps = false
  for (let y = rows.from; y < rows.to; y++) {
    const line = rows.buffer.getLine(y)
    if (line === undefined) continue
    if (!wraps) text += `\x1b[${y - rows.from + 1}H`
    text += rows.marksOf?.(y) ?? ''
    const continues = y + 1 < rows.to && rows.buffer.getLine(y + 1)?.isWrapped === true
    text += paintRow(painter, line, wraps, continues)
    wraps = continues
  }
  return text + painter.endLink()
}

/** The rows as lines that scroll, for the lines above the screen. */
export function paintLines(rows: Rows): string {
  const painter = new Painter(rows.terminal)
  let text = ''
  let wraps = false
  for (let y = rows.from; y < rows.to; y++) {
    const line = rows.buffer.getLine(y)
    if (line === undefined) continue
    const continues = rows.buffer.getLine(y + 1)?.isWrapped === true
    text += rows.marksOf?.(y) ?? ''
    text += paintRow(painter, line, wraps, continues)
    if (!continues) text += '\x1b[0m\r\n'
    wraps = continues
  }
  return text + painter.endLink()
}

/** The last character of a row again: what brings the cursor to "about to wrap". */
export function paintLastCell(terminal: Terminal, line: IBufferLine, row: number): string {
  const { cols } = terminal
  const cell = line.getCell(cols - 1)
  if (cell === undefined) return ''
  const beside = line.getCell(cols - 2)
  const wide = beside?.getWidth() === 2
  const last = wide ? beside : cell
  return `\x1b[${row + 1};${wide ? cols - 1 : cols}H${sgrOf(last)}${linkOf(terminal, last)}${last.getChars() || ' '}${NO_HYPERLINK}`
}

/**
 * One row. When the row before it wraps into this one, its first cell is printed, so that the wrap happens; when this one
 * wraps into the next, its last is.
 */
function paintRow(painter: Painter, line: IBufferLine, wrapsIn: boolean, wrapsOut: boolean): string {
  const { cols } = painter.terminal
  painter.begin()
  let scratch: IBufferCell | undefined
  for (let x = 0, width = 1; x < cols; x += width) {
    scratch = line.getCell(x, scratch)
    if (scratch === undefined) break
    // At the right edge xterm may keep the second half of a wide character as a cell of its own, which draws nothing.
    width = Math.max(1, scratch.getWidth())
    if (scratch.getWidth() === 0) continue
    const mustPrint = (wrapsIn && x === 0) || (wrapsOut && x + width === cols)
    const chars = scratch.getChars()
    const shows = showsWhenEmpty(scratch) || linkOf(painter.terminal, scratch) !== NO_HYPERLINK
    if (chars !== '' || mustPrint || shows) painter.print(x, chars || ' ', scratch)
    else if (hasBackground(scratch)) painter.erase(x, eraseSgrOf(scratch))
  }
  return painter.end()
}

/** Collects one row's text after the other: prints, erased runs, and the moves between them. A hyperlink may span rows. */
class Painter {
  readonly terminal: Terminal
  #text = ''
  #cursor = 0
  #style = ''
  #link = NO_HYPERLINK
  /** the last printed text, if nothing followed it */
  #printed = ''
  #erased: { at: number; count: number; style: string } | null = null

  constructor(terminal: Terminal) {
    this.terminal = terminal
  }

  /** A new row, the cursor at its beginning. */
  begin(): void {
    this.#text = ''
    this.#cursor = 0
    this.#style = ''
    this.#printed = ''
  }

  print(x: number, chars: string, cell: IBufferCell): void {
    this.#finishErased()
    this.#moveTo(x)
    this.#use(sgrOf(cell))
    const link = linkOf(this.terminal, cell)
    if (link !== this.#link) this.#add(link)
    this.#link = link
    // Two characters side by side that would be one: any sequence between them keeps them apart.
    if (
      this.#printed !== '' &&
      isBeyondAscii(this.#printed + chars) &&
      joins(this.terminal, this.#printed, chars)
    )
      this.#add(this.#style)
    this.#text += chars
    this.#printed = chars
    this.#cursor = x + cell.getWidth()
  }

  /** The sequence that ends a hyperlink that is open. */
  endLink(): string {
    const ended = this.#link === NO_HYPERLINK ? '' : NO_HYPERLINK
    this.#link = NO_HYPERLINK
    return ended
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
    this.#add(`\x1b[${run.count}X`)
  }

  #moveTo(x: number): void {
    if (x > this.#cursor) this.#add(`\x1b[${x + 1}G`)
    this.#cursor = x
  }

  #use(style: string): void {
    if (style !== this.#style) this.#add(style)
    this.#style = style
  }

  #add(sequence: string): void {
    this.#text += sequence
    this.#printed = ''
  }
}

const isBeyondAscii = (text: string): boolean => /[^ -~]/.test(text)
