import { Terminal } from '@xterm/headless'
import { expect, it } from 'vitest'
import { PROMPT_ROWS_MAX, promptRowsOf, rowsOf, rowsText } from './prompt-rows.ts'

/** A screen of 40 columns and 20 rows that has drawn `text`. */
async function drawn(text: string) {
  const terminal = new Terminal({ cols: 40, rows: 20, allowProposedApi: true })
  await new Promise<void>((done) => terminal.write(text, done))
  return terminal.buffer.active
}

it('a prompt is the last rows that are not blank', async () => {
  const buffer = await drawn('\r\n\r\nAdd src/menu.ts to the chat?   \r\n\r\n(Y)es/(N)o [Yes]: ')
  expect(promptRowsOf(buffer, 20)).toEqual({
    from: 2,
    to: 4,
    lines: ['Add src/menu.ts to the chat?', '', '(Y)es/(N)o [Yes]:'],
  })
})

it('rows are those of the screen, whatever was scrolled away above it', async () => {
  const lines = Array.from({ length: 50 }, (_, at) => `line ${at}`)
  const buffer = await drawn(lines.join('\r\n'))
  const { from, to } = promptRowsOf(buffer, 20)
  expect([from, to]).toEqual([20 - PROMPT_ROWS_MAX, 19])
  expect(rowsText(rowsOf(buffer, 18, 19))).toBe('line 48\nline 49')
})

it('an empty screen has one blank row', async () => {
  expect(promptRowsOf(await drawn(''), 20)).toEqual({ from: 0, to: 0, lines: [''] })
})
