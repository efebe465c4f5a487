import { field } from './hidden-field.ts'

/** The part of an xterm terminal that is used, in a page or without one. */
export interface Resizable {
  readonly cols: number
  readonly rows: number
  resize(cols: number, rows: number): void
}

/**
 * Resizes an emulator. xterm 6.0.0 leaves a second buffer that is not shown the room of the larger screen: a program that fills
 * it later gets lines above the screen, which that buffer must not have, and they come back at the next growth.
 */
export function resizeEmulator(terminal: Resizable, cols: number, rows: number): void {
  if (terminal.cols !== cols || terminal.rows !== rows) terminal.resize(cols, rows)
  const lines = field(terminal, '_core', 'buffers', 'alt', 'lines')
  if (typeof lines !== 'object' || lines === null) return
  if (Reflect.get(lines, 'length') === 0) Reflect.set(lines, 'maxLength', rows)
}
