import { field, numberOr } from '@latchkey/connection/emulator/hidden-field'
import type { Terminal } from '@xterm/headless'
import { type CellStyle, isCellStyle } from './cell-style.ts'

/**
 * What xterm 6.0.0 knows and its public interface does not tell, though a snapshot must. Only this file and
 * `extended-style.ts` look inside; a field that a later version renamed reads as its default, and the snapshot's test fails.
 */
export interface HiddenState {
  /** in the middle of an escape sequence or of a string such as a window title */
  readonly inSequence: boolean
  /** the last thing drawn was a character: a combining one, or a request to repeat it, may follow */
  readonly justPrinted: boolean
  readonly cursorHidden: boolean
  /** DECSCUSR parameter; 0 for the terminal's own */
  readonly cursorStyle: number
  /** how mouse events are reported: the private mode that is set beside 1000 to 1003, or null */
  readonly mouseEncodingMode: number | null
  readonly style: CellStyle | null
  /** whether G0 to G3 are line drawing */
  readonly lineDrawing: readonly boolean[]
  readonly activeCharset: number
  /** whether letters are line drawing now: a restored cursor brings its charset along, whatever G0 to G3 are */
  readonly drawsLines: boolean
  readonly normal: HiddenBufferState
  readonly alternate: HiddenBufferState
}

export interface HiddenBufferState {
  /** scroll region, from 0, both inclusive */
  readonly regionTop: number
  readonly regionBottom: number
  readonly savedX: number
  /** relative to the screen's first row; may lie outside */
  readonly savedY: number
  readonly savedStyle: CellStyle | null
  readonly savedLineDrawing: boolean
  /** columns of tab stops, ascending; the first column needs none */
  readonly tabStops: readonly number[]
}

export function hiddenStateOf(terminal: Terminal): HiddenState {
  const core = field(terminal, '_core')
  const charsets = field(core, '_charsetService', '_charsets')
  return {
    inSequence: numberOr(field(core, '_inputHandler', '_parser', 'currentState'), 0) !== 0,
    justPrinted: numberOr(field(core, '_inputHandler', '_parser', 'precedingJoinState'), 0) !== 0,
    cursorHidden: field(core, 'coreService', 'isCursorHidden') === true,
    cursorStyle: cursorStyleOf(field(core, 'coreService', 'decPrivateModes')),
    mouseEncodingMode: MOUSE_ENCODINGS.get(field(core, 'coreMouseService', 'activeEncoding')) ?? null,
    style: styleOrNull(field(core, '_inputHandler', '_curAttrData')),
    lineDrawing: [0, 1, 2, 3].map((index) => isLineDrawing(field(charsets, index))),
    activeCharset: numberOr(field(core, '_charsetService', 'glevel'), 0),
    drawsLines: isLineDrawing(field(core, '_charsetService', 'charset')),
    normal: bufferStateOf(field(core, 'buffers', 'normal'), terminal.rows),
    alternate: bufferStateOf(field(core, 'buffers', 'alt'), terminal.rows),
  }
}

/**
 * Draws `text` now. The public `write` draws later, from a timer, where a fault of the emulator (some erase sequences at
 * odd cursor places throw in 6.0.0) could not be caught and would end the thread with all its screens.
 */
export function drawNow(terminal: Terminal, text: string): void {
  const core = field(terminal, '_core')
  const writeSync = field(core, 'writeSync')
  if (typeof writeSync !== 'function')
    throw new Error('this version of xterm is built differently: see screen-internals.ts')
  Reflect.apply(writeSync, core, [text])
}

/** Whether a character printed right behind `before` becomes part of it (an accent, the second half of a flag). */
export function joins(terminal: Terminal, before: string, character: string): boolean {
  const unicode = field(terminal, '_core', 'unicodeService')
  const propertiesOf = field(unicode, 'charProperties')
  if (typeof propertiesOf !== 'function')
    throw new Error('this version of xterm is built differently: see screen-internals.ts')
  let state = 0
  for (const each of before + (character.match(FIRST_OF)?.[0] ?? ''))
    state = numberOr(Reflect.apply(propertiesOf, unicode, [each.codePointAt(0), state]), 0)
  return (state & 1) === 1
}

const FIRST_OF = /^./su

/** A place in the first buffer that keeps its line while others above it are dropped. */
export interface LineMark {
  /** counted from the oldest line that is kept; null once it was dropped itself */
  readonly line: number | null
}

/**
 * Marks the first row of the first buffer's screen, also while a program shows the other buffer, which the public
 * `registerMarker` cannot.
 */
export function markScreenTop(terminal: Terminal): LineMark {
  return markLine(terminal, numberOr(field(terminal, '_core', 'buffers', 'normal', 'ybase'), 0))
}

/** Marks a line of the first buffer. @param line counted from the oldest line that is kept */
export function markLine(terminal: Terminal, line: number): LineMark {
  const normal = field(terminal, '_core', 'buffers', 'normal')
  const addMarker = field(normal, 'addMarker')
  if (typeof addMarker !== 'function')
    throw new Error('this version of xterm is built differently: see screen-internals.ts')
  const marker: unknown = Reflect.apply(addMarker, normal, [line])
  return {
    get line() {
      const at = numberOr(field(marker, 'line'), -1)
      return at < 0 ? null : at
    },
  }
}

/** Makes the first row of the first buffer's screen go on with the line above it, which no text can. */
export function continueFirstRow(terminal: Terminal): void {
  const normal = field(terminal, '_core', 'buffers', 'normal')
  const lines = field(normal, 'lines')
  const get = field(lines, 'get')
  if (typeof get !== 'function')
    throw new Error('this version of xterm is built differently: see screen-internals.ts')
  const line: unknown = Reflect.apply(get, lines, [numberOr(field(normal, 'ybase'), 0)])
  if (typeof line === 'object' && line !== null) Reflect.set(line, 'isWrapped', true)
}

const MOUSE_ENCODINGS: ReadonlyMap<unknown, number> = new Map([
  ['SGR', 1006],
  ['SGR_PIXELS', 1016],
])

function bufferStateOf(buffer: unknown, rows: number): HiddenBufferState {
  const tabs = field(buffer, 'tabs')
  return {
    regionTop: numberOr(field(buffer, 'scrollTop'), 0),
    regionBottom: numberOr(field(buffer, 'scrollBottom'), rows - 1),
    savedX: numberOr(field(buffer, 'savedX'), 0),
    savedY: numberOr(field(buffer, 'savedY'), 0) - numberOr(field(buffer, 'ybase'), 0),
    savedStyle: styleOrNull(field(buffer, 'savedCurAttrData')),
    savedLineDrawing: isLineDrawing(field(buffer, 'savedCharset')),
    tabStops: typeof tabs === 'object' && tabs !== null ? stopsOf(tabs) : [],
  }
}

const stopsOf = (tabs: object): number[] =>
  Object.keys(tabs)
    .map(Number)
    .filter((stop) => stop > 0)

const CURSOR_STYLES: readonly unknown[] = ['block', 'underline', 'bar']

function cursorStyleOf(modes: unknown): number {
  const form = CURSOR_STYLES.indexOf(field(modes, 'cursorStyle'))
  if (form < 0) return 0
  return 1 + form * 2 + (field(modes, 'cursorBlink') === false ? 1 : 0)
}

/** DEC Special Graphics is the only national character set still in use; a diamond stands for its grave accent. */
const isLineDrawing = (charset: unknown): boolean => field(charset, '`') === '◆'

const styleOrNull = (value: unknown): CellStyle | null => (isCellStyle(value) ? value : null)
