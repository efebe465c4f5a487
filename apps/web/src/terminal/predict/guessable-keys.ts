/** A key whose effect on a line editor can be guessed: a character one cell wide, or Backspace. */
export type GuessableKey = { readonly kind: 'put'; readonly glyph: string } | { readonly kind: 'erase' }

/**
 * The keys in one piece of input. `enter`: the line is handed over. `moves`: Tab or a key that moves the cursor, which leaves
 * the person on the same line. `opaque`: all else whose effect is not known: a paste, a control character, a character that may
 * be two cells wide.
 */
export type ReadInput = readonly GuessableKey[] | 'enter' | 'moves' | 'opaque'

/** Tab, and keys of the forms `ESC [ A`, `ESC O A`, `ESC [ 3 ~`. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: keys are control characters
const MOVES = /^(?:\t|\u001b[[O][\d;]*[A-H~])$/

/** A soft keyboard sends a word at once, or takes one back. A longer piece is a paste. */
const KEYS_MAX = 24

const decoder = new TextDecoder('utf-8')

export function readInput(bytes: Uint8Array): ReadInput {
  const text = decoder.decode(bytes)
  if (text === '\r') return 'enter'
  if (MOVES.test(text)) return 'moves'
  const characters = [...text]
  if (characters.length === 0 || characters.length > KEYS_MAX) return 'opaque'
  const keys: GuessableKey[] = []
  for (const character of characters) {
    if (character === '\u007f') keys.push({ kind: 'erase' })
    else if (isNarrow(character)) keys.push({ kind: 'put', glyph: character })
    else return 'opaque'
  }
  return keys
}

/**
 * Whether a character takes one cell in every terminal: ASCII, Latin, Greek and Cyrillic letters, none that combines. All
 * others are left to the machine.
 */
function isNarrow(character: string): boolean {
  const code = character.codePointAt(0) ?? 0
  if (code >= 0x20 && code < 0x7f) return true
  return code >= 0xc0 && code < 0x530 && /^[\p{Lu}\p{Ll}]$/u.test(character)
}
