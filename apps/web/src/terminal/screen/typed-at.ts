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
