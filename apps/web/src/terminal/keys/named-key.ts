/** The keys that have no character, by the names of the DOM's `KeyboardEvent.key`. */
export type NamedKey =
  | 'Escape'
  | 'Tab'
  | 'Enter'
  | 'Backspace'
  | 'ArrowUp'
  | 'ArrowDown'
  | 'ArrowLeft'
  | 'ArrowRight'
  | 'Home'
  | 'End'
  | 'PageUp'
  | 'PageDown'
  | 'Insert'
  | 'Delete'
  | `F${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12}`

/** Modifier keys that are held down with a key. */
export interface HeldKeys {
  readonly ctrl: boolean
  readonly alt: boolean
  readonly shift: boolean
}

export const NONE_HELD: HeldKeys = { ctrl: false, alt: false, shift: false }

/** The number that xterm and kitty send for held modifiers: 1 for none. */
export const modifierOf = ({ ctrl, alt, shift }: HeldKeys): number =>
  1 + (shift ? 1 : 0) + (alt ? 2 : 0) + (ctrl ? 4 : 0)

export const ESC = '\u001b'
