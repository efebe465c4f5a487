/** Further than this no program scrolls by one turn of a wheel. */
const SHIFT_MAX = 8
/** Fewer rows than this may look alike by chance. */
const ROWS_MIN = 3

/**
 * By how many rows the text moved between two pictures of a screen, up being positive; null when it cannot be told. Only rows
 * that changed count, so that the still text around a scrolled pane does not.
 */
export function shiftOf(before: readonly string[], after: readonly string[]): number | null {
  const moved = after.flatMap((row, at) => (row !== before[at] && row.trim() !== '' ? [at] : []))
  if (moved.length < ROWS_MIN) return null
  let best: { readonly shift: number; readonly rows: number } | null = null
  for (let size = 1; size <= SHIFT_MAX; size++)
    for (const shift of [size, -size]) {
      const rows = moved.filter((at) => after[at] === before[at + shift]).length
      if (rows > (best?.rows ?? 0)) best = { shift, rows }
    }
  return best !== null && best.rows >= ROWS_MIN && best.rows * 2 >= moved.length ? best.shift : null
}
