import type { Terminal } from '@xterm/xterm'
import { SerializeAddon } from '@xterm/addon-serialize'

/** How many more lines one request brings. */
export const EARLIER_LINES = 1_000

/** Clears screen and scrollback but no mode: what the program has switched on stays on. */
const CLEAR = '\u001b[H\u001b[2J\u001b[3J'

/**
 * Draws `history` (the lines above the screen, oldest first) above what the screen shows now. An emulator cannot prepend,
 * so everything is drawn again; only while the normal screen is shown, a full-screen program has no lines above it.
 */
export function drawAbove(terminal: Terminal, history: Uint8Array, done: () => void): void {
  const addon = new SerializeAddon()
  terminal.loadAddon(addon)
  const screen = addon.serialize({ scrollback: 0, excludeAltBuffer: true, excludeModes: true })
  addon.dispose()
  terminal.write(CLEAR)
  terminal.write(history)
  // Everything drawn so far goes above the screen; the cursor of what follows counts from its top.
  terminal.write(`\u001b[0m\r\n${'\n'.repeat(terminal.rows - 1)}\u001b[H`)
  terminal.write(screen, done)
}
