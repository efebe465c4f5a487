/**
 * The modifier keys of the key bar: a tap is for the next key only, a double tap locks, another tap lets go; and one that a
 * finger rests on holds for as long as it does.
 */

export type Modifier = 'ctrl' | 'alt' | 'shift'
export type Hold = 'off' | 'next' | 'locked' | 'held'

export interface Modifiers {
  readonly ctrl: Hold
  readonly alt: Hold
  readonly shift: Hold
  /** when which modifier was last tapped, for telling a double tap */
  readonly lastTap: { readonly modifier: Modifier; readonly atMs: number } | null
}

export const NO_MODIFIERS: Modifiers = { ctrl: 'off', alt: 'off', shift: 'off', lastTap: null }

/** Longer than a quick double tap of a thumb, shorter than a change of mind. */
export const DOUBLE_TAP_MS = 400

export function tapped(now: Modifiers, modifier: Modifier, atMs: number): Modifiers {
  const again =
    now.lastTap !== null && now.lastTap.modifier === modifier && atMs - now.lastTap.atMs <= DOUBLE_TAP_MS
  const hold: Hold = now[modifier] === 'off' ? 'next' : now[modifier] === 'next' && again ? 'locked' : 'off'
  return { ...now, [modifier]: hold, lastTap: { modifier, atMs } }
}

/** A finger rests on the modifier: it holds for every key until the finger leaves. */
export const pressed = (now: Modifiers, modifier: Modifier): Modifiers => ({
  ...now,
  [modifier]: 'held',
  lastTap: null,
})

/** The finger left. */
export const released = (now: Modifiers, modifier: Modifier): Modifiers =>
  now[modifier] === 'held' ? { ...now, [modifier]: 'off' } : now

/** After a key: a modifier that was for one key is released. */
export function used(now: Modifiers): Modifiers {
  const { ctrl, alt, shift } = now
  if (![ctrl, alt, shift].includes('next')) return now
  const spent = (hold: Hold): Hold => (hold === 'next' ? 'off' : hold)
  return { ctrl: spent(ctrl), alt: spent(alt), shift: spent(shift), lastTap: null }
}

export const isHeld = (hold: Hold): boolean => hold !== 'off'
