import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PhoneNumber } from './account.ts'
import { isSamePhone, otherSpelling, phoneIdentity } from './phone-spellings.ts'

const same = (one: string, other: string) => isSamePhone(one as PhoneNumber, other as PhoneNumber)

describe('the spellings of a number', () => {
  it.each([
    ['Brazil', '+5567998470001', '+556798470001'],
    ['Brazil, São Paulo', '+5511968470001', '+551168470001'],
    ['Mexico', '+5215512340001', '+525512340001'],
    ['Argentina', '+5491123450001', '+541123450001'],
    ['Argentina, Ushuaia', '+5492901450001', '+542901450001'],
    ['Benin', '+2290197000001', '+22997000001'],
    ['Ivory Coast', '+2250707000001', '+22507000001'],
    ['Ivory Coast, another operator', '+2250544000001', '+22544000001'],
  ])('are one number: %s', (_, longer, shorter) => {
    expect(same(longer, shorter)).toBe(true)
    expect(otherSpelling(longer)).toBe(shorter)
    expect(otherSpelling(shorter)).toBe(longer)
  })

  it.each([
    ['a Brazilian landline', '+551123450001', '+5511923450001'],
    ['another area', '+5567998470001', '+5568998470001'],
    ['another country', '+5215512340001', '+5415512340001'],
    ['a number of North America that begins so', '+15512340001', '+115512340001'],
    ['another operator of Ivory Coast', '+22507000001', '+2250507000001'],
    ['one digit', '+12025550100', '+12025550101'],
  ])('never make two numbers one: %s', (_, one, other) => {
    expect(same(one, other)).toBe(false)
  })

  it('lead back and forth, whatever the number', () => {
    const prefix = fc.constantFrom(
      '+55',
      '+52',
      '+521',
      '+54',
      '+549',
      '+229',
      '+22901',
      '+225',
      '+22507',
      '+1',
    )
    const digits = fc.stringMatching(/^[0-9]{6,11}$/)
    fc.assert(
      fc.property(prefix, digits, (country, rest) => {
        const number = `${country}${rest}` as PhoneNumber
        const other = otherSpelling(number)
        if (other === null) return
        expect(otherSpelling(other)).toBe(number)
        expect(phoneIdentity(other)).toBe(phoneIdentity(number))
      }),
    )
  })
})
