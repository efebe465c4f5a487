import { expect, it } from 'vitest'
import { services } from '../testing/services.ts'

it('PairingCodeGenerator makes codes that it finds valid, and finds any alphabet valid', async () => {
  const { generator } = await services()
  for (let n = 0; n < 1_000; n++) {
    const code = generator.generate()
    expect(generator.validate(code)).toBe(true)
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{3}(-[0-9A-HJKMNP-TV-Z]{3}){2}$/)
  }
  expect(generator.validate('OIL-OIL-OIL')).toBe(true)
  for (const wrong of ['abc-123-xyz', 'ABC123XYZ', 'ABC-123-XY', '', 'ABC-123-XYZ '])
    expect(generator.validate(wrong)).toBe(false)
})
