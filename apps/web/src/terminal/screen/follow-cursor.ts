import { scrollToShow } from './geometry.ts'
import type { Screen } from './screen.ts'
import { type CursorAt, isTypedAt } from './typed-at.ts'

const MARGIN_CELLS = 4

/** Brings the cursor's line into view after the window became smaller. A hidden cursor is not followed. */
export function revealCursor(screen: Screen): void {
  const { cursorX, cursorY, type } = screen.emulator.buffer.active
  if (screen.isCursorHidden) return
  const { scrollLeft } = screen.element
  show(screen, { x: cursorX, y: cursorY })
  // A full-screen program keeps its sideways position.
  if (type === 'alternate') screen.element.scrollLeft = scrollLeft
}

/** Keeps the cursor of a screen that is larger than the window in view while a person types at it. Ends when called. */
export function followCursor(screen: Screen): () => void {
  const { element, emulator } = screen
  let before: CursorAt | null = null
  let typed = screen.typedCount
  const parsed = emulator.onWriteParsed(() => {
    const { cursorX, cursorY, type } = emulator.buffer.active
    const now = { x: cursorX, y: cursorY }
    const cursor = {
      hidden: screen.isCursorHidden,
      fullScreen: type === 'alternate',
      typedHere: screen.typedCount > typed,
    }
    if (isTypedAt(cursor, before, now)) show(screen, now)
    before = now
    typed = screen.typedCount
  })
  const other = emulator.buffer.onBufferChange(() => {
    before = null
    element.scrollLeft = 0
    element.scrollTop = 0
  })
  return () => {
    parsed.dispose()
    other.dispose()
  }
}

function show(screen: Screen, { x, y }: CursorAt): void {
  const { element } = screen
  const cell = screen.cell()
  if (element.scrollWidth > element.clientWidth)
    element.scrollLeft = scrollToShow(
      (x + 0.5) * cell.width,
      MARGIN_CELLS * cell.width,
      element.scrollLeft,
      element.clientWidth,
    )
  if (element.scrollHeight > element.clientHeight)
    element.scrollTop = scrollToShow(
      (y + 0.5) * cell.height,
      cell.height,
      element.scrollTop,
      element.clientHeight,
    )
}
