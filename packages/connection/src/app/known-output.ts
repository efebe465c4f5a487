import { printable } from '@latchkey/protocol/printable'

/**
 * Which escape sequences of a program are known to draw, to move, or to set modes that are undone again. A person's own
 * terminal does not get any other: questions, whose answers would be typed; the clipboard, files, notifications, keys that
 * type something when they are pressed, printers, windows that move. After xterm's ctlseqs, ECMA-48 and kitty's documents.
 */

/** A control sequence: `CSI` prefix numbers intermediates final. */
export interface Csi {
  /** `<`, `=`, `>`, `?` or nothing */
  readonly prefix: string
  /** the first number of each parameter; 0 for a missing one */
  readonly numbers: readonly number[]
  /** intermediates and final together: `m`, ` q`, `!p` */
  readonly final: string
  /** everything behind `CSI`, numbers without leading zeros */
  readonly body: string
}

/** No terminal counts further, and one that did would come round to another number. */
const NUMBER_MAX = 65_535
const CSI = /^([<=>?]?)([0-9:;]*)([ -/]*)([@-~])$/

/** The text behind `CSI`, read; null when it is no control sequence, or its numbers are beyond what terminals count. */
export function readCsi(text: string): Csi | null {
  const [, prefix = '', written = '', intermediates = '', last = ''] = CSI.exec(text) ?? []
  if (last === '') return null
  const parameters = written.replace(/\d+/g, (digits) => digits.replace(/^0+(?=\d)/, ''))
  if (parameters.split(/[:;]/).some((number) => number.length > 5 || Number(number) > NUMBER_MAX)) return null
  const final = `${intermediates}${last}`
  // Colons part the numbers of one colour or underline; elsewhere terminals disagree about them.
  if (parameters.includes(':') && (final !== 'm' || prefix !== '')) return null
  const numbers = parameters === '' ? [] : parameters.split(';').map((each) => Number(each.split(':')[0]))
  return { prefix, numbers, final, body: `${prefix}${parameters}${final}` }
}

/** Sequences without a prefix that move, erase, insert, delete, scroll, style, set tabs or margins. */
const PLAIN = new Set([
  ...'@ABCDEFGHIJKLMPSXZ`abdefgmrsu^'.split(''),
  ' @', // scroll left
  ' A', // scroll right
  ' q', // cursor shape
  '!p', // soft reset
  '"q', // protect from erasing
  "'}", // insert columns
  "'~", // delete columns
  '$r', // areas: change, reverse, copy, fill, erase
  '$t',
  '$v',
  '$x',
  '$z',
  '${',
  '*x', // how areas are meant
  '#{', // style stack
  '#}',
  '#p',
  '#q',
  '#P', // colour stack
  '#Q',
])
const MODES = new Set([
  4, // insert
  20, // line feed is new line
])
/**
 * Cursor keys, reverse video, origin, wrapping, blinking, visible cursor, reverse wrapping, the alternate screen in its four
 * forms, keypad, backspace, margins, mouse, focus, urgency, paste marks, whole frames, grapheme clusters.
 */
const PRIVATE_MODES = new Set([
  1, 5, 6, 7, 9, 12, 25, 45, 47, 66, 67, 69, 1000, 1002, 1003, 1004, 1005, 1006, 1007, 1015, 1016, 1042, 1047,
  1048, 1049, 2004, 2026, 2027,
])
/** XTMODKEYS: how modified other keys are reported. */
const OTHER_KEYS = 4
const TITLE_STACK = new Set([22, 23])

/** The part of `csi` that may pass, as text behind `CSI`; null for nothing. */
export function knownCsi({ prefix, numbers, final, body }: Csi): string | null {
  const [first = 0] = numbers
  switch (`${prefix}${final}`) {
    case 'T': // with five numbers it begins a kind of mouse report that stops the terminal until it is answered
      return numbers.length <= 1 ? body : null
    case 't':
      return TITLE_STACK.has(first) ? body : null
    case 'h':
    case 'l':
      return modesIn(MODES, '', numbers, final)
    case '?h':
    case '?l':
      return modesIn(PRIVATE_MODES, '?', numbers, final)
    case '?J': // erase all unprotected characters
    case '?K':
    case '>u': // keyboard protocol: push, pop, set
    case '<u':
    case '=u':
      return body
    case '>m':
      return first === OTHER_KEYS ? body : numbers.length === 0 ? `>${OTHER_KEYS}m` : null
    case '>n':
      return first === OTHER_KEYS ? body : null
    default:
      return prefix === '' && PLAIN.has(final) ? body : null
  }
}

function modesIn(
  known: ReadonlySet<number>,
  prefix: string,
  numbers: readonly number[],
  final: string,
): string | null {
  const kept = numbers.filter((mode) => known.has(mode))
  return kept.length === 0 ? null : `${prefix}${kept.join(';')}${final}`
}

/**
 * `ESC` and one character: save and restore the cursor, keypad, index, next line, tab stop, reverse index, shifts between
 * character sets, columns, and the full reset.
 */
const ESCAPES = new Set('6789=>DEHMNOcno|}~'.split(''))

/** The part of `ESC` + intermediates + final that may pass, as text behind `ESC`; null for nothing. */
export function knownEscape(intermediates: string, final: string): string | null {
  if (intermediates === '') return ESCAPES.has(final) ? final : null
  // Lines of double size, the screen filled with E.
  if (intermediates === '#') return /[34568]/.test(final) ? `#${final}` : null
  // UTF-8. The way back (`%@`) would make other bytes of our text into control codes.
  if (intermediates === '%') return final === 'G' ? '%G' : null
  // A character set into G0 to G3, by the letters that terminals know.
  const isSet = /^[()*+\-./]["%&]?$/.test(intermediates) && /[0-9A-CEHKQRYZf<=>`]/.test(final)
  return isSet ? `${intermediates}${final}` : null
}

/** What an operating system command may be, by its number. */
type OscKind = 'title' | 'colours' | 'colour-reset' | 'link' | 'mark' | 'clipboard'

const OSC: ReadonlyMap<number, OscKind> = new Map<number, OscKind>([
  [0, 'title'],
  [1, 'title'],
  [2, 'title'],
  [4, 'colours'],
  [8, 'link'],
  ...[10, 11, 12, 13, 14, 15, 16, 17, 18, 19].map((number) => [number, 'colours'] as const),
  [52, 'clipboard'],
  [104, 'colour-reset'],
  ...[110, 111, 112, 113, 114, 115, 116, 117, 118, 119].map((number) => [number, 'colour-reset'] as const),
  [133, 'mark'],
])

/** A colour by its name or its numbers. A question mark asks for it instead. */
const COLOURS = /^[#0-9A-Za-z:;/., -]*$/
const HYPERLINK = /^(?:[0-9A-Za-z_.:=-]*);((?:https?:\/\/[!-~]+)?)$/
const MARK = /^[ABCD](?:;\d{1,3})?$/

export interface KnownOsc {
  /** what may pass, as text behind `OSC`; null for nothing */
  readonly body: string | null
  /** the program wanted to write to the clipboard */
  readonly toClipboard: boolean
}

/** The part of `OSC` + `text` that may pass. Of hyperlinks only those to `http(s)` do. */
export function knownOsc(text: string): KnownOsc {
  const [, digits = '', , value = ''] = /^0*(\d{1,4})(;([^]*))?$/.exec(text) ?? []
  const number = digits === '' ? Number.NaN : Number(digits)
  const kind = OSC.get(number)
  const passing = (body: string | null): KnownOsc => ({ body, toClipboard: false })
  switch (kind) {
    case 'title':
      return passing(`${number};${printable(value, Number.POSITIVE_INFINITY)}`)
    case 'colours':
      return passing(COLOURS.test(value) && value !== '' ? `${number};${value}` : null)
    case 'colour-reset':
      return passing(/^[0-9;]*$/.test(value) ? `${number}${value === '' ? '' : `;${value}`}` : null)
    case 'link':
      // A hyperlink that is left out ends the one before it all the same.
      return passing(HYPERLINK.test(value) ? `8;${value}` : '8;;')
    case 'mark':
      return passing(MARK.test(value) ? `133;${value}` : null)
    case 'clipboard':
      return { body: null, toClipboard: !/;\?$/.test(value) }
    case undefined:
      return passing(null)
  }
}
