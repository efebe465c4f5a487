import { expect, it } from 'vitest'
import { windowSize } from './window-size.ts'

it.each([
  ['a window', { columns: 132, rows: 43 }, { cols: 132, rows: 43 }],
  ['a pipe', {}, { cols: 80, rows: 24 }],
  ['a terminal that was given no size', { columns: 0, rows: 0 }, { cols: 80, rows: 24 }],
  ['a window of many screens', { columns: 5_000, rows: 2_000 }, { cols: 1_000, rows: 1_000 }],
])('%s', (_, stream, size) => {
  expect(windowSize(stream)).toEqual(size)
})
