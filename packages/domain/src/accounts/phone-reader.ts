import { invariant } from '../kernel.ts'
import type { PhoneReading, ReadPhone } from './phone.ts'

/** A number as libphonenumber-js has read it. */
interface LibraryNumber {
  readonly number: string
  readonly country?: string
  readonly ext?: string
  isPossible(): boolean
  isValid(): boolean
  getType(): string | undefined
  formatInternational(): string
}

/** The parts of libphonenumber-js that a reader needs. The library is an argument: it is large, and has data of its own. */
export interface PhoneLibrary<Country extends string> {
  isSupportedCountry(text: string): text is Country
  parsePhoneNumberWithError(
    text: string,
    options: { readonly extract: false; readonly defaultCountry?: Country },
  ): LibraryNumber
  validatePhoneNumberLength(number: string): string | undefined
  readonly ParseError: abstract new (...args: never[]) => { readonly message: string }
}

/** What the library says of a text, for the page and the broker alike; `judgePhone` decides on it. */
export const phoneReader =
  <Country extends string>(library: PhoneLibrary<Country>): ReadPhone =>
  (text, region) => {
    const country = library.isSupportedCountry(region) ? { defaultCountry: region } : {}
    try {
      return readingOf(library.parsePhoneNumberWithError(text, { extract: false, ...country }), library)
    } catch (problem) {
      invariant(problem instanceof library.ParseError, `libphonenumber failed: ${problem}`)
      return { ok: false, why: whyNot(problem.message) }
    }
  }

function readingOf(
  phone: LibraryNumber,
  { validatePhoneNumberLength }: Pick<PhoneLibrary<string>, 'validatePhoneNumberLength'>,
): PhoneReading {
  const type = phone.getType()
  return {
    ok: true,
    number: phone.number,
    country: phone.country ?? null,
    international: phone.formatInternational(),
    length: phone.isPossible() ? 'possible' : wrongLength(validatePhoneNumberLength(phone.number)),
    isValid: phone.isValid(),
    isTollFree: type === 'TOLL_FREE',
    isFixedLine: type === 'FIXED_LINE',
    hasExtension: phone.ext !== undefined,
  }
}

function wrongLength(told: string | undefined): 'too-short' | 'too-long' | 'impossible' {
  if (told === 'TOO_SHORT') return 'too-short'
  return told === 'TOO_LONG' ? 'too-long' : 'impossible'
}

function whyNot(told: string): (PhoneReading & { readonly ok: false })['why'] {
  switch (told) {
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
