import { slateForScreen } from '@latchkey/connection/emulator/clean-slate'
import type { IBuffer, IModes, Terminal } from '@xterm/headless'
import { type CellStyle, sgrOf } from './cell-style.ts'
import { linkOf, NO_HYPERLINK } from './extended-style.ts'
import { paintLastCell, paintLines, paintScreenRows } from './painted-rows.ts'
import { type HiddenBufferState, type HiddenState, hiddenStateOf } from './screen-internals.ts'

/**
 * Text that gives any terminal of the same size this terminal's screen, modes and state, whatever it showed before: both
 * buffers, cursor, styles, scroll region, saved cursors, tab stops, mouse and keyboard modes. What follows may then be
 * the output from the very next byte on.
 * @param dress window title and colours, already as escape sequences
 * @param marksOf the marks of a line of the first buffer, likewise
 */
export function snapshotOf(
  terminal: Terminal,
  dress: string,
  marksOf: (line: number) => string = unmarked,
): string {
  const hidden = hiddenStateOf(terminal)
  const { normal, alternate, active } = terminal.buffer
  const inAlternate = active.type === 'alternate'
  // 1047 switches without saving the cursor, which a buffer's own saved one would not survive.
  let text = `${slateForScreen(terminal.cols)}\x1b[?1047h${paintSavedCursor(terminal, hidden.alternate)}\x1b[?1047l${dress}`
  text += paintBuffer(terminal, normal, hidden.normal, marksOf)
  if (inAlternate) {
    // 1049 saves the cursor, as it did for the program: the 1049 that ends it brings the cursor back there.
    text += `${penAtSaved(terminal, hidden.normal)}\x1b[?1049h\x1b[r\x1b[0m${ASCII}${NO_HYPERLINK}\x1b[H\x1b[2J`
    text += paintBuffer(terminal, alternate, hidden.alternate, unmarked)
  }
  return text + paintModes(terminal, hidden, inAlternate ? hidden.alternate : hidden.normal)
}

/**
 * Up to `lines` lines above the screen of the first buffer, oldest first, each ending in a line break.
 * @param since the first line that may be told, counted from the oldest that is kept
 * @param marks the marks of a line, in a text that begins at `first`
 */
export function scrollbackOf(
  terminal: Terminal,
  lines: number,
  since = 0,
  marks: (line: number, first: number) => string = unmarked,
): string {
  const { normal } = terminal.buffer
  const to = normal.baseY
  const from = Math.min(to, Math.max(since, to - lines))
  return paintLines({ terminal, buffer: normal, from, to, marksOf: (line) => marks(line, from) })
}

const unmarked = (): string => ''

const ASCII = '\x1b(B'

function paintBuffer(
  terminal: Terminal,
  buffer: IBuffer,
  hidden: HiddenBufferState,
  marksOf: (line: number) => string,
): string {
  const { cols, rows } = terminal
  const from = buffer.baseY
  let text = paintScreenRows({ terminal, buffer, from, to: from + rows, marksOf })
  const stops = hidden.tabStops
  if (!isEveryEighth(stops, cols)) {
    text += `\x1b[3g${stops
      .filter((stop) => stop < cols)
      .map((stop) => `\x1b[${stop + 1}G\x1bH`)
      .join('')}`
  }
  if (hidden.regionTop !== 0 || hidden.regionBottom !== rows - 1)
    text += `\x1b[${hidden.regionTop + 1};${hidden.regionBottom + 1}r`
  return text + paintSavedCursor(terminal, hidden)
}

const paintSavedCursor = (terminal: Terminal, hidden: HiddenBufferState): string =>
  `${penAtSaved(terminal, hidden)}\x1b7\x1b[0m${ASCII}${NO_HYPERLINK}`

/** Cursor, style and charset as they were saved. */
function penAtSaved(terminal: Terminal, hidden: HiddenBufferState): string {
  const { cols, rows } = terminal
  const savedRow = Math.min(Math.max(hidden.savedY, 0), rows - 1)
  const place = `\x1b[${savedRow + 1};${Math.min(hidden.savedX, cols - 1) + 1}H`
  const style = hidden.savedStyle === null ? '\x1b[0m' : penOf(terminal, hidden.savedStyle)
  return `${place}${style}${hidden.savedLineDrawing ? '\x1b(0' : ''}`
}

/** How the next letter looks: style, and the hyperlink it is part of. */
const penOf = (terminal: Terminal, style: CellStyle): string => `${sgrOf(style)}${linkOf(terminal, style)}`

const isEveryEighth = (stops: readonly number[], cols: number): boolean => {
  const within = stops.filter((stop) => stop < cols)
  return within.length === Math.ceil(cols / 8) - 1 && within.every((stop) => stop % 8 === 0)
}

const MOUSE_TRACKING: Readonly<Record<IModes['mouseTrackingMode'], number | null>> = {
  none: null,
  x10: 9,
  vt200: 1000,
  drag: 1002,
  any: 1003,
}

function paintModes(terminal: Terminal, hidden: HiddenState, region: HiddenBufferState): string {
  const { modes } = terminal
  let text = ''
  if (modes.originMode) text += '\x1b[?6h'
  text += cursorAt(terminal, modes.originMode ? region.regionTop : 0)
  // After everything that is painted: in insert mode a repainted cell would push its neighbours.
  if (modes.insertMode) text += '\x1b[4h'
  if (!modes.wraparoundMode) text += '\x1b[?7l'
  if (modes.applicationCursorKeysMode) text += '\x1b[?1h'
  if (modes.applicationKeypadMode) text += '\x1b='
  if (modes.bracketedPasteMode) text += '\x1b[?2004h'
  if (modes.reverseWraparoundMode) text += '\x1b[?45h'
  if (modes.sendFocusMode) text += '\x1b[?1004h'
  const tracking = MOUSE_TRACKING[modes.mouseTrackingMode]
  if (tracking !== null) text += `\x1b[?${tracking}h`
  if (hidden.mouseEncodingMode !== null) text += `\x1b[?${hidden.mouseEncodingMode}h`
  if (terminal.options.convertEol === true) text += '\x1b[20h'
  if (terminal.options.cursorBlink === true) text += '\x1b[?12h'
  if (hidden.cursorHidden) text += '\x1b[?25l'
  text += `\x1b[${hidden.cursorStyle} q`
  text += paintCharsets(hidden)
  if (hidden.style !== null) text += penOf(terminal, hidden.style)
  return hidden.justPrinted && !modes.insertMode
    ? text + printedAgain(terminal, modes.originMode ? region.regionTop : 0)
    : text
}

/** The character before the cursor once more, so that what belongs to it (an accent, a repetition) still finds it. */
function printedAgain(terminal: Terminal, originRow: number): string {
  const { cursorX, cursorY, baseY } = terminal.buffer.active
  const line = terminal.buffer.active.getLine(baseY + cursorY)
  const start = line?.getCell(cursorX - 2)?.getWidth() === 2 ? cursorX - 2 : cursorX - 1
  const last = line?.getCell(start)
  // Without wrapping a wide character that found no room leaves the cursor on the half of another one.
  if (last === undefined || last.getChars() === '' || start + last.getWidth() !== cursorX) return ''
  return `\x1b[${cursorY - originRow + 1};${start + 1}H${last.getChars()}`
}

function paintCharsets({ lineDrawing, activeCharset, drawsLines }: HiddenState): string {
  let text = ''
  lineDrawing.forEach((drawing, index) => {
    const designated = index === activeCharset ? drawsLines : drawing
    if (designated) text += `\x1b${'()*+'.charAt(index)}0`
  })
  return text + (['', '\x0e', '\x1bn', '\x1bo'][activeCharset] ?? '')
}

function cursorAt(terminal: Terminal, originRow: number): string {
  const { cursorX, cursorY, baseY } = terminal.buffer.active
  const aboutToWrap = cursorX >= terminal.cols
  const place = `\x1b[${cursorY - originRow + 1};${Math.min(cursorX, terminal.cols - 1) + 1}H`
  const line = terminal.buffer.active.getLine(baseY + cursorY)
  if (!aboutToWrap || line === undefined) return place
  return place + paintLastCell(terminal, line, cursorY - originRow)
}
