import type { IBufferCell, Terminal } from '@xterm/xterm'
import type { ScreenView } from '../predict/guessed-line.ts'

/** The palette's bright black, in which shells suggest text unless told otherwise. */
const BRIGHT_BLACK = 8
/** The middle greys of the 256 colours. */
const GREYS = [236, 248] as const

/** What guesses read of an emulator: its cursor and its cells. */
export function viewOf({ cols, buffer: { active } }: Pick<Terminal, 'cols' | 'buffer'>): ScreenView {
  return {
    cols,
    x: active.cursorX,
    y: active.baseY + active.cursorY,
    cell(x, y) {
      const cell = active.getLine(y)?.getCell(x)
      if (cell === undefined) return { text: ' ', isGhost: false }
      const isHalf = cell.getWidth() === 0
      return { text: isHalf ? '' : cell.getChars() || ' ', isGhost: isPale(cell) }
    },
  }
}

function isPale(cell: IBufferCell): boolean {
  if (cell.isDim() !== 0) return true
  if (!cell.isFgPalette()) return false
  const colour = cell.getFgColor()
  return colour === BRIGHT_BLACK || (colour >= GREYS[0] && colour <= GREYS[1])
}
