import type { Snapshot } from '@latchkey/connection/app/link'
import type { Terminal } from '@xterm/xterm'

const ESC = '\u001b'
/** Clears screen and scrollback, but no mode. */
const CLEAR_ALL = `${ESC}[?1049l${ESC}[0m${ESC}[H${ESC}[2J${ESC}[3J`

/** What the next snapshot is to be drawn together with. */
export interface Above {
  /** lines above the screen, oldest first, each ending in a line break; they replace those drawn so far */
  readonly history: Uint8Array
}

/**
 * Draws a snapshot: it overwrites the screen and leaves the lines above it as they are, or puts `above` there instead. An
 * emulator cannot prepend lines, so older ones are only ever drawn before a new screen.
 */
export function drawSnapshot(
  terminal: Terminal,
  snapshot: Snapshot,
  above: Above | null,
  drawn: () => void,
): void {
  if (terminal.cols !== snapshot.cols || terminal.rows !== snapshot.rows)
    terminal.resize(snapshot.cols, snapshot.rows)
  if (above !== null) {
    terminal.write(CLEAR_ALL)
    terminal.write(above.history)
    pushUp(terminal)
  }
  terminal.write(snapshot.bytes, drawn)
}

/** A mark in the text itself, above the screen that follows: it stays where it belongs when one scrolls back. */
export function drawGap(terminal: Terminal, sentence: string): void {
  if (terminal.buffer.active.type === 'alternate') return
  terminal.write(`${ESC}[0m${ESC}[${terminal.rows};1H\r\n${ESC}[33m--- ${sentence} ---${ESC}[0m`)
  pushUp(terminal)
}

/** Everything on the screen moves above it. */
const pushUp = (terminal: Terminal): void =>
  terminal.write(`${ESC}[${terminal.rows};1H${'\r\n'.repeat(terminal.rows)}`)
