import { Terminal } from '@xterm/xterm'
import { expect, test } from 'vitest'
import { cellCount, cellsOf, lineAround, moved, positionOf, stepped, textIn, union } from './line-cells.ts'

/** A screen of twenty columns after `output`. */
const screenWith = async (output: string) => {
  const terminal = new Terminal({ cols: 20, rows: 6, allowProposedApi: true })
  await new Promise<void>((drawn) => terminal.write(output, drawn))
  return terminal.buffer.active
}

test('a wrapped line is one line, and its cells are found again', async () => {
  const buffer = await screenWith('before\r\nsee https://example.com/a/long/path here\r\n')
  const line = lineAround(buffer, 2)
  expect(line.text.trimEnd()).toBe('see https://example.com/a/long/path here')
  expect(line.text.slice(positionOf(line, { x: 2, y: 2 })).trimEnd()).toBe('m/a/long/path here')
  expect(cellsOf(line, { from: 4, to: 35 })).toEqual({ start: { x: 4, y: 1 }, end: { x: 15, y: 2 } })
})

test('wide and combined characters take the cells that they are drawn in', async () => {
  const buffer = await screenWith('a文b e\u0301x')
  const line = lineAround(buffer, 0)
  expect(positionOf(line, { x: 2, y: 0 })).toBe(1)
  expect(cellsOf(line, { from: 1, to: 2 })).toEqual({ start: { x: 1, y: 0 }, end: { x: 3, y: 0 } })
  expect(cellsOf(line, { from: 4, to: 6 })).toEqual({ start: { x: 5, y: 0 }, end: { x: 6, y: 0 } })
})

const RANGE = { start: { x: 4, y: 3 }, end: { x: 9, y: 3 } }

test('a handle moves its end, and takes the other part when it passes the other handle', () => {
  expect(moved(RANGE, 'end', { x: 2, y: 5 }, 20)).toEqual({
    range: { start: RANGE.start, end: { x: 2, y: 5 } },
    side: 'end',
  })
  expect(moved(RANGE, 'end', { x: 1, y: 3 }, 20)).toEqual({
    range: { start: { x: 1, y: 3 }, end: RANGE.start },
    side: 'start',
  })
  expect(moved(RANGE, 'start', { x: 0, y: 4 }, 20)).toEqual({
    range: { start: RANGE.end, end: { x: 0, y: 4 } },
    side: 'end',
  })
})

test('a cell stays selected when a handle meets the other', () => {
  expect(moved(RANGE, 'end', RANGE.start, 20).range).toEqual({ start: { x: 4, y: 3 }, end: { x: 5, y: 3 } })
  expect(moved(RANGE, 'start', RANGE.end, 20).range).toEqual({ start: { x: 8, y: 3 }, end: { x: 9, y: 3 } })
})

test('a step goes over the end of a row, and never before the first cell', () => {
  expect(stepped({ x: 20, y: 1 }, 1, 20)).toEqual({ x: 1, y: 2 })
  expect(stepped({ x: 19, y: 1 }, 1, 20)).toEqual({ x: 20, y: 1 })
  expect(stepped({ x: 0, y: 1 }, -1, 20)).toEqual({ x: 19, y: 0 })
  expect(stepped({ x: 0, y: 0 }, -1, 20)).toEqual({ x: 0, y: 0 })
})

test('two ranges join from the first to the last, and are counted over rows', () => {
  const other = { start: { x: 1, y: 2 }, end: { x: 3, y: 2 } }
  expect(union(RANGE, other)).toEqual({ start: other.start, end: RANGE.end })
  expect(cellCount(union(RANGE, other), 20)).toBe(28)
})

test('the text of a range joins wrapped rows with their blanks, and drops those at the end of a line', async () => {
  const buffer = await screenWith('one \r\n0123456789012345678 and more   \r\nlast')
  const all = { start: { x: 0, y: 0 }, end: { x: 2, y: 3 } }
  expect(textIn(buffer, all)).toBe('one\n0123456789012345678 and more\nla')
})
