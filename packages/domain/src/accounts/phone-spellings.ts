import type { PhoneNumber } from './account.ts'

/**
 * One number that its country writes in two ways: `longer` has the added digits, `shorter` is without them. Both are E.164.
 * WhatsApp keeps the spelling under which an account was registered, whatever the country writes today.
 */
interface Spellings {
  /** three groups: the text before the added digits, those digits, the text after them */
  readonly longer: RegExp
  /** two groups: the text before and after the place of the added digits */
  readonly shorter: RegExp
  /** the digits to add, from those after their place; null where the number has one spelling only */
  readonly added: (rest: string) => string | null
}

/**
 * Sources: the national numbering plans as the ITU publishes them (operational bulletins for E.164), and what WhatsApp clients
 * report of account ids: Brazil (Baileys 1997, WAHA 1974 for landlines), Mexico (Chatwoot 14174), Argentina (Chatwoot).
 */
const SPELLINGS: readonly Spellings[] = [
  // Brazil put a 9 before mobile numbers from 2012 to 2016. Eight digits that begin with 2 to 5 are landlines.
  { longer: /^(\+55\d\d)(9)([16-9]\d{7})$/, shorter: /^(\+55\d\d)([16-9]\d{7})$/, added: () => '9' },
  // Mexico wrote a 1 before mobile numbers dialled from abroad until 2019.
  { longer: /^(\+52)(1)([2-9]\d{9})$/, shorter: /^(\+52)([2-9]\d{9})$/, added: () => '1' },
  // Argentina writes a 9 before mobile numbers dialled from abroad; within the country the same number has none.
  { longer: /^(\+54)(9)([1-3]\d{9})$/, shorter: /^(\+54)([1-3]\d{9})$/, added: () => '9' },
  // Benin put 01 before every number in November 2024.
  { longer: /^(\+229)(01)([24-9]\d{7})$/, shorter: /^(\+229)([24-9]\d{7})$/, added: () => '01' },
  // Ivory Coast put the operator before mobile numbers in January 2021; their second digit had named it until then.
  {
    longer: /^(\+225)(01|05|07)(\d{8})$/,
    shorter: /^(\+225)([013-9]\d{7})$/,
    added: ([, operator = '']) => (operator <= '3' ? '01' : operator <= '6' ? '05' : '07'),
  },
]

/** The shorter of two spellings, and the digits it leaves out; null for a number that has one spelling only. */
function shortened(number: string): { readonly shorter: string; readonly added: string } | null {
  for (const { longer, shorter: form, added } of SPELLINGS) {
    const [, before, extra, rest] = longer.exec(number) ?? []
    if (before === undefined || extra === undefined || rest === undefined) continue
    const shorter = before + rest
    if (form.test(shorter) && added(rest) === extra) return { shorter, added: extra }
  }
  return null
}

function lengthened(number: string): string | null {
  for (const { shorter, added } of SPELLINGS) {
    const [, before, rest] = shorter.exec(number) ?? []
    const extra = rest === undefined ? null : added(rest)
    if (before !== undefined && extra !== null) return before + extra + rest
  }
  return null
}

/** The name under which a number is compared and counted: the same for both of its spellings. */
export const phoneIdentity = (number: PhoneNumber): string => shortened(number)?.shorter ?? number

/** Whether two numbers are one, however they are spelled. */
export const isSamePhone = (one: PhoneNumber, other: PhoneNumber): boolean =>
  phoneIdentity(one) === phoneIdentity(other)

/** The other way to write a number; null where there is one way only. */
export function otherSpelling(number: string): PhoneNumber | null {
  const other = shortened(number)?.shorter ?? lengthened(number)
  return other === null ? null : (other as PhoneNumber)
}

/** `+52 55 1234 5678` for `+5215512345678` becomes `+52 1 55 1234 5678`: a number is shown as it was typed. */
export function shownAsTyped(number: string, internationalOfOther: string): string {
  const found = shortened(number)
  const [prefix = '', ...groups] = internationalOfOther.split(' ')
  return found === null || !number.startsWith(prefix + found.added)
    ? number
    : [prefix, found.added, ...groups].join(' ')
}
