import { expect, test } from 'vitest'
import { endOf, movedTo, touchedAt } from './key-swipe.ts'

test('a finger that trembles presses its key', () => {
  expect(endOf(movedTo(touchedAt(100, 50), 108, 44), 108)).toBe('key')
})

test('a finger that goes sideways turns the set and presses nothing, also when it comes back', () => {
  const swiping = movedTo(touchedAt(100, 50), 140, 55)
  expect(endOf(swiping, 180)).toBe(-1)
  expect(endOf(movedTo(touchedAt(100, 50), 60, 50), 40)).toBe(1)
  expect(endOf(movedTo(swiping, 100, 50), 101)).toBe(-1)
})

test('a finger that leaves its key upwards does nothing', () => {
  expect(endOf(movedTo(touchedAt(100, 150), 104, 90), 104)).toBeNull()
})
