import unicode11 from '@xterm/addon-unicode11'
import headless, { type Terminal } from '@xterm/headless'
import { drawNow, hiddenStateOf } from '../screens/screen-internals.ts'

/** A second terminal, as a viewer has one: what a snapshot is written to. */
export function viewerTerminal(cols: number, rows: number): Terminal {
  const terminal = new headless.Terminal({
    cols,
    rows,
    scrollback: 100,
    allowProposedApi: true,
    logLevel: 'off',
  })
  terminal.loadAddon(new unicode11.Unicode11Addon())
  terminal.unicode.activeVersion = '11'
  return terminal
}

/** False when the emulator threw, which it does for some erase sequences at odd places. */
export function draw(terminal: Terminal, bytes: Uint8Array | string): boolean {
  try {
    drawNow(terminal, typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
    return true
  } catch {
    return false
  }
}

/** All that a person can see, and the modes that decide what comes next. */
export function looks(terminal: Terminal): readonly string[] {
  const { active } = terminal.buffer
  const hidden = hiddenStateOf(terminal)
  const { regionTop, regionBottom } = active.type === 'normal' ? hidden.normal : hidden.alternate
  const rows = Array.from({ length: terminal.rows }, (_, row) => rowLooks(terminal, active.baseY + row))
  const modes = JSON.stringify({ ...terminal.modes, synchronizedOutputMode: false })
  return [
    `${active.type} cursor ${active.cursorX},${active.cursorY} ${hidden.cursorHidden ? 'hidden' : 'shown'} style ${hidden.cursorStyle}`,
    `region ${regionTop}-${regionBottom} mouse ${hidden.mouseEncodingMode} lines ${hidden.drawsLines}`,
    modes,
    ...rows,
  ]
}

function rowLooks(terminal: Terminal, y: number): string {
  const line = terminal.buffer.active.getLine(y)
  let text = ''
  for (let x = 0; x < terminal.cols; x++) {
    const cell = line?.getCell(x)
    if (cell === undefined) continue
    const chars = cell.getChars() || ' '
    const marks = [cell.isInverse(), cell.isUnderline(), cell.isStrikethrough(), cell.isOverline()]
      .map(Number)
      .map(Boolean)
    const blank = chars === ' ' && !marks.some(Boolean)
    const shape = [cell.isBold(), cell.isItalic(), cell.isDim(), cell.isInvisible(), cell.isBlink()].map(
      Boolean,
    )
    const ink = blank
      ? ''
      : `${cell.getFgColorMode()}:${cell.getFgColor()}:${[...marks, ...shape].map(Number).join('')}`
    text += `${chars}[${cell.getBgColorMode()}:${cell.getBgColor()} ${ink}]`
  }
  return text.replaceAll('[0:-1 ]', '').replaceAll('[0:-1 0:-1:000000000]', '').trimEnd()
}
