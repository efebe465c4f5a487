const ESC = '\u001b'
const PASTE_BEGIN = `${ESC}[200~`
const PASTE_END = `${ESC}[201~`

/**
 * Control characters that a terminal's line discipline or a program acts on: C0 and C1 (ECMA-48) and DEL. Tab and line ends
 * are text. Without them nothing ends a bracketed paste, interrupts, or ends the input.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern looks for them
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g
const LINE_END = /\r\n|\r|\n/
const LINE_ENDS_LAST = /[\r\n]+$/

/** The reasons to ask before text from elsewhere is typed. */
export interface PasteDoubt {
  readonly lines: number
  /** it had control characters, which are replaced by visible signs */
  readonly control: boolean
}

/** Text from elsewhere, made harmless. */
export interface Pasting {
  /** without control characters; as it is shown and typed */
  readonly text: string
  /** null when nothing needs to be asked */
  readonly doubt: PasteDoubt | null
}

/**
 * Text without control characters: each becomes its sign (U+2400 and following, for C1 the replacement character), so that
 * one sees that it was there. Nothing is taken out, so nothing that is left can join to something forbidden.
 */
export const plainText = (text: string): string =>
  text.replace(CONTROL, (character) => {
    const code = character.charCodeAt(0)
    if (code < 0x20) return String.fromCharCode(0x2400 + code)
    return code === 0x7f ? '\u2421' : '\ufffd'
  })

/**
 * What of a clipboard is pasted, and whether to ask before. Control characters always ask. Several lines ask where each
 * would run as it arrives: a program with bracketed paste takes them as text.
 */
export function pasting(text: string, bracketed: boolean): Pasting {
  const plain = plainText(text)
  const lines = plain.replace(LINE_ENDS_LAST, '').split(LINE_END).length
  const control = plain !== text
  return { text: plain, doubt: control || (lines > 1 && !bracketed) ? { lines, control } : null }
}

/**
 * The input of a paste. `confirmed`: the person has seen the lines and agreed. Without that, and without bracketed paste,
 * the line ends at the end are left out: the one line is there, and Enter is the person's.
 */
export function pasteInput(text: string, bracketed: boolean, confirmed: boolean): string {
  const typed = plainText(text)
    .replace(confirmed || bracketed ? '' : LINE_ENDS_LAST, '')
    .replace(/\r\n|\n/g, '\r')
  return bracketed ? PASTE_BEGIN + typed + PASTE_END : typed
}

/**
 * The input of a composed text: one line as if at the keys, since a program may read keys as commands (`:q!` in vim); several
 * lines, or a tab, which keys would not insert, as one paste. Then Enter.
 */
export const composedInput = (text: string, bracketed: boolean): string => snippetInput(text, bracketed, true)

/** The same with Enter or without. */
export function snippetInput(text: string, bracketed: boolean, enter: boolean): string {
  const plain = plainText(text)
  return (/[\t\r\n]/.test(plain) ? pasteInput(plain, bracketed, true) : plain) + (enter ? '\r' : '')
}

/** Whether text that a keyboard inserted at once is a paste: a clipboard key of a soft keyboard, not typing. */
export const isInsertedPaste = (text: string): boolean =>
  text.length > 1 && (/[\r\n]/.test(text) || plainText(text) !== text)
