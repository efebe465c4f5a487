import { expect, it } from 'vitest'
import { PROMPT_ROWS_MAX, promptRowsOf, rowsOf, rowsText, type ShownBuffer } from './prompt-rows.ts'

/** A screen of 20 rows with these lines, and further ones above it. */
const screenOf = (lines: readonly string[], above: readonly string[] = []): ShownBuffer => ({
  baseY: above.length,
  getLine: (y) => {
    const line = [...above, ...lines][y] ?? ''
    return { translateToString: (trimRight = false) => (trimRight ? line : line.padEnd(40)) }
  },
})

it('a prompt is the last rows that are not blank, without the blanks at their ends', () => {
  const buffer = screenOf(['', '', 'Add src/menu.ts to the chat?   ', '', '(Y)es/(N)o [Yes]: ', ''])
  expect(promptRowsOf(buffer, 20)).toEqual({
    from: 2,
    to: 4,
    lines: ['Add src/menu.ts to the chat?', '', '(Y)es/(N)o [Yes]:'],
  })
})

it('rows are those of the screen, whatever was scrolled away above it', () => {
  const lines = Array.from({ length: 50 }, (_, at) => `line ${at}`)
  const buffer = screenOf(lines.slice(30), lines.slice(0, 30))
  const { from, to } = promptRowsOf(buffer, 20)
  expect([from, to]).toEqual([20 - PROMPT_ROWS_MAX, 19])
  expect(rowsText(rowsOf(buffer, 18, 19))).toBe('line 48\nline 49')
})

it('an empty screen has one blank row', () => {
  expect(promptRowsOf(screenOf([]), 20)).toEqual({ from: 0, to: 0, lines: [''] })
})
