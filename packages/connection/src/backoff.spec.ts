import fc from 'fast-check'
import { expect, it } from 'vitest'
import { delayAfterHintMs, delayBeforeTryMs, fractionOf } from './backoff.ts'

const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

it('even the first try is jittered over its whole range, so that no wave forms', () => {
  expect(delayBeforeTryMs(0, 0)).toBe(0)
  expect(delayBeforeTryMs(0, 0.999)).toBe(999)
})

it('no wait is longer than 8 s, and after four failures none is shorter than the cool-down', () => {
  fc.assert(
    fc.property(fc.nat(1_000), fraction, (failures, at) => {
      const delayMs = delayBeforeTryMs(failures, at)
      expect(delayMs).toBeLessThanOrEqual(8_000)
      expect(delayMs).toBeGreaterThanOrEqual(failures >= 4 ? 3_000 : 0)
    }),
  )
})

it('a broker that asks to come back later is believed, within reason', () => {
  expect(delayAfterHintMs(1_000, 0)).toBe(750)
  expect(delayAfterHintMs(1_000, 0.999)).toBe(1_249)
  expect(delayAfterHintMs(3_600_000, 0.999)).toBeLessThan(37_500)
  expect(delayAfterHintMs(-5, 0.5)).toBe(0)
})

it('random bytes become a fraction below one', () => {
  expect(fractionOf(Uint8Array.of(0, 0, 0, 0))).toBe(0)
  expect(fractionOf(Uint8Array.of(255, 255, 255, 255))).toBeLessThan(1)
  expect(fractionOf(Uint8Array.of(128, 0, 0, 0))).toBe(0.5)
})
