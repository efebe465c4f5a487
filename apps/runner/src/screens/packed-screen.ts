import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { resizeEmulator } from '@latchkey/connection/emulator/resize'
import type { Terminal } from '@xterm/headless'
import { FieldReader, FieldWriter } from '../keeper/fields.ts'
import { drawNow } from './screen-internals.ts'

/** Text compresses to a tenth at the fastest level already; the better ones take several times as long. */
const LEVEL = 1
/** A last line without it goes on in the first row of the screen. */
export const LINE_END = '\r\n'
const MARKS_MAX = 4_096

/** A screen in as few bytes as it can be made again from. */
export interface UnpackedScreen {
  /** the lines above the screen, as text that draws them */
  readonly history: string
  /** draws the screen, on any */
  readonly screen: string
  /** bytes that were taken in and not acted on */
  readonly unfinished: Uint8Array
  /** lines that are marked: number of the mark, and line from the oldest */
  readonly marks: readonly (readonly [number: number, line: number])[]
}

export function packedScreen({ history, screen, unfinished, marks }: UnpackedScreen): Uint8Array {
  const fields = new FieldWriter().text(history).text(screen).bytes(unfinished)
  fields.list(marks, ([number, line]) => fields.u32(number).u32(line))
  return deflateRawSync(fields.after(new Uint8Array(0)), { level: LEVEL })
}

/** Throws for other bytes than `packedScreen` made. */
export function unpackedScreen(packed: Uint8Array): UnpackedScreen {
  const fields = new FieldReader(inflateRawSync(packed))
  const [history, screen, unfinished] = [fields.text(), fields.text(), fields.blob()]
  return { history, screen, unfinished, marks: fields.list(MARKS_MAX, () => [fields.u32(), fields.u32()]) }
}

/**
 * Draws lines above the screen of a terminal that is empty.
 * @param linesMax as many lines as there can be
 */
export function drawHistory(terminal: Terminal, history: string, linesMax: number): void {
  if (history === '') return
  const { cols, rows } = terminal
  // On a screen that has room for all: a line that scrolls in begins in the background's colour.
  resizeEmulator(terminal, cols, linesMax + rows)
  drawNow(terminal, history.endsWith(LINE_END) ? history : `${history}${LINE_END}`)
  // The screen begins at the cursor. With the cursor in its last row, all lines before it go above when it shrinks.
  drawNow(terminal, `\x1b[${terminal.buffer.normal.cursorY + rows}H`)
  resizeEmulator(terminal, cols, rows)
}
