import { scrollToShow } from './geometry.ts'
import type { Screen } from './screen.ts'

const MARGIN_CELLS = 4
/** A key moves the cursor by one character, which may be two cells wide. */
const TYPED_CELLS_MAX = 2

/** Where a cursor stood when a piece of output was drawn. */
export interface CursorAt {
  readonly x: number
  readonly y: number
}

/**
 * Whether a cursor is worth following. On the first screen it stands where one types. A full-screen program moves its cursor
 * about to draw and parks it anywhere: there only one that moves as typing does, or that this person types at, is followed.
 */
export function isTypedAt(
  cursor: { readonly hidden: boolean; readonly fullScreen: boolean; readonly typedHere: boolean },
  before: CursorAt | null,
  now: CursorAt,
): boolean {
  if (cursor.hidden) return false
  if (!cursor.fullScreen || cursor.typedHere) return true
  if (before === null || before.y !== now.y) return false
  const moved = Math.abs(now.x - before.x)
  return moved > 0 && moved <= TYPED_CELLS_MAX
}

/** Brings the cursor's line into view after the window became smaller; a hidden cursor is nobody's. */
export function revealCursor(screen: Screen): void {
  const { cursorX, cursorY, type } = screen.emulator.buffer.active
  if (screen.isCursorHidden) return
  const { scrollLeft } = screen.element
  show(screen, { x: cursorX, y: cursorY })
  // Sideways a full-screen program stays where somebody moved it.
  if (type === 'alternate') screen.element.scrollLeft = scrollLeft
}

/** Keeps the cursor of a screen that is larger than the window in view while somebody types at it. Ends when called. */
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
