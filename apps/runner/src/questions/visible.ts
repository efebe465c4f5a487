/** Control pictures stand at U+2400 plus the code of the character that they show. */
const PICTURES = 0x2400
const PICTURE_OF_DELETE = '\u2421'
const DELETE = 0x7f
const LAST_C0 = 0x1f

/** All that could draw, move, rewrite or hide on a screen, line breaks and tabs aside. */
const INVISIBLE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/**
 * `text` as it is to be judged by a person: each invisible character is shown, none is removed, so that a command looks like
 * no other one.
 */
export const visible = (text: string): string => text.replace(INVISIBLE, shown)

/** The same on one line. */
export const visibleLine = (text: string): string => visible(text.replace(/[\n\t]/g, shown))

function shown(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code <= LAST_C0) return String.fromCodePoint(PICTURES + code)
  if (code === DELETE) return PICTURE_OF_DELETE
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`
}
