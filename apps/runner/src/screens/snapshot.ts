import type { IBuffer, IModes, Terminal } from '@xterm/headless'
import { sgrOf } from './cell-style.ts'
import { paintLastCell, paintLines, paintScreenRows } from './painted-rows.ts'
import { type HiddenBufferState, type HiddenState, hiddenStateOf } from './screen-internals.ts'

/**
 * Text that gives any terminal of the same size this terminal's screen, modes and state, whatever it showed before: both
 * buffers, cursor, styles, scroll region, saved cursors, tab stops, mouse and keyboard modes. What follows may then be
 * the output from the very next byte on.
 * @param dress window title and colours, already as escape sequences
 */
export function snapshotOf(terminal: Terminal, dress: string): string {
  const hidden = hiddenStateOf(terminal)
  const { normal, alternate, active } = terminal.buffer
  const inAlternate = active.type === 'alternate'
  // 1047 switches without saving the cursor, which a buffer's own saved one would not survive.
  let text = `${CLEAN_SLATE}\x1b[?1047h${paintSavedCursor(terminal, hidden.alternate)}\x1b[?1047l${dress}`
  text += paintBuffer(terminal, normal, hidden.normal)
  if (inAlternate) {
    text += `\x1b[${normal.cursorY + 1};${normal.cursorX + 1}H\x1b[?1047h\x1b[H\x1b[0m\x1b[2J`
    text += paintBuffer(terminal, alternate, hidden.alternate)
  }
  return text + paintModes(terminal, hidden, inAlternate ? hidden.alternate : hidden.normal)
}

/**
 * Up to `lines` lines above the screen of the first buffer, oldest first, each ending in a line break.
 * @param since the first line that may be told, counted from the oldest that is kept
 */
export function scrollbackOf(terminal: Terminal, lines: number, since = 0): string {
  const { normal } = terminal.buffer
  const to = normal.baseY
  return paintLines({
    buffer: normal,
    cols: terminal.cols,
    from: Math.min(to, Math.max(since, to - lines)),
    to,
  })
}

/**
 * CAN ends a sequence that the viewer may be in the middle of; then the first buffer, a soft reset (styles, charsets,
 * region, origin, cursor, saved cursor), no mouse reports, and an empty screen. The viewer's scrollback stays.
 */
const CLEAN_SLATE =
  '\x18\x1b[?1049l\x1b[!p\x1b[?1l\x1b[?66l\x1b[?45l\x1b[?7h\x1b[4l\x1b[?1000l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[?2026l' +
  '\x1b(B\x1b)B\x1b*B\x1b+B\x0f\x1b[0m\x1b[H\x1b[2J'

function paintBuffer(terminal: Terminal, buffer: IBuffer, hidden: HiddenBufferState): string {
  const { cols, rows } = terminal
  const from = buffer.baseY
  let text = paintScreenRows({ buffer, cols, from, to: from + rows })
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

function paintSavedCursor({ cols, rows }: Terminal, hidden: HiddenBufferState): string {
  const savedRow = Math.min(Math.max(hidden.savedY, 0), rows - 1)
  let text = `\x1b[${savedRow + 1};${Math.min(hidden.savedX, cols - 1) + 1}H`
  text += hidden.savedStyle === null ? '\x1b[0m' : sgrOf(hidden.savedStyle)
  return `${text}${hidden.savedLineDrawing ? '\x1b(0\x1b7\x1b(B' : '\x1b7'}\x1b[0m`
}

const isEveryEighth = (stops: readonly number[], cols: number): boolean => {
  const within = stops.filter((stop) => stop < cols)
  return within.length === Math.ceil(cols / 8) && within.every((stop) => stop % 8 === 0)
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
  if (modes.applicationKeypadMode) text += '\x1b[?66h'
  if (modes.bracketedPasteMode) text += '\x1b[?2004h'
  if (modes.reverseWraparoundMode) text += '\x1b[?45h'
  if (modes.sendFocusMode) text += '\x1b[?1004h'
  const tracking = MOUSE_TRACKING[modes.mouseTrackingMode]
  if (tracking !== null) text += `\x1b[?${tracking}h`
  if (hidden.mouseEncodingMode !== null) text += `\x1b[?${hidden.mouseEncodingMode}h`
  if (hidden.cursorHidden) text += '\x1b[?25l'
  text += `\x1b[${hidden.cursorStyle} q`
  text += paintCharsets(hidden)
  if (hidden.style !== null) text += sgrOf(hidden.style)
  const plain = modes.wraparoundMode && !modes.insertMode
  return hidden.justPrinted && plain
    ? text + printedAgain(terminal, modes.originMode ? region.regionTop : 0)
    : text
}

/** The character before the cursor once more, so that what belongs to it (an accent, a repetition) still finds it. */
function printedAgain(terminal: Terminal, originRow: number): string {
  const { cursorX, cursorY, baseY } = terminal.buffer.active
  const line = terminal.buffer.active.getLine(baseY + cursorY)
  const before = line?.getCell(cursorX - 1)
  const start = before?.getWidth() === 0 ? cursorX - 2 : cursorX - 1
  const chars = line?.getCell(start)?.getChars() ?? ''
  // In insert mode it would push its neighbours: what it takes is removed before.
  const room = terminal.modes.insertMode ? `\x1b[${cursorX - start}P` : ''
  return chars === '' ? '' : `\x1b[${cursorY - originRow + 1};${start + 1}H${room}${chars}`
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
  return place + paintLastCell(line, cursorY - originRow, terminal.cols)
}
