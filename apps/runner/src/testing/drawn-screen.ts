import { Characters } from '@latchkey/connection/emulator/characters'
import { mendEraseAbove } from '@latchkey/connection/emulator/erase-above'
import headless, { type Terminal } from '@xterm/headless'
import { linkOf, NO_HYPERLINK, underlineColorOf, underlineFormOf } from '../screens/extended-style.ts'
import { drawNow, hiddenStateOf } from '../screens/screen-internals.ts'
import { useWidths } from '../screens/widths.ts'

/** A second terminal, as a viewer has one: what a snapshot is written to. */
export function viewerTerminal(cols: number, rows: number): Terminal {
  const terminal = new headless.Terminal({
    cols,
    rows,
    scrollback: 100,
    allowProposedApi: true,
    logLevel: 'off',
  })
  useWidths(terminal)
  mendEraseAbove(terminal)
  streams.set(terminal, new Characters())
  return terminal
}

/** As a page has it: one for each terminal. */
const streams = new WeakMap<Terminal, Characters>()

/** False when the emulator threw, which it does for some erase sequences at odd places. */
export function draw(terminal: Terminal, bytes: Uint8Array | string): boolean {
  try {
    drawNow(terminal, typeof bytes === 'string' ? bytes : (streams.get(terminal)?.read(bytes) ?? ''))
    return true
  } catch {
    return false
  }
}

/** All that a person can see, and the modes that decide what comes next. */
export function looks(terminal: Terminal): readonly string[] {
  const { active } = terminal.buffer
  const hidden = hiddenStateOf(terminal)
  const { regionTop, regionBottom, tabStops } = active.type === 'normal' ? hidden.normal : hidden.alternate
  const rows = Array.from({ length: terminal.rows }, (_, row) => rowLooks(terminal, active.baseY + row))
  const stops = tabStops.filter((stop) => stop < terminal.cols).join()
  const modes = JSON.stringify({ ...terminal.modes, synchronizedOutputMode: false })
  return [
    `${active.type} cursor ${active.cursorX},${active.cursorY} ${hidden.cursorHidden ? 'hidden' : 'shown'} style ${hidden.cursorStyle}`,
    `region ${regionTop}-${regionBottom} mouse ${hidden.mouseEncodingMode} lines ${hidden.drawsLines}`,
    `${modes} line feed ${terminal.options.convertEol} blink ${terminal.options.cursorBlink} tabs ${stops}`,
    ...rows,
  ]
}

function rowLooks(terminal: Terminal, y: number): string {
  const line = terminal.buffer.active.getLine(y)
  let text = ''
  // The second half of a wide character has no look of its own.
  for (let x = 0, width = 1; x < terminal.cols; x += width) {
    const cell = line?.getCell(x)
    if (cell === undefined) break
    width = Math.max(1, cell.getWidth())
    const chars = cell.getChars() || ' '
    const marks = [cell.isInverse(), underlineFormOf(cell) !== 0, cell.isStrikethrough(), cell.isOverline()]
      .map(Number)
      .map(Boolean)
    const blank = chars === ' ' && !marks.some(Boolean) && linkOf(terminal, cell) === NO_HYPERLINK
    const shape = [cell.isBold(), cell.isItalic(), cell.isDim(), cell.isInvisible(), cell.isBlink()].map(
      Boolean,
    )
    const underline = underlineFormOf(cell)
    const extended = `${underline}${underline === 0 ? '' : underlineColorOf(cell).join('')}${linkOf(terminal, cell)}`
    const ink = blank
      ? ''
      : `${cell.getFgColorMode()}:${cell.getFgColor()}:${[...marks, ...shape].map(Number).join('')}${extended}`
    text += `${chars}[${cell.getBgColorMode()}:${cell.getBgColor()} ${ink}]`
  }
  return text.replaceAll('[0:-1 ]', '').replaceAll(`[0:-1 0:-1:0000000000${NO_HYPERLINK}]`, '').trimEnd()
}
