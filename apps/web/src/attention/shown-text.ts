/** A piece of foreign text: as it is, or a character that cannot be seen, by its name. */
export type TextPart =
  | { readonly text: string }
  | {
      /** short, in place of the character: ESC, U+202E */
      readonly mark: string
      /** spoken: "ESC, U+001B" */
      readonly said: string
    }

/** Foreign text in lines, with all that a reader could miss made visible. */
export interface ShownText {
  readonly lines: readonly (readonly TextPart[])[]
  readonly characters: number
  /** the marks in it, in order, each once, and how many there are in all */
  readonly marks: readonly string[]
  readonly markCount: number
}

/** The names of the C0 characters, in order (ECMA-48). */
const C0 =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(
    ' ',
  )

/**
 * Characters that draw nothing, move or turn the text, or pass for a plain blank: controls but the tab, directions and other
 * formats, separators, halves of characters, blanks other than U+0020, and the letters without a shape. Pictures of controls
 * (U+2400 on) and numbers in angle brackets are marked as well: machines send them in place of such characters.
 */
const HIDDEN =
  /(?![\t ])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Zs}\u034f\u115f\u1160\u2400-\u2421\u2800\u3164\uffa0]|⟨U\+[0-9A-F]{4,6}⟩/gu

/** Foreign text as the basis of a decision. Nothing is left out. */
export function shownText(text: string): ShownText {
  const lines = text.split('\n').map(partsOf)
  // A line feed at the end begins no line.
  if (lines.length > 1 && lines.at(-1)?.length === 0) lines.pop()
  const all = lines.flatMap((parts) => parts.flatMap((part) => ('mark' in part ? [part.mark] : [])))
  return { lines, characters: [...text].length, marks: [...new Set(all)], markCount: all.length }
}

/** The parts of one line. */
export function partsOf(line: string): readonly TextPart[] {
  const parts: TextPart[] = []
  let from = 0
  for (const { 0: character, index } of line.matchAll(HIDDEN)) {
    if (index > from) parts.push({ text: line.slice(from, index) })
    parts.push(markOf(pointOf(character)))
    from = index + character.length
  }
  if (from < line.length) parts.push({ text: line.slice(from) })
  return parts
}

const pointOf = (character: string): number =>
  character.startsWith('⟨') ? Number.parseInt(character.slice(3), 16) : (character.codePointAt(0) ?? 0)

function markOf(point: number): TextPart {
  const number = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`
  const pictured = point >= 0x2400 && point <= 0x2421 ? point - 0x2400 : point
  const name = pictured === 0x7f || point === 0x2421 ? 'DEL' : C0[pictured]
  return name === undefined ? { mark: number, said: number } : { mark: name, said: `${name}, ${number}` }
}
