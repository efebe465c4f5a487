import type { PhoneReading, ReadPhone } from '@latchkey/domain/linking/phone'
import {
  type CountryCode,
  isSupportedCountry,
  ParseError,
  type PhoneNumber,
  parsePhoneNumberWithError,
  validatePhoneNumberLength,
} from 'libphonenumber-js/max'

/** What libphonenumber says of a text, as in apps/broker, whose word counts. The judgement is the domain’s for both. */
export const readPhone: ReadPhone = (text, region) => {
  const defaultCountry: CountryCode | undefined = isSupportedCountry(region) ? region : undefined
  try {
    return readingOf(
      parsePhoneNumberWithError(text, { extract: false, ...(defaultCountry ? { defaultCountry } : {}) }),
    )
  } catch (problem) {
    return { ok: false, why: whyNot(problem) }
  }
}

/** A number as people of any country read it; as it is when it is none. */
export function groupedPhone(number: string): string {
  const reading = readPhone(number, '')
  return reading.ok ? reading.international : number
}

function readingOf(phone: PhoneNumber): PhoneReading {
  const type = phone.getType()
  return {
    ok: true,
    number: phone.number,
    country: phone.country ?? null,
    international: phone.formatInternational(),
    length: phone.isPossible() ? 'possible' : lengthOf(phone),
    isValid: phone.isValid(),
    isTollFree: type === 'TOLL_FREE',
    isFixedLine: type === 'FIXED_LINE',
    hasExtension: phone.ext !== undefined,
  }
}

function lengthOf(phone: PhoneNumber): 'too-short' | 'too-long' | 'impossible' {
  const length = validatePhoneNumberLength(phone.number)
  if (length === 'TOO_SHORT') return 'too-short'
  return length === 'TOO_LONG' ? 'too-long' : 'impossible'
}

function whyNot(problem: unknown): (PhoneReading & { ok: false })['why'] {
  if (!(problem instanceof ParseError)) throw problem
  switch (problem.message) {
    case 'INVALID_COUNTRY':
      return 'unknown-country'
    case 'TOO_SHORT':
      return 'too-short'
    case 'TOO_LONG':
      return 'too-long'
    default:
      return 'no-number'
  }
}
