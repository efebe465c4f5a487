import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readPhone } from '../../apps/broker/src/accounts/read-phone.ts'
import { readPhone as readPhoneOfPage } from '../../apps/web/src/accounts/read-phone.ts'

/** The page and the broker each bundle the library; both read a number the same way. */
const digits = fc.array(fc.constantFrom(...'0123456789'), { maxLength: 20 }).map((each) => each.join(''))
const prefix = fc.constantFrom('', '+', '8', '00', '+7', '+1', '+55', '8 10 ')
const number = fc
  .tuple(prefix, digits, fc.constantFrom('', ' ext 5'))
  .map(([first, middle, last]) => first + middle + last)
const region = fc.constantFrom('RU', 'US', 'BR', 'GB', 'ZZ', '')

it('a phone number is read by the page as by the broker, whatever is typed (sentence 35)', () => {
  fc.assert(
    fc.property(fc.oneof(number, fc.string({ unit: 'binary' })), region, (typed, where) => {
      expect(readPhoneOfPage(typed, where)).toEqual(readPhone(typed, where))
    }),
    { numRuns: 2_000 },
  )
})
