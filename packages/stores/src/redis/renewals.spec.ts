import { instant } from '@latchkey/domain/kernel'
import { expect, it } from 'vitest'
import { Renewals } from './renewals.ts'

const DAY_MS = 86_400_000

it('is due for each runner once a day', () => {
  const renewals = new Renewals()
  const noon = instant(DAY_MS * 20_000 + DAY_MS / 2)
  expect(renewals.isDue('a', noon)).toBe(true)
  expect(renewals.isDue('a', noon)).toBe(false)
  expect(renewals.isDue('b', noon)).toBe(true)
  expect(renewals.isDue('a', instant(noon + DAY_MS / 2 - 1))).toBe(false)
  expect(renewals.isDue('a', instant(noon + DAY_MS / 2))).toBe(true)
  expect(renewals.isDue('b', instant(noon + DAY_MS))).toBe(true)
})
