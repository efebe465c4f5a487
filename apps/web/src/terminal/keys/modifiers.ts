/** The sticky modifier keys of the key bar: a tap is for the next key only, a double tap locks, another tap lets go. */

export type Modifier = 'ctrl' | 'alt'
export type Hold = 'off' | 'next' | 'locked'

export interface Modifiers {
  readonly ctrl: Hold
  readonly alt: Hold
  /** when which modifier was last tapped, for telling a double tap */
  readonly lastTap: { readonly modifier: Modifier; readonly atMs: number } | null
}

export const NO_MODIFIERS: Modifiers = { ctrl: 'off', alt: 'off', lastTap: null }

/** Longer than a quick double tap of a thumb, shorter than a change of mind. */
export const DOUBLE_TAP_MS = 400

export function tapped(now: Modifiers, modifier: Modifier, atMs: number): Modifiers {
  const again =
    now.lastTap !== null && now.lastTap.modifier === modifier && atMs - now.lastTap.atMs <= DOUBLE_TAP_MS
  const hold: Hold = now[modifier] === 'off' ? 'next' : now[modifier] === 'next' && again ? 'locked' : 'off'
  return { ...now, [modifier]: hold, lastTap: { modifier, atMs } }
}

/** After a key: a modifier that was for one key is released. */
export function used(now: Modifiers): Modifiers {
  if (now.ctrl !== 'next' && now.alt !== 'next') return now
  const spent = (hold: Hold): Hold => (hold === 'next' ? 'off' : hold)
  return { ctrl: spent(now.ctrl), alt: spent(now.alt), lastTap: null }
}

export const isHeld = (hold: Hold): boolean => hold !== 'off'
