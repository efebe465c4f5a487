const ESC = '\u001b'
const PASTE_BEGIN = `${ESC}[200~`
const PASTE_END = `${ESC}[201~`

/** Control characters that a program might act on; tab and line ends are text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/

export interface PasteDoubt {
  readonly lines: number
  readonly control: boolean
}

/**
 * What to ask about before pasting; null when nothing could run by itself: one plain line, or a program that told (by
 * bracketed paste) that it takes pasted text as text.
 */
export function pasteDoubt(text: string, bracketed: boolean): PasteDoubt | null {
  if (bracketed) return null
  const lines = text.replace(/\r?\n$/, '').split(/\r\n|\r|\n/).length
  const control = CONTROL.test(text)
  return lines > 1 || control ? { lines, control } : null
}

/** The bytes of a paste. The end mark within the text is taken out, so that the text cannot end its own quotation. */
export function pasteInput(text: string, bracketed: boolean): string {
  const typed = text.replace(/\r\n|\n/g, '\r')
  return bracketed ? PASTE_BEGIN + typed.replaceAll(PASTE_END, '') + PASTE_END : typed
}

/** A composed line or several: one paste, then Enter. An empty line is just Enter. */
export const composedInput = (text: string, bracketed: boolean): string =>
  text === '' ? '\r' : `${pasteInput(text, bracketed)}\r`
