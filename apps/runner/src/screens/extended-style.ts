import { field, numberOr } from '@latchkey/connection/emulator/hidden-field'
import type { Terminal } from '@xterm/headless'

/**
 * What xterm 6.0.0 keeps of a cell, or of the letters to come, outside its public attributes: the hyperlink (OSC 8) and the form
 * of the underline.
 */

/** A longer address is not repeated to those who come later: browsers and terminals end at about 2,000 characters. */
const URI_CHARS_MAX = 4_096
export const NO_HYPERLINK = '\x1b]8;;\x07'

/** SGR 4's form: 0 for none, 1 single, 2 double, 3 curly, 4 dotted, 5 dashed. xterm itself says dashed of every hyperlink. */
export function underlineFormOf(style: object): number {
  if ((numberOr(field(style, 'fg'), 0) & UNDERLINE) === 0) return 0
  return (extendedOf(style) & FORM) >>> FORM_SHIFT || 1
}

/** SGR 58's parameters for the colour of the underline; none where it has the letter's. */
export function underlineColorOf(style: object): string[] {
  const color = extendedOf(style) & (COLOR_MODE | RGB)
  const mode = color & COLOR_MODE
  // SGR 59 leaves all bits set behind.
  if (mode === 0 || color === (COLOR_MODE | RGB)) return []
  if (mode !== COLOR_MODE) return [`58:5:${color & 0xff}`]
  return [`58:2::${(color >> 16) & 0xff}:${(color >> 8) & 0xff}:${color & 0xff}`]
}

/** The sequence that begins the hyperlink that `style` is part of, or the one that ends any. */
export function linkOf(terminal: Terminal, style: object): string {
  const link = isExtended(style) ? numberOr(field(style, 'extended', '_urlId'), 0) : 0
  if (link === 0) return NO_HYPERLINK
  const links = field(terminal, '_core', '_oscLinkService')
  const dataOf = field(links, 'getLinkData')
  if (typeof dataOf !== 'function') throw new Error('this version of xterm is built differently')
  const data: unknown = Reflect.apply(dataOf, links, [link])
  const uri = field(data, 'uri')
  const id = field(data, 'id')
  if (typeof uri !== 'string' || uri.length > URI_CHARS_MAX) return NO_HYPERLINK
  return `\x1b]8;${typeof id === 'string' && id.length <= URI_CHARS_MAX ? `id=${id}` : ''};${uri}\x07`
}

/** Without this mark it may still hold the style of another cell or of an earlier cursor. */
const isExtended = (style: object): boolean => (numberOr(field(style, 'bg'), 0) & HAS_EXTENDED) !== 0

/** Of letters to come the colour waits for their underline. */
const extendedOf = (style: object): number =>
  isExtended(style) || !('getChars' in style) ? numberOr(field(style, 'extended', '_ext'), 0) : 0

const HAS_EXTENDED = 0x10000000
const COLOR_MODE = 0x3000000
const RGB = 0xffffff
const UNDERLINE = 0x10000000
const FORM = 0x1c000000
const FORM_SHIFT = 26
