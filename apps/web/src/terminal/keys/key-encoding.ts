import { ESC, type HeldKeys, modifierOf, type NamedKey, NONE_HELD } from './named-key.ts'

/**
 * Keys for programs that asked for more than a terminal ever sent: the kitty keyboard protocol (its bits 1, 4, 8 and 16; of
 * the other keys of bit 4 the shifted one is told; releases and repeats are not) and xterm's modifyOtherKeys. xterm 6.0 has
 * neither.
 */
export interface KeyboardAsked {
  /** kitty's flags that hold now, 0 for none */
  readonly kitty: number
  readonly modifyOtherKeys: 0 | 1 | 2
  /** an agent in front takes a line feed as a new line, so Shift with Enter is one, though it asked for nothing */
  readonly lineFeed?: boolean
}

export const NOTHING_ASKED: KeyboardAsked = { kitty: 0, modifyOtherKeys: 0 }

const DISAMBIGUATE = 1
const ALTERNATE_KEYS = 4
const ALL_KEYS = 8
const WITH_TEXT = 16

/** The modifier's number of Shift alone. */
const SHIFT = 2

/** Keys that both protocols tell by a number. */
const CODES: Readonly<Partial<Record<NamedKey, number>>> = { Escape: 27, Enter: 13, Tab: 9, Backspace: 127 }
/** Where kitty differs from xterm: F1, F2, F4 with CSI, F3 by its number. */
const KITTY_F: Readonly<Partial<Record<NamedKey, string>>> = { F1: 'P', F2: 'Q', F4: 'S' }
/** The cursor mode (DECCKM) does not change these for a program that speaks the protocol. */
const KITTY_CURSOR: Readonly<Partial<Record<NamedKey, string>>> = {
  ArrowUp: 'A',
  ArrowDown: 'B',
  ArrowRight: 'C',
  ArrowLeft: 'D',
  End: 'F',
  Home: 'H',
}

/** Whether anything was asked at all. */
export const isAsked = ({ kitty, modifyOtherKeys, lineFeed = false }: KeyboardAsked): boolean =>
  kitty !== 0 || modifyOtherKeys !== 0 || lineFeed

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
  if (key === 'Enter' && modifier === SHIFT && asked.modifyOtherKeys === 0 && asked.lineFeed === true)
    return '\n'
  if (asked.modifyOtherKeys === 0 || code === undefined || modifier === 1) return null
  // Level 1 leaves Backspace, Escape and Shift+Tab their well-known forms.
  if (asked.modifyOtherKeys === 1 && (key === 'Backspace' || key === 'Escape')) return null
  if (key === 'Tab' && modifier === SHIFT) return null
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
  if ((asked.kitty & DISAMBIGUATE) !== 0)
    return `${ESC}[${kittyCode(lower, shift ? first : lower, asked)};${modifier}u${rest}`
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
  const code = kittyCode(isUpper ? lower : character, character, asked)
  const text = (asked.kitty & WITH_TEXT) !== 0 && !held.ctrl && !held.alt ? codePoint(character) : null
  if (text === null) return modifier === 1 ? `${ESC}[${code}u` : `${ESC}[${code};${modifier}u`
  return `${ESC}[${code};${modifier === 1 ? '' : modifier};${text}u`
}

/** The number of a key: the one without Shift, and with it the shifted one where that was asked for. */
function kittyCode(lower: string, shifted: string, { kitty }: KeyboardAsked): string {
  const tellsBoth = (kitty & ALTERNATE_KEYS) !== 0 && lower !== shifted
  return tellsBoth ? `${codePoint(lower)}:${codePoint(shifted)}` : `${codePoint(lower)}`
}

function kittyFunctionKey(key: NamedKey, modifier: number): string | null {
  const letter = KITTY_F[key] ?? KITTY_CURSOR[key]
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
