import { readTypedCode } from '@latchkey/domain/runner-pairing/code'

/** What an input holds, and where the caret stands in it (UTF-16 units, as browsers count). */
export interface Field {
  readonly text: string
  readonly caret: number
}

const SYMBOLS = 9
const GROUP = 3

/** The letters and digits of `text` in upper case, full-width ones made plain. All else is left out. */
const symbolsOf = (text: string): string =>
  text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '')

/** XXX-XXX-XXX, as far as there are symbols. */
const grouped = (symbols: string): string => symbols.match(/.{1,3}/g)?.join('-') ?? ''

const positionAfter = (symbolCount: number): number =>
  symbolCount + Math.max(0, Math.ceil(symbolCount / GROUP) - 1)

/**
 * The code field after an edit by the browser. Dashes come and go by themselves: deleting one
 * deletes the symbol beyond it. A pasted URL or sentence becomes the code in it; a text without a code stays as it was
 * entered.
 */
export function afterEdit(before: Field, after: Field, inputType: string): Field {
  const symbols = symbolsOf(after.text)
  if (symbols.length > SYMBOLS || inputType.startsWith('insertFromPaste')) {
    const [code] = readTypedCode(after.text)
    if (code !== undefined) return { text: code, caret: code.length }
    if (symbols.length > SYMBOLS)
      return isTyping(inputType) ? { text: before.text, caret: before.caret } : after
  }
  const left = symbolsOf(after.text.slice(0, after.caret)).length
  if (symbols === symbolsOf(before.text)) {
    if (inputType === 'deleteContentBackward' && left > 0) return without(symbols, left - 1)
    if (inputType === 'deleteContentForward' && left < symbols.length) return without(symbols, left)
  }
  // A dash that is typed at the end of a group stays; it only came early.
  const early =
    !inputType.startsWith('delete') &&
    /[-\u2010-\u2015\u2212]$/.test(after.text) &&
    symbols.length % GROUP === 0
  if (early && symbols.length > 0 && symbols.length < SYMBOLS && after.caret === after.text.length) {
    const text = `${grouped(symbols)}-`
    return { text, caret: text.length }
  }
  return { text: grouped(symbols), caret: positionAfter(left) }
}

const isTyping = (inputType: string): boolean =>
  inputType === 'insertText' || inputType === 'insertCompositionText'

function without(symbols: string, index: number): Field {
  const text = grouped(symbols.slice(0, index) + symbols.slice(index + 1))
  return { text, caret: Math.min(text.length, positionAfter(index)) }
}

/** The code in the fragment of a pairing URL (`#1.<code9>…`), grouped; null when there is none. */
export function codeOfFragment(fragment: string): string | null {
  const nine = /^#1\.([A-Za-z0-9]{9})(?:\.|$)/.exec(fragment)?.[1]
  return nine === undefined ? null : grouped(nine.toUpperCase())
}
