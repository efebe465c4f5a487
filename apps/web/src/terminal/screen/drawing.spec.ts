import { utf8 } from '@latchkey/protocol/bytes'
import { Terminal } from '@xterm/xterm'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Drawing } from './drawing.ts'

const COLS = 40
const ROWS = 8
/** `LATCHKEY_CUTS=100000` draws so many texts. */
const RUNS = Number(process.env['LATCHKEY_CUTS'] ?? 200)

/** The screen after output in `pieces`; the first may be a snapshot. */
async function rowsOf(
  pieces: readonly Uint8Array[],
  isSnapshot: boolean,
): Promise<readonly (string | undefined)[]> {
  const terminal = new Terminal({ cols: COLS, rows: ROWS, allowProposedApi: true, scrollback: 0 })
  const drawing = new Drawing(terminal)
  await Promise.all(
    pieces.map(
      (bytes, at) =>
        new Promise<void>((drawn) =>
          isSnapshot && at === 0
            ? drawing.snapshot({ cols: COLS, rows: ROWS, bytes }, null, drawn)
            : drawing.output(bytes, drawn),
        ),
    ),
  )
  const rows = Array.from({ length: ROWS }, (_, row) =>
    terminal.buffer.active.getLine(row)?.translateToString(true),
  )
  terminal.dispose()
  return rows
}

/** Signs whose bytes hold 80 or 90, which xterm's own decoder loses when they are cut behind it; and all others. */
const sign = fc.oneof(
  fc.constantFrom(...'—…•“”‘’→漢é', '\u{10000}', '🙂', '👨\u200d👩', '\r\n', '\x1b[31m', '\x1b[m'),
  fc
    .integer({ min: 0xa0, max: 0x10ffff })
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => String.fromCodePoint(code)),
)

it('a page draws the same of any text, wherever it is cut', async () => {
  const text = fc.array(sign, { maxLength: 30, size: 'max' }).map((signs) => utf8(signs.join('')))
  const cuts = fc.array(fc.nat(), { maxLength: 8, size: 'max' })
  await fc.assert(
    fc.asyncProperty(text, cuts, fc.boolean(), async (bytes, where, isSnapshot) => {
      const ends = [...where.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
      const pieces = ends.map((end, at) => bytes.subarray(at === 0 ? 0 : ends[at - 1], end))
      expect(await rowsOf(pieces, isSnapshot)).toEqual(await rowsOf([bytes], false))
    }),
    { numRuns: RUNS },
  )
})

it.each([3, ROWS, 50])('%i earlier lines stand right above the screen', async (count) => {
  const terminal = new Terminal({ cols: COLS, rows: ROWS, allowProposedApi: true, scrollback: 100 })
  const drawing = new Drawing(terminal)
  const lines = Array.from({ length: count }, (_, at) => `earlier ${at}`)
  const history = utf8(lines.map((line) => `${line}\r\n`).join(''))
  await new Promise<void>((drawn) => {
    const bytes = utf8('\x1b[H\x1b[2Jscreen')
    drawing.snapshot({ cols: COLS, rows: ROWS, bytes }, { history }, () => {})
    drawing.output(utf8('\r\nlater'), drawn)
  })
  const { active } = terminal.buffer
  const shown = Array.from({ length: active.length }, (_, y) => active.getLine(y)?.translateToString(true))
  expect(shown.slice(0, count + 2)).toEqual([...lines, 'screen', 'later'])
  terminal.dispose()
})

it('a size that follows a screen at once waits until that is drawn', async () => {
  const terminal = new Terminal({ cols: COLS, rows: ROWS, allowProposedApi: true, scrollback: 100 })
  const drawing = new Drawing(terminal)
  const lines = Array.from({ length: ROWS - 1 }, (_, at) => `line ${at}`)
  const bytes = utf8(`\x1b[H\x1b[2J${lines.join('\r\n')}\x1b[${ROWS};1H$ `)
  drawing.snapshot({ cols: COLS, rows: ROWS, bytes }, null, () => {})
  await new Promise<void>((drawn) => {
    drawing.size({ cols: COLS + 2, rows: ROWS - 3 }, () => {})
    drawing.output(utf8('typed'), drawn)
  })
  const { active } = terminal.buffer
  const shown = Array.from({ length: active.length }, (_, y) => active.getLine(y)?.translateToString(true))
  expect(shown).toEqual([...lines, '$ typed'])
  expect([terminal.cols, terminal.rows]).toEqual([COLS + 2, ROWS - 3])
  terminal.dispose()
})

it.each([
  { above: '', size: { cols: COLS, rows: ROWS + 3 }, lacks: true },
  { above: '', size: { cols: COLS + 5, rows: ROWS }, lacks: true },
  { above: '', size: { cols: COLS, rows: ROWS - 3 }, lacks: false },
  { above: 'line\r\n'.repeat(30), size: { cols: COLS, rows: ROWS + 3 }, lacks: false },
])('a larger screen that had no lines left above it may lack some: %j', async ({ above, size, lacks }) => {
  const terminal = new Terminal({ cols: COLS, rows: ROWS, allowProposedApi: true, scrollback: 100 })
  const drawing = new Drawing(terminal)
  drawing.output(utf8(`${above}last`), () => {})
  expect(await new Promise((resized) => drawing.size(size, resized))).toBe(lacks)
  terminal.dispose()
})
