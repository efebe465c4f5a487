import { encodedKey, encodedText, type KeyboardAsked, NOTHING_ASKED } from './key-encoding.ts'
import { ESC, type HeldKeys, modifierOf, type NamedKey, NONE_HELD } from './named-key.ts'

/** What terminals of the xterm family send for keys (xterm's "PC-style function keys", ctlseqs). */

export interface KeyState extends HeldKeys {
  /** DECCKM: the program asked for `ESC O A` instead of `ESC [ A` */
  readonly applicationCursor: boolean
  /** the program asked for keys to be told apart that otherwise send the same */
  readonly asked: KeyboardAsked
}

export const PLAIN: KeyState = {
  ...NONE_HELD,
  applicationCursor: false,
  asked: NOTHING_ASKED,
}

/** Keys of the form `ESC [ 1 ; m X` and `ESC O X`. */
const LETTER_KEYS: Readonly<Record<string, string>> = {
  ArrowUp: 'A',
  ArrowDown: 'B',
  ArrowRight: 'C',
  ArrowLeft: 'D',
  End: 'F',
  Home: 'H',
}
const SS3_KEYS: Readonly<Record<string, string>> = { F1: 'P', F2: 'Q', F3: 'R', F4: 'S' }
/** Keys of the form `ESC [ n ; m ~`. */
const TILDE_KEYS: Readonly<Record<string, number>> = {
  Insert: 2,
  Delete: 3,
  PageUp: 5,
  PageDown: 6,
  F5: 15,
  F6: 17,
  F7: 18,
  F8: 19,
  F9: 20,
  F10: 21,
  F11: 23,
  F12: 24,
}

export const isNamedKey = (key: string): key is NamedKey =>
  key in LETTER_KEYS ||
  key in SS3_KEYS ||
  key in TILDE_KEYS ||
  ['Escape', 'Tab', 'Enter', 'Backspace'].includes(key)

export function sequenceOf(key: NamedKey, state: KeyState): string {
  const encoded = encodedKey(key, state, state.asked)
  if (encoded !== null) return encoded
  if (key === 'Escape') return state.alt ? ESC + ESC : ESC
  if (key === 'Tab') return state.shift ? `${ESC}[Z` : alted('\t', state)
  if (key === 'Enter') return alted('\r', state)
  if (key === 'Backspace') return alted(state.ctrl ? '\b' : '\u007f', state)
  return functionKey(key, state)
}

function functionKey(key: string, state: KeyState): string {
  const held = modifierOf(state)
  const letter = LETTER_KEYS[key]
  if (letter !== undefined) {
    if (held > 1) return `${ESC}[1;${held}${letter}`
    return `${ESC}${state.applicationCursor && state.asked.kitty === 0 ? 'O' : '['}${letter}`
  }
  const ss3 = SS3_KEYS[key]
  if (ss3 !== undefined) return held > 1 ? `${ESC}[1;${held}${ss3}` : `${ESC}O${ss3}`
  const number = TILDE_KEYS[key] ?? 0
  return held > 1 ? `${ESC}[${number};${held}~` : `${ESC}[${number}~`
}

const alted = (text: string, state: KeyState): string => (state.alt ? ESC + text : text)

/**
 * Text as typed with modifiers held. Control changes only the first character, since it is for one key; text that has no
 * control form passes as it is.
 */
export function withModifiers(
  text: string,
  state: Pick<KeyState, 'ctrl' | 'alt'> & Partial<Pick<KeyState, 'shift'>>,
  asked: KeyboardAsked = NOTHING_ASKED,
): string {
  const encoded = encodedText(text, { ...state, shift: state.shift ?? false }, asked)
  if (encoded !== null) return encoded
  const [first = ''] = text
  const rest = text.slice(first.length)
  return (state.alt && text !== '' ? ESC : '') + (state.ctrl ? controlOf(first) : first) + rest
}

/** The control character of a key: Ctrl-C is 0x03, Ctrl-Space and Ctrl-2 are 0x00, Ctrl-? is 0x7f. */
function controlOf(character: string): string {
  const upper = character.toUpperCase()
  if (/^[@-_]$/.test(upper)) return String.fromCharCode(upper.charCodeAt(0) & 0x1f)
  const digits: Readonly<Record<string, string>> = {
    ' ': '\u0000',
    '2': '\u0000',
    '3': ESC,
    '4': '\u001c',
    '5': '\u001d',
    '6': '\u001e',
    '7': '\u001f',
    '/': '\u001f',
    '-': '\u001f',
    '8': '\u007f',
    '?': '\u007f',
  }
  return digits[character] ?? character
}
