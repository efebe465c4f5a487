import { expect, test } from 'vitest'
import { groupedUserCode, isUserCode } from './user-code.ts'

test.each([
  ['wdjb', 'WDJB'],
  ['wdjbm', 'WDJB-M'],
  ['wdjb mjht', 'WDJB-MJHT'],
  ['ＷＤＪＢ—ＭＪＨＴ', 'WDJB-MJHT'],
  ['WDJB-MJHT-X', 'WDJB-MJHT'],
])('%s is shown as %s', (typed, shown) => {
  expect(groupedUserCode(typed)).toBe(shown)
})

test('a code is whole with eight letters', () => {
  expect(isUserCode('WDJB-MJHT')).toBe(true)
  expect(isUserCode('WDJB-MJH')).toBe(false)
  expect(isUserCode('')).toBe(false)
})
