/** A piece of a line, by positions of its string: `from` belongs to it, `to` does not. */
export interface Piece {
  readonly from: number
  readonly to: number
}

/** An address up to where a person would stop reading it. */
const ADDRESS = /[a-z][a-z\d+.-]{1,20}:\/\/[^\s<>"'`\u0000-\u001f\u2500-\u259f]+|mailto:[^\s<>"'`]+/gi
/**
 * A path, whole: with a slash or a tilde, blanks behind a backslash, and the line and column that compilers add. Also a bare
 * file name that names a line.
 */
const PATH =
  /(?:~|\.{1,2}|[\p{L}\p{N}_.@%+-]+)?\/(?:\\ |[\p{L}\p{N}_.@%+~/=#-])*(?::\d{1,7}){0,2}|[\p{L}\p{N}_][\p{L}\p{N}_.@+-]*\.\p{L}[\p{L}\p{N}]{0,7}(?::\d{1,7}){1,2}/gu
/** Names as people mean them in a terminal: `--one-line`, `v1.2.3`, `user@host`. */
const WORD = /[\p{L}\p{M}\p{N}_.@%+-]+/gu
/** Scripts without blanks between words: the browser's own rules find the word. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Khmer}\p{Script=Lao}]/u

const CLOSERS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }

/**
 * The word at `at` that a long press selects: an address whole, a path whole, else a word, else a run of the same sign. Null
 * for a blank.
 */
export function wordAt(text: string, at: number): Piece | null {
  const sign = text[at]
  if (sign === undefined || /\s/.test(sign)) return null
  for (const [pattern, trimmed] of [
    [ADDRESS, withoutTail],
    [PATH, withoutDots],
    [WORD, withoutDots],
  ] as const) {
    const piece = pieceAt(text, at, pattern, trimmed)
    if (piece === null) continue
    return pattern === WORD ? unspaced(text, at, piece) : piece
  }
  let from = at
  let to = at + 1
  while (text[from - 1] === sign) from--
  while (text[to] === sign) to++
  return { from, to }
}

/** The word at `at`, or the nearest one within `reach` positions of it: a fingertip is wider than a letter. */
export function wordNear(text: string, at: number, reach: number): Piece | null {
  for (let distance = 0; distance <= reach; distance++)
    for (const near of [at - distance, at + distance]) {
      const piece = near < 0 ? null : wordAt(text, near)
      if (piece !== null) return piece
    }
  return null
}

function pieceAt(
  text: string,
  at: number,
  pattern: RegExp,
  trimmed: (found: string) => string,
): Piece | null {
  for (const match of text.matchAll(pattern)) {
    if (match.index > at) return null
    const piece = { from: match.index, to: match.index + trimmed(match[0]).length }
    if (at < piece.to) return piece
  }
  return null
}

/** An address without the punctuation of the sentence around it; a bracket that it opened itself stays. */
function withoutTail(address: string): string {
  for (let text = address; ; text = text.slice(0, -1)) {
    const last = text.at(-1) ?? ''
    const opener = CLOSERS[last]
    const isTail = opener === undefined ? /[.,;:!?*]/.test(last) : count(text, last) > count(text, opener)
    if (!isTail) return text
  }
}

const withoutDots = (text: string): string => (/^[.-]+$/.test(text) ? text : text.replace(/[.:,]+$/, ''))

const count = (text: string, sign: string): number => text.split(sign).length - 1

function unspaced(text: string, at: number, word: Piece): Piece {
  const whole = text.slice(word.from, word.to)
  if (!UNSPACED.test(whole) || !('Segmenter' in Intl)) return word
  const found = new Intl.Segmenter(undefined, { granularity: 'word' })
    .segment(whole)
    .containing(at - word.from)
  if (found === undefined) return word
  return { from: word.from + found.index, to: word.from + found.index + found.segment.length }
}

/** What selected text can open: an address of a web page, or a path on the machine. */
export type Opens =
  | { readonly what: 'link'; readonly href: string }
  | { readonly what: 'file'; readonly path: string }

/** Null when the text is not, as a whole, one address or one path. */
export function opensOf(selected: string): Opens | null {
  const text = selected.trim()
  const whole = (pattern: RegExp, trimmed: (found: string) => string) => {
    const piece = pieceAt(text, 0, pattern, trimmed)
    return piece !== null && piece.from === 0 && piece.to === text.length
  }
  if (/^https?:\/\//i.test(text) && whole(ADDRESS, withoutTail)) return { what: 'link', href: text }
  if (/^\/+$/.test(text)) return null
  return whole(PATH, withoutDots) ? { what: 'file', path: text.replaceAll('\\ ', ' ') } : null
}
