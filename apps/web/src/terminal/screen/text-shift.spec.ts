import { expect, test } from 'vitest'
import { shiftOf } from './text-shift.ts'

const rows = (from: number, count: number) => Array.from({ length: count }, (_, at) => `row ${from + at}`)

test('text that moved is measured, up and down', () => {
  expect(shiftOf(rows(0, 20), rows(3, 20))).toBe(3)
  expect(shiftOf(rows(5, 20), rows(0, 20))).toBe(-5)
})

test('a pane that moves is measured while the rest stands still', () => {
  const above = rows(500, 10)
  expect(shiftOf([...above, ...rows(0, 10), 'status'], [...above, ...rows(1, 10), 'status'])).toBe(1)
})

test('what did not move, or changed altogether, says nothing', () => {
  expect(shiftOf(rows(0, 20), rows(0, 20))).toBeNull()
  expect(shiftOf(rows(0, 20), rows(900, 20))).toBeNull()
  expect(shiftOf([], [])).toBeNull()
})
