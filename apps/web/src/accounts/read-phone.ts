import { phoneReader } from '@latchkey/domain/accounts/phone-reader'
import {
  isSupportedCountry,
  ParseError,
  parsePhoneNumberWithError,
  validatePhoneNumberLength,
} from 'libphonenumber-js/max'

/** What libphonenumber says of a text, as in the broker, which decides. */
export const readPhone = phoneReader({
  isSupportedCountry,
  parsePhoneNumberWithError,
  validatePhoneNumberLength,
  ParseError,
})

/** A number as people of any country read it; as it is when it is none. */
export function groupedPhone(number: string): string {
  const reading = readPhone(number, '')
  return reading.ok ? reading.international : number
}
