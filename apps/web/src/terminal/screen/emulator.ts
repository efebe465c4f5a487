import { mendEraseAbove } from '@latchkey/connection/emulator/erase-above'
import { WebLinksAddon } from '@xterm/addon-web-links'
import { Terminal } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'
import { isTouch } from '../../platform.ts'
import { terminalColours } from './colours.ts'
import { commandsOf } from './commands.ts'
import { fontPx } from './font-size.ts'
import { isFocusReport, swallowQueries } from './queries.ts'
import { drawTallLines } from './tall-lines.ts'
import { drawAsWidthsAreKnown } from './wide-characters.ts'

/** Lines kept above the screen in this page; more are asked from the machine. */
export const SCROLLBACK_LINES = 5_000

/** The design's `--font-mono`; the emulator measures it on a canvas, where variables are not known. */
const monoFace = (): string =>
  getComputedStyle(document.documentElement).getPropertyValue('--font-mono').trim() || 'monospace'

export function createEmulator(onTyped: (bytes: Uint8Array) => void): Terminal {
  const terminal = new Terminal({
    allowProposedApi: true,
    cursorBlink: false,
    cursorInactiveStyle: isTouch() ? 'block' : 'outline',
    fontFamily: monoFace(),
    fontSize: fontPx.current,
    lineHeight: 1.3,
    minimumContrastRatio: 4.5,
    scrollback: SCROLLBACK_LINES,
    theme: terminalColours(false),
    // On touch a field of our own reads the keys; this one reads the mouse and the wheel only.
    disableStdin: false,
    screenReaderMode: false,
    macOptionIsMeta: true,
    linkHandler: { activate: (_event, url) => openLink(url) },
  })
  drawAsWidthsAreKnown(terminal)
  terminal.loadAddon(new WebLinksAddon((_event, url) => openLink(url)))
  mendEraseAbove(terminal)
  swallowQueries(terminal)
  commandsOf(terminal)
  const encoder = new TextEncoder()
  terminal.onData((data) => {
    if (!isFocusReport(data)) onTyped(encoder.encode(data))
  })
  terminal.onBinary((data) => onTyped(Uint8Array.from(data, (unit) => unit.charCodeAt(0) & 0xff)))
  return terminal
}

/** A program may print any address: only web pages open, and they are not told where they were opened from. */
export function openLink(url: string): void {
  if (/^https?:\/\//i.test(url)) window.open(url, '_blank', 'noopener,noreferrer')
}

/**
 * Draws with the graphics card where that is quick and safe: not on touch, where finger selection needs real text. The terminal must be
 * open.
 */
export async function drawFaster(terminal: Terminal): Promise<void> {
  if (isTouch()) return drawTallLines(terminal)
  const { WebglAddon } = await import('@xterm/addon-webgl')
  try {
    const webgl = new WebglAddon()
    // A context that is lost comes back empty, or not at all: the plain renderer takes over and draws everything anew.
    webgl.onContextLoss(() => {
      webgl.dispose()
      drawTallLines(terminal)
    })
    terminal.loadAddon(webgl)
  } catch {
    // No WebGL here: the plain renderer stays.
    drawTallLines(terminal)
  }
}
