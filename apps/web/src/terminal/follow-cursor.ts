import { scrollToShow } from './geometry.ts'
import type { Screen } from './screen.ts'

const MARGIN_CELLS = 4

/** Keeps the cursor of a screen that is larger than the window in view. Ends when called. */
export function followCursor(screen: Screen): () => void {
  const moved = screen.emulator.onCursorMove(() => {
    const { element, emulator } = screen
    const cell = screen.cell()
    const { cursorX, cursorY } = emulator.buffer.active
    if (element.scrollWidth > element.clientWidth) {
      const at = (cursorX + 0.5) * cell.width
      element.scrollLeft = scrollToShow(
        at,
        MARGIN_CELLS * cell.width,
        element.scrollLeft,
        element.clientWidth,
      )
    }
    if (element.scrollHeight > element.clientHeight) {
      const at = (cursorY + 0.5) * cell.height
      element.scrollTop = scrollToShow(at, cell.height, element.scrollTop, element.clientHeight)
    }
  })
  return () => moved.dispose()
}
