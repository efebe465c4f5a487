import { assertNever, type Brand, type Entropy } from '../kernel.ts'

/** `XXX-XXX-XXX`: finds a runner, opens nothing by itself. */
export type PairingCode = Brand<string, 'PairingCode'>

/** Which symbols new codes are made of. Every alphabet is read. */
export type CodeAlphabet = 'crockford' | 'founding'

/** Crockford base 32: no I, L, O, U, so that nothing looks like something else. */
export const CROCKFORD_SYMBOLS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** The 36 symbols of the founding document. */
export const FOUNDING_SYMBOLS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

const SYMBOLS_PER_CODE = 9
const CODE = /^[A-Z0-9]{3}(-[A-Z0-9]{3}){2}$/

/** Pasted texts are short; longer ones are not searched. */
const TYPED_CHARS_MAX = 2048

/** The exact form only, as on the wire and in the store. Null for all else. */
export const parsePairingCode = (text: unknown): PairingCode | null =>
  typeof text === 'string' && CODE.test(text) ? (text as PairingCode) : null

/** A new code, every one equally likely. Asks `entropy` again when a byte falls outside what divides evenly. */
export function generatePairingCode(entropy: Entropy, alphabet: CodeAlphabet = 'crockford'): PairingCode {
  const symbols = symbolsOf(alphabet)
  // Bytes from here up would make the first symbols likelier (256 mod 36 = 4); for 32 symbols there are none.
  const fairBelow = 256 - (256 % symbols.length)
  let drawn = ''
  while (drawn.length < SYMBOLS_PER_CODE) {
    for (const byte of entropy(SYMBOLS_PER_CODE - drawn.length)) {
      if (byte < fairBelow && drawn.length < SYMBOLS_PER_CODE) drawn += symbols.charAt(byte % symbols.length)
    }
  }
  return withDashes(drawn)
}

/**
 * Reads what a person typed, scanned or pasted: any case, spaces, any dash or none, full-width letters, a pairing URL or a
 * sentence around it. Answers with what to try, in order: as typed, then with O for 0 and I, L for 1 folded. Empty when
 * nothing in it looks like a code.
 */
export function readTypedCode(typed: string): readonly PairingCode[] {
  // Cut again: NFKC makes eighteen letters of U+FDFA, and capitals may be longer too.
  const plain = typed.slice(0, TYPED_CHARS_MAX).normalize('NFKC').slice(0, TYPED_CHARS_MAX)
  const text = plain.toUpperCase().slice(0, TYPED_CHARS_MAX)
  const nine = findNine(text)
  if (nine === null) return []
  const exact = withDashes(nine)
  const folded = withDashes(foldCode(nine))
  return exact === folded ? [exact] : [exact, folded]
}

/** Look-alikes made one: O is 0, I and L are 1. Both ends do this, and drop dashes, before a code enters a key derivation. */
export const foldCode = (code: string): string => code.replace(/O/g, '0').replace(/[IL]/g, '1')

/**
 * A code for logs and history: equal codes look equal, none can be guessed back.
 * @param keyedDigestHex HMAC of the code under a key that only this broker has; null hides even equality
 */
export const maskCode = (keyedDigestHex: string | null): string =>
  keyedDigestHex === null ? '***-***-***' : `***-***-***#${keyedDigestHex.slice(0, 8)}`

function symbolsOf(alphabet: CodeAlphabet): string {
  switch (alphabet) {
    case 'crockford':
      return CROCKFORD_SYMBOLS
    case 'founding':
      return FOUNDING_SYMBOLS
    default:
      return assertNever(alphabet)
  }
}

const withDashes = (nine: string): PairingCode =>
  `${nine.slice(0, 3)}-${nine.slice(3, 6)}-${nine.slice(6)}` as PairingCode

/** Everything people and keyboards put between the groups: all dashes, the minus sign, dots, underscores, spaces. */
const SEPARATORS = String.raw`[\s\p{Pd}\u2212\u00B7._\u200B]`

/** From the surest to the weakest sign of a code in a longer text; the first that matches is taken. */
const SIGNS: readonly RegExp[] = [
  // our URL's fragment: #1.<code9>.<Sr>.<ots>
  /#1\.([A-Z0-9]{9})(?![A-Z0-9])/u,
  grouped(String.raw`[\p{Pd}\u2212]`, ''),
  // nine in a row, a digit among them: hardly a word
  /(?<![A-Z0-9])(?=[A-Z]*[0-9])([A-Z0-9]{9})(?![A-Z0-9])/u,
  grouped(String.raw`${SEPARATORS}{1,3}`, '(?=[^0-9]{0,13}[0-9])'),
  /(?<![A-Z0-9])([A-Z0-9]{9})(?![A-Z0-9])/u,
  grouped(String.raw`${SEPARATORS}{1,3}`, ''),
]

function grouped(separator: string, ahead: string): RegExp {
  const three = '([A-Z0-9]{3})'
  return new RegExp(`(?<![A-Z0-9])${ahead}${three}${separator}${three}${separator}${three}(?![A-Z0-9])`, 'u')
}

const ONLY_SEPARATORS = new RegExp(SEPARATORS, 'gu')

function findNine(text: string): string | null {
  const bare = text.replace(ONLY_SEPARATORS, '')
  if (/^[A-Z0-9]{9}$/.test(bare)) return bare
  for (const sign of SIGNS) {
    const found = sign.exec(text)
    if (found) return found.slice(1).join('')
  }
  return null
}
