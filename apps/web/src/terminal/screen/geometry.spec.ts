import { expect, test } from 'vitest'
import { fontPxToFit, scrollToShow, sizeThatFits } from './geometry.ts'

const cell = { width: 8, height: 17 }

test('whole cells are counted', () => {
  expect(sizeThatFits(390, 500, cell)).toEqual({ cols: 48, rows: 29 })
})

test('nothing laid out is no size', () => {
  expect(sizeThatFits(0, 500, cell)).toBeNull()
  expect(sizeThatFits(390, 500, { width: 0, height: 0 })).toBeNull()
})

test('a wider screen shrinks until it fits, never grows', () => {
  expect(fontPxToFit(390, 600, { cols: 120, rows: 32 }, cell, 13)).toBe(5)
  expect(fontPxToFit(1200, 900, { cols: 80, rows: 24 }, cell, 13)).toBe(13)
})

test('the view follows only when it must', () => {
  expect(scrollToShow(100, 20, 0, 390)).toBe(0)
  expect(scrollToShow(500, 20, 0, 390)).toBe(130)
  expect(scrollToShow(10, 20, 300, 390)).toBe(0)
})
