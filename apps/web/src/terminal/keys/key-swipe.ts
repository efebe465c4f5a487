/** A finger that wanders less than this pressed a key. */
const SWIPE_PX_MIN = 24

/** The state of a finger on the keys. */
export type Touch =
  | { readonly is: 'up' }
  | { readonly is: 'down'; readonly x: number; readonly y: number }
  /** it went sideways: it turns the set of keys, wherever it ends */
  | { readonly is: 'swiping'; readonly x: number }
  /** it left its key another way: it has no effect */
  | { readonly is: 'lost' }

export const touchedAt = (x: number, y: number): Touch => ({ is: 'down', x, y })

export function movedTo(touch: Touch, x: number, y: number): Touch {
  if (touch.is !== 'down') return touch
  const [across, along] = [Math.abs(x - touch.x), Math.abs(y - touch.y)]
  if (across >= SWIPE_PX_MIN && across > along) return { is: 'swiping', x: touch.x }
  return along >= 2 * SWIPE_PX_MIN ? { is: 'lost' } : touch
}

/** The meaning of the end of a touch: the key, the set to the left (-1) or to the right (1), or null. */
export function endOf(touch: Touch, x: number): 'key' | -1 | 1 | null {
  if (touch.is === 'down') return 'key'
  if (touch.is !== 'swiping') return null
  return x > touch.x ? -1 : 1
}
