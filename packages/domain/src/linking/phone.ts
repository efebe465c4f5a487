import { accept, type Decision, refuse } from '../kernel.ts'
import type { PhoneNumber } from './link.ts'
import type { LinkReason } from './reasons.ts'

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
const DIGITS_MAX = 15
/** Fewer digits are no number anywhere. */
const DIGITS_MIN = 7

/**
 * The same judgement on the page and in the broker, whose word counts. What is accepted may be a guess (a number without a
 * country code is), so the page shows it and asks.
 */
export function judgePhone(
  input: unknown,
  region: string,
  read: ReadPhone,
): Decision<AcceptedPhone, LinkReason> {
  if (input === undefined || input === null || input === '') return refuse('PHONE_REQUIRED')
  if (typeof input !== 'string') return refuse('PHONE_INVALID')
  const text = input.slice(0, INPUT_CHARS_MAX).trim()
  if (text === '') return refuse('PHONE_REQUIRED')
  if (hasForeignCharacters(text)) return refuse('PHONE_INVALID')
  for (const candidate of candidates(text)) {
    const reading = read(candidate, region)
    if (reading.ok && reading.length === 'possible') return judgeReading(reading)
  }
  return refuse(whyNot(text, read(text, region)))
}

/** As typed; with the international prefix that is dialled; with the plus that people leave out; without Mexico's former 1. */
function candidates(text: string): readonly string[] {
  const dialled = text.replace(/^\s*00/, '+')
  const digits = text.replace(/\D/g, '')
  const formerMexican = /^\+521(\d{10})$/.exec(`+${digits}`)
  return [
    text,
    dialled,
    ...(text.startsWith('+') ? [] : [`+${digits}`]),
    ...(formerMexican ? [`+52${formerMexican[1]}`] : []),
  ]
}

function judgeReading(reading: PhoneReading & { readonly ok: true }): Decision<AcceptedPhone, LinkReason> {
  // A toll free number has no phone that could hold the account; an extension is not dialled by WhatsApp.
  if (reading.hasExtension || reading.isTollFree) return refuse('PHONE_INVALID')
  const { number, country, international, isValid, isFixedLine } = reading
  const hint = isValid ? (isFixedLine ? 'fixed-line' : null) : 'unusual'
  return accept({ number: number as PhoneNumber, country, international, hint })
}

function whyNot(text: string, reading: PhoneReading): LinkReason {
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
