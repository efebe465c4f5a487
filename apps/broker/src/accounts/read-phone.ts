import { phoneReader } from '@latchkey/domain/accounts/phone-reader'
import {
  isSupportedCountry,
  ParseError,
  parsePhoneNumberWithError,
  validatePhoneNumberLength,
} from 'libphonenumber-js/max'

/** What libphonenumber says of a text; the judgement is the domain's. */
export const readPhone = phoneReader({
  isSupportedCountry,
  parsePhoneNumberWithError,
  validatePhoneNumberLength,
  ParseError,
})
