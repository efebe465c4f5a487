import { judgePhone, maskedPhone } from '@latchkey/domain/accounts/phone'
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
    ['5215512345678', '+5215512345678', 'MX'],
    ['+5215512345678', '+5215512345678', 'MX'],
    ['+525512345678', '+525512345678', 'MX'],
    ['+5491123456789', '+5491123456789', 'AR'],
    ['+556798470001', '+556798470001', 'BR'],
    ['+2290197000001', '+2290197000001', 'BJ'],
    ['+22507000001', '+22507000001', 'CI'],
    ['(+7) 900 123-45-67', '+79001234567', 'RU'],
    ['＋７ ９００ １２３ ４５ ６７', '+79001234567', 'RU'],
  ])('%s is %s of %s (sentence 34)', (input, number, country) => {
    expect(accepted(input)).toMatchObject({ number, country })
  })

  it('that the library does not know yet, or that is a fixed line, is accepted with a hint (sentence 38)', () => {
    expect(accepted('+551187654321')).toMatchObject({ number: '+551187654321', hint: 'unusual' })
    expect(accepted('+74951234567')).toMatchObject({ hint: 'fixed-line' })
    expect(accepted('+541123456789')).toMatchObject({ hint: 'fixed-line' })
    expect(accepted('+79001234567')).toMatchObject({ hint: null, international: '+7 900 123 45 67' })
  })

  it('is shown as it was typed, in the spelling that its country has given up', () => {
    expect(accepted('+5215512345678')).toMatchObject({ international: '+52 1 55 1234 5678' })
    expect(accepted('+22507000001')).toMatchObject({ international: '+22507000001' })
  })

  it('without a country code may have the other spelling of its country', () => {
    const judged = judge('(67) 9847-0001', 'BR')
    expect(judged).toMatchObject({ ok: true, value: { number: '+556798470001', hint: 'unusual' } })
  })

  it.each([
    ['1234567890', 'RU', 'PHONE_INVALID'],
    ['8 (202) 555', 'RU', 'PHONE_TOO_SHORT'],
    ['8 (495) 123-45', 'RU', 'PHONE_TOO_SHORT'],
    ['7900123456', 'RU', 'PHONE_INVALID'],
    ['8 (900) 123-45-6', 'RU', 'PHONE_INVALID'],
    ['202 555 01', 'US', 'PHONE_TOO_SHORT'],
    ['1234567890', 'US', 'PHONE_INVALID'],
    ['1234567890', '', 'COUNTRY_UNKNOWN'],
    ['020 7946', 'GB', 'PHONE_INVALID'],
    ['98470001', 'BR', 'PHONE_INVALID'],
    ['3725123456', 'RU', 'PHONE_INVALID'],
  ])('%s, incomplete in region "%s", is never another country’s number: %s', (input, region, reason) => {
    expect(judge(input, region)).toEqual({ ok: false, refusal: reason })
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
    ['x'.repeat(1_000), 'PHONE_INVALID'],
    [`+79001234567${' '.repeat(40)}89`, 'PHONE_INVALID'],
    ['+7900123४567', 'PHONE_INVALID'],
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
