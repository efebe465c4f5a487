import { ESC, type HeldKeys, modifierOf, type NamedKey, NONE_HELD } from './named-key.ts'

/**
 * Keys for programs that asked for more than a terminal ever sent: the kitty keyboard protocol (its bits 1, 8 and 16; releases
 * and repeats are not told, which the protocol allows) and xterm's modifyOtherKeys. xterm 6.0 has neither.
 */
export interface KeyboardAsked {
  /** kitty's flags that hold now, 0 for none */
  readonly kitty: number
  readonly modifyOtherKeys: 0 | 1 | 2
}

export const NOTHING_ASKED: KeyboardAsked = { kitty: 0, modifyOtherKeys: 0 }

const DISAMBIGUATE = 1
const ALL_KEYS = 8
const WITH_TEXT = 16

/** Keys that both protocols tell by a number. */
const CODES: Readonly<Partial<Record<NamedKey, number>>> = { Escape: 27, Enter: 13, Tab: 9, Backspace: 127 }
/** Where kitty differs from xterm: F1, F2, F4 with CSI, F3 by its number. */
const KITTY_F: Readonly<Partial<Record<NamedKey, string>>> = { F1: 'P', F2: 'Q', F4: 'S' }

/** Whether anything was asked at all. */
export const isAsked = ({ kitty, modifyOtherKeys }: KeyboardAsked): boolean =>
  kitty !== 0 || modifyOtherKeys !== 0

/** The bytes of a named key; null where the classic encoding holds. */
export function encodedKey(key: NamedKey, held: HeldKeys, asked: KeyboardAsked): string | null {
  const modifier = modifierOf(held)
  const code = CODES[key]
  if ((asked.kitty & (DISAMBIGUATE | ALL_KEYS)) !== 0) {
    if (code === undefined) return kittyFunctionKey(key, modifier)
    // Enter, Tab and Backspace keep the classic encoding, so that a shell is usable after a program that crashed.
    if (modifier === 1 && key !== 'Escape' && (asked.kitty & ALL_KEYS) === 0) return null
    return csiU(code, modifier)
  }
  if (asked.modifyOtherKeys === 0 || code === undefined || modifier === 1) return null
  // Level 1 leaves Backspace, Escape and Shift+Tab their well-known forms.
  if (asked.modifyOtherKeys === 1 && (key === 'Backspace' || key === 'Escape')) return null
  if (key === 'Tab' && modifier === 2) return null
  return `${ESC}[27;${modifier};${code}~`
}

/** The bytes of text typed with modifiers held; null where the classic encoding holds. */
export function encodedText(text: string, held: HeldKeys, asked: KeyboardAsked): string | null {
  const [first = ''] = text
  const rest = text.slice(first.length)
  const lower = first.toLowerCase()
  const shift = held.shift || (first !== lower && [...lower].length === 1)
  const modifier = modifierOf({ ...held, shift })
  const isModified = held.ctrl || held.alt
  // A key of the bar that stands for Control with a letter.
  const letter = text.length === 1 && !held.alt ? letterOfControl(first) : null
  if (letter !== null) return encodedText(letter, { ...held, ctrl: true }, asked)
  if ((asked.kitty & ALL_KEYS) !== 0)
    return [...text].map((each, at) => kittyText(each, at === 0 ? held : NONE_HELD, asked)).join('')
  if (!isModified || first === '' || isControl(first)) return null
  if ((asked.kitty & DISAMBIGUATE) !== 0) return csiU(codePoint(lower), modifier) + rest
  if (asked.modifyOtherKeys === 2) return `${ESC}[27;${modifier};${codePoint(first)}~${rest}`
  // Level 1: only characters without a control form.
  if (asked.modifyOtherKeys === 1 && held.ctrl && !/^[@-_a-z 2-8/?-]$/.test(first))
    return `${ESC}[27;${modifier};${codePoint(first)}~${rest}`
  return null
}

function kittyText(character: string, held: HeldKeys, asked: KeyboardAsked): string {
  if (isControl(character)) return character
  const lower = character.toLowerCase()
  const isUpper = character !== lower && [...lower].length === 1
  const modifier = modifierOf({ ...held, shift: held.shift || isUpper })
  const code = codePoint(isUpper ? lower : character)
  const text = (asked.kitty & WITH_TEXT) !== 0 && !held.ctrl && !held.alt ? codePoint(character) : null
  if (text === null) return csiU(code, modifier)
  return `${ESC}[${code};${modifier === 1 ? '' : modifier};${text}u`
}

function kittyFunctionKey(key: NamedKey, modifier: number): string | null {
  const letter = KITTY_F[key]
  if (letter !== undefined) return modifier === 1 ? `${ESC}[${letter}` : `${ESC}[1;${modifier}${letter}`
  if (key === 'F3') return modifier === 1 ? `${ESC}[13~` : `${ESC}[13;${modifier}~`
  return null
}

/** ^A to ^Z, without those that are keys of their own; null for anything else. */
function letterOfControl(character: string): string | null {
  const code = codePoint(character)
  const isKey = code === 8 || code === 9 || code === 13
  return code >= 1 && code <= 26 && !isKey ? String.fromCharCode(code + 0x60) : null
}

const csiU = (code: number, modifier: number): string =>
  modifier === 1 ? `${ESC}[${code}u` : `${ESC}[${code};${modifier}u`
const codePoint = (character: string): number => character.codePointAt(0) ?? 0
const isControl = (character: string): boolean => codePoint(character) < 0x20 || codePoint(character) === 0x7f
