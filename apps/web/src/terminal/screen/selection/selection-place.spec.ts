import { expect, test } from 'vitest'
import { edgeSpeed } from './finger-selection.ts'
import { barTop, hang } from './selection-place.ts'

const edge = (top: number, x = 100) => ({ x, top, bottom: top + 18 })

test('the bar stands above the text, below it at the top, and in the middle of a long selection', () => {
  expect(barTop(edge(200), edge(236), 44, 500)).toBe(146)
  expect(barTop(edge(20), edge(20), 44, 500)).toBe(78)
  expect(barTop(edge(-900), edge(490), 44, 500)).toBe(228)
  expect(barTop(edge(900), edge(936), 44, 500)).toBe(452)
})

test('a handle hangs outside of the text, and turns where the view ends', () => {
  const view = { width: 390, height: 500 }
  expect(hang('start', edge(100), view)).toEqual({ to: 'left', up: false })
  expect(hang('start', edge(100, 10), view)).toEqual({ to: 'right', up: false })
  expect(hang('end', edge(100, 380), view)).toEqual({ to: 'left', up: false })
  expect(hang('end', edge(470), view)).toEqual({ to: 'right', up: true })
})

test('text scrolls under a finger at an edge, faster the nearer', () => {
  expect(edgeSpeed(200, 200)).toBe(0)
  expect(edgeSpeed(30, 400)).toBe(-1)
  expect(edgeSpeed(-20, 400)).toBe(-4)
  expect(edgeSpeed(400, 2)).toBe(4)
})
