import { accept, type Decision, refuse } from '../kernel.ts'
import type { PhoneNumber } from './account.ts'
import { otherSpelling, shownAsTyped } from './phone-spellings.ts'
import type { AccountReason } from './reasons.ts'

/** What the phone number library says of a text. The library itself is the shell's: it is large, and has data of its own. */
export type PhoneReading =
  | {
      readonly ok: true
      /** E.164 */
      readonly number: string
      /** ISO 3166 two letters; null where several countries share the prefix */
      readonly country: string | null
      /** grouped as people of any country read it */
      readonly international: string
      readonly length: 'possible' | 'too-short' | 'too-long' | 'impossible'
      readonly isValid: boolean
      readonly isTollFree: boolean
      readonly isFixedLine: boolean
      readonly hasExtension: boolean
    }
  | { readonly ok: false; readonly why: 'no-number' | 'unknown-country' | 'too-short' | 'too-long' }

/** Reads one number, with the region that a number without a country code is taken for. Never throws. */
export type ReadPhone = (text: string, region: string) => PhoneReading

/** A number that a code may be asked for, as everybody writes it. */
export interface AcceptedPhone {
  readonly number: PhoneNumber
  readonly country: string | null
  readonly international: string
  /** something a person should look at again: the library knows no such number yet, or it is no mobile one */
  readonly hint: 'unusual' | 'fixed-line' | null
}

/** Longer input is none that a person typed; E.164 has 15 digits. */
const INPUT_CHARS_MAX = 32
/** Of longer input no more than this is looked at. */
const READ_CHARS_MAX = 4 * INPUT_CHARS_MAX
/** Fewer digits are not taken for a country code and a mobile number. */
const WHOLE_DIGITS_MIN = 9
/** The sign of a country code, perhaps in a bracket. */
const PLUS = /^[^\p{L}\p{N}]*\+/u
const DIGITS_MAX = 15
/** Fewer digits are no number anywhere. */
const DIGITS_MIN = 7

/**
 * The same judgement on the page and in the broker, which decides. An accepted number may be a guess (one without a
 * country code is), so the page shows it and asks.
 */
export function judgePhone(
  input: unknown,
  region: string,
  read: ReadPhone,
): Decision<AcceptedPhone, AccountReason> {
  if (input === undefined || input === null || input === '') return refuse('PHONE_REQUIRED')
  if (typeof input !== 'string') return refuse('PHONE_INVALID')
  // Full-width digits and signs are typed on keyboards of East Asia.
  const text = input.slice(0, READ_CHARS_MAX).normalize('NFKC').trim()
  if (text === '') return refuse('PHONE_REQUIRED')
  // A cut text could be read as another number.
  if (input.trim().length > INPUT_CHARS_MAX || hasForeignCharacters(text)) return refuse('PHONE_INVALID')
  const dialled = text.replace(/^00/, '+')
  return PLUS.test(dialled) ? judgeWhole(dialled, region, read) : judgeNational(text, region, read)
}

/** A number with its country code: what the country could have is accepted, also where the library knows none such yet. */
function judgeWhole(text: string, region: string, read: ReadPhone): Decision<AcceptedPhone, AccountReason> {
  const whole = asWhole(text)
  const asTyped = read(text, region)
  // `(+7) 900 …`: a sign that the library does not look for in a bracket.
  const reading = asTyped.ok || whole === null ? asTyped : read(whole, region)
  if (reading.ok && reading.length === 'possible') return judgeReading(reading)
  return judgeSpelling(whole, region, read) ?? refuse(whyNot(text, reading))
}

/**
 * A number without a country code is taken for one of the region, or, where it is too long for that, for a whole one whose plus was
 * left out. Both are guesses, so the number has to be one that exists: an incomplete number is often another country's.
 */
function judgeNational(
  text: string,
  region: string,
  read: ReadPhone,
): Decision<AcceptedPhone, AccountReason> {
  const reading = read(text, region)
  if (reading.ok && reading.length === 'possible')
    return isKnown(reading, region, read) ? judgeReading(reading) : refuse('PHONE_INVALID')
  const isTooShort = reading.ok ? reading.length === 'too-short' : reading.why === 'too-short'
  const whole = asWhole(text)
  if (isTooShort || whole === null || whole.length <= WHOLE_DIGITS_MIN) return refuse(whyNot(text, reading))
  const asTyped = read(whole, region)
  if (asTyped.ok && asTyped.length === 'possible')
    return isKnown(asTyped, region, read) ? judgeReading(asTyped) : refuse(whyNot(text, reading))
  return judgeSpelling(whole, region, read) ?? refuse(whyNot(text, reading))
}

/** A spelling that the library does not know, of a number that it knows by the other one. It stays as it was typed. */
function judgeSpelling(
  number: string | null,
  region: string,
  read: ReadPhone,
): Decision<AcceptedPhone, AccountReason> | null {
  const other = number === null ? null : otherSpelling(number)
  const reading = other === null ? null : read(other, region)
  if (number === null || reading === null || !reading.ok || reading.length !== 'possible') return null
  const international = shownAsTyped(number, reading.international)
  return judgeReading({ ...reading, number, international })
}

/** Whether the country has such a number, in this spelling or in its other one. */
function isKnown(reading: PhoneReading & { readonly ok: true }, region: string, read: ReadPhone): boolean {
  if (reading.isValid) return true
  const other = otherSpelling(reading.number)
  const otherReading = other === null ? null : read(other, region)
  return otherReading?.ok === true && otherReading.isValid
}

/** The digits after a plus; null where something would be left out that may belong to the number. */
function asWhole(text: string): string | null {
  if (/\p{L}/u.test(text)) return null
  const digits = text.replace(/\P{Nd}/gu, '')
  return /^[0-9]+$/.test(digits) ? `+${digits}` : null
}

function judgeReading(reading: PhoneReading & { readonly ok: true }): Decision<AcceptedPhone, AccountReason> {
  // A toll free number has no phone that could hold the account; an extension is not dialled by WhatsApp.
  if (reading.hasExtension || reading.isTollFree) return refuse('PHONE_INVALID')
  const { number, country, international, isValid, isFixedLine } = reading
  const hint = isValid ? (isFixedLine ? 'fixed-line' : null) : 'unusual'
  return accept({ number: number as PhoneNumber, country, international, hint })
}

function whyNot(text: string, reading: PhoneReading): AccountReason {
  const digitCount = text.replace(/\D/g, '').length
  if (digitCount > DIGITS_MAX) return 'PHONE_TOO_LONG'
  if (!reading.ok) {
    switch (reading.why) {
      case 'unknown-country':
        return 'COUNTRY_UNKNOWN'
      case 'too-short':
        return 'PHONE_TOO_SHORT'
      case 'too-long':
        return 'PHONE_TOO_LONG'
      case 'no-number':
        return digitCount > 0 && digitCount < DIGITS_MIN && !/\p{L}/u.test(text)
          ? 'PHONE_TOO_SHORT'
          : 'PHONE_INVALID'
    }
  }
  switch (reading.length) {
    case 'too-short':
      return 'PHONE_TOO_SHORT'
    case 'too-long':
      return 'PHONE_TOO_LONG'
    case 'impossible':
    case 'possible':
      return digitCount < DIGITS_MIN ? 'PHONE_TOO_SHORT' : 'PHONE_INVALID'
  }
}

/** `+7900***4567`: what logs and reports may say of a number. */
export function maskedPhone(number: string): string {
  return number.length < 10 ? '***' : `${number.slice(0, 5)}***${number.slice(-4)}`
}

/** Control characters and schemes come from programs; an honest paste has blanks and invisible joiners at most. */
const hasForeignCharacters = (text: string): boolean => /[\u0000-\u0008\u000b-\u001f\u007f]|^tel:/i.test(text)

/** The digits alone, as the client library wants them. */
export const dialledDigits = (number: PhoneNumber): string => number.slice(1)
