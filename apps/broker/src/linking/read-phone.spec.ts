import { judgePhone, maskedPhone } from '@latchkey/domain/linking/phone'
import { describe, expect, it } from 'vitest'
import { readPhone } from './read-phone.ts'

const judge = (input: unknown, region = 'RU') => judgePhone(input, region, readPhone)
const accepted = (input: unknown) => {
  const judged = judge(input)
  return judged.ok ? judged.value : expect.fail(`${String(input)}: ${judged.refusal}`)
}

describe('a phone number', () => {
  it.each([
    ['89001234567', '+79001234567', 'RU'],
    ['9001234567', '+79001234567', 'RU'],
    ['79001234567', '+79001234567', 'RU'],
    ['+7 (900) 123-45-67', '+79001234567', 'RU'],
    ['8 10 7 900 123 45 67', '+79001234567', 'RU'],
    ['+77012345678', '+77012345678', 'KZ'],
    ['87012345678', '+77012345678', 'KZ'],
    ['+1 212 555 0123', '+12125550123', 'US'],
    ['+44 7911 123456', '+447911123456', 'GG'],
    ['+375291234567', '+375291234567', 'BY'],
    ['+998901234567', '+998901234567', 'UZ'],
    ['12125550123', '+12125550123', 'US'],
    ['00 7 900 123 45 67', '+79001234567', 'RU'],
    ['+7\u200b9001234567', '+79001234567', 'RU'],
    ['+7９001234567', '+79001234567', 'RU'],
    ['+5215512345678', '+525512345678', 'MX'],
  ])('%s is %s of %s (sentence 34)', (input, number, country) => {
    expect(accepted(input)).toMatchObject({ number, country })
  })

  it('that the library does not know yet, or that is a fixed line, is accepted with a hint (sentence 38)', () => {
    expect(accepted('+551187654321')).toMatchObject({ number: '+551187654321', hint: 'unusual' })
    expect(accepted('+74951234567')).toMatchObject({ hint: 'fixed-line' })
    expect(accepted('+541123456789')).toMatchObject({ hint: 'fixed-line' })
    expect(accepted('+79001234567')).toMatchObject({ hint: null, international: '+7 900 123 45 67' })
  })

  it.each([
    ['8900', 'PHONE_TOO_SHORT'],
    ['12345', 'PHONE_TOO_SHORT'],
    ['+1234567890123456', 'PHONE_TOO_LONG'],
    ['12345678901234567', 'PHONE_TOO_LONG'],
    ['+999123456789', 'COUNTRY_UNKNOWN'],
    ['+0 900 123 45 67', 'COUNTRY_UNKNOWN'],
    ['', 'PHONE_REQUIRED'],
    ['   ', 'PHONE_REQUIRED'],
    ['abc123', 'PHONE_INVALID'],
    ['tel:+79001234567', 'PHONE_INVALID'],
    ['+7900\u00001234567', 'PHONE_INVALID'],
    ['+79001234567 ext 5', 'PHONE_INVALID'],
    ['+78005553535', 'PHONE_INVALID'],
    ['x'.repeat(10_000), 'PHONE_INVALID'],
    [null, 'PHONE_REQUIRED'],
    [undefined, 'PHONE_REQUIRED'],
    [7, 'PHONE_INVALID'],
    [{}, 'PHONE_INVALID'],
    [['+79001234567'], 'PHONE_INVALID'],
  ])('%j is refused with %s (sentences 33, 34, 37)', (input, reason) => {
    expect(judge(input)).toEqual({ ok: false, refusal: reason })
  })

  it('without a country code is taken for one of the region of the setting', () => {
    const judged = judge('020 7946 0018', 'GB')
    expect(judged).toMatchObject({ ok: true, value: { number: '+442079460018', country: 'GB' } })
  })

  it('is written into logs without its middle (sentence 22)', () => {
    expect(maskedPhone('+79001234567')).toBe('+7900***4567')
    expect(maskedPhone('+790')).toBe('***')
  })
})
