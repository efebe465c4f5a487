import type { IBuffer, Terminal } from '@xterm/xterm'

/** The text of the screen and the lines above it: wrapped lines joined, without the blank end. */
export function textOf(terminal: Terminal): string {
  return textOfBuffer(terminal.buffer.active)
}

function textOfBuffer(buffer: IBuffer): string {
  const lines: string[] = []
  for (let y = 0; y < buffer.length; y++) {
    const line = buffer.getLine(y)
    if (line === undefined) continue
    const text = line.translateToString(!(buffer.getLine(y + 1)?.isWrapped ?? false))
    if (line.isWrapped && lines.length > 0) lines[lines.length - 1] += text
    else lines.push(text)
  }
  while (lines.length > 0 && lines.at(-1)?.trim() === '') lines.pop()
  return lines.join('\n')
}

/** The text before the cursor on its line: where a prompt would be. */
export function lineBeforeCursor(terminal: Terminal): string {
  const { active } = terminal.buffer
  const line = active.getLine(active.baseY + active.cursorY)
  return line?.translateToString(false, 0, active.cursorX) ?? ''
}
