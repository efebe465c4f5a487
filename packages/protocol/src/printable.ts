/**
 * Text from another end, on its way to a person's screen. Text with a form of its own is held to it (`shown.ts`). All other
 * text loses the characters that could draw, move, rewrite or hide: control characters (C0, C1), directions and other
 * invisible formatting, line and paragraph separators, halves of characters.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu
const UNPRINTABLE_IN_LINES = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/** Longer than a name needs. */
const NAME_CHARACTERS_MAX = 40

/** `text` on one line, at most `charactersMax` characters of it. */
export function printable(text: string, charactersMax: number = NAME_CHARACTERS_MAX): string {
  const kept = text.replace(UNPRINTABLE, '')
  return kept.length <= charactersMax ? kept : [...kept].slice(0, charactersMax).join('')
}

/** `text` with its line breaks and tabs, for a screen or a log. */
export const printableLines = (text: string): string => text.replace(UNPRINTABLE_IN_LINES, '')

/** `value` as JSON on one line, which a terminal shows as it is: what `printable` leaves out is escaped here. */
export const jsonLine = (value: unknown): string => JSON.stringify(value).replace(UNPRINTABLE, escaped)

const escaped = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
