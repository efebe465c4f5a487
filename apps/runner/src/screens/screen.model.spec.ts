import fc from 'fast-check'
import { expect, it } from 'vitest'
import { draw, looks, viewerTerminal } from '../testing/drawn-screen.ts'
import { Screen } from './screen.ts'
import type { Picture } from './screen-messages.ts'

const COLS = 20
const ROWS = 7

const few = fc.integer({ min: 0, max: 4 })
const csi = (...finals: string[]) =>
  fc.tuple(few, fc.constantFrom(...finals)).map(([n, final]) => `\x1b[${n}${final}`)
/** What programs print: text, styles, moves, erasures, regions, buffers, modes, charsets, titles. */
const atom = fc.oneof(
  { arbitrary: fc.string({ maxLength: 12 }).filter((text) => !/\p{Cc}/u.test(text)), weight: 4 },
  fc.integer({ min: 1, max: 50 }).map((count) => 'x'.repeat(count)),
  fc.constantFrom(
    '漢字',
    'é',
    'e\u0301',
    '🙂',
    '│─┐',
    '\r\n',
    '\n',
    '\r',
    '\b',
    '\t',
    '\x1bM',
    '\x1bD',
    '\x1bE',
  ),
  fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 22 })).map(([row, col]) => `\x1b[${row};${col}H`),
  fc
    .constantFrom(
      '0',
      '1',
      '3',
      '4',
      '7',
      '9',
      '31',
      '42',
      '97;104',
      '38;5;99',
      '48;2;1;2;3',
      '4:3;58:5:9',
      '53',
      '27;24',
    )
    .map((codes) => `\x1b[${codes}m`),
  csi('J', 'K', 'A', 'B', 'C', 'D', 'L', 'M', 'P', 'X', '@', 'S', 'T', 'G', 'd', 'b'),
  fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 3, max: 7 }))
    .map(([top, bottom]) => `\x1b[${top};${bottom}r`),
  fc.constantFrom('\x1b7', '\x1b8', '\x1bH', '\x1b[3g', '\x1b(0', '\x1b(B', '\x1b)0', '\x0e', '\x0f'),
  fc
    .constantFrom(
      '1049',
      '47',
      '6',
      '7',
      '25',
      '1',
      '66',
      '2004',
      '1004',
      '1000',
      '1002',
      '1003',
      '1006',
      '45',
    )
    .chain((mode) => fc.constantFrom(`\x1b[?${mode}h`, `\x1b[?${mode}l`)),
  fc.constantFrom(
    '\x1b[4h',
    '\x1b[4l',
    '\x1b[2 q',
    '\x1b[5 q',
    '\x1b]2;a title\x07',
    '\x1b]11;#112233\x1b\\',
    '\x1bP1$qm\x1b\\',
  ),
)
const stream = fc.array(atom, { maxLength: 60 }).map((atoms) => Buffer.from(atoms.join('')))

const nobody = { onDrawn: () => {}, onReply: () => {} }
const pictureOf = (screen: Screen) => new Promise<Picture>((give) => screen.snapshot(give))

/** Modes and a cut title that the viewer is in when the snapshot arrives. */
const DISORDER =
  'junk\x1b[?1049h\x1b[3;5r\x1b[?6h\x1b[4h\x1b[?7l\x1b[?1003h\x1b[?1006h\x1b(0\x1b[31;42mzzz\x1b7\x1b[3g\x1b[?25l\x1b]0;cut'

it('a snapshot at any byte, then the rest of the output, looks like the whole output', async () => {
  await fc.assert(
    fc.asyncProperty(stream, fc.nat(), fc.boolean(), async (output, where, disordered) => {
      // xterm itself forgets what to repeat after a wide character in insert mode; no program does that.
      fc.pre(!(output.includes('\x1b[4h') && /\x1b\[\d*b/.test(output.toString())))
      const cut = where % (output.length + 1)
      const whole = viewerTerminal(COLS, ROWS)
      fc.pre(draw(whole, output))
      const screen = new Screen(COLS, ROWS, nobody)
      screen.output(output.subarray(0, cut))
      const picture = await pictureOf(screen)
      screen.close()
      expect(picture.offset).toBe(cut)
      const viewer = viewerTerminal(COLS, ROWS)
      if (disordered) draw(viewer, DISORDER)
      fc.pre(draw(viewer, picture.bytes) && draw(viewer, output.subarray(cut)))
      expect(looks(viewer)).toEqual(looks(whole))
    }),
    { numRuns: Number(process.env['SNAPSHOT_RUNS'] ?? 1_500) },
  )
})

it('no stream of bytes whatever ends the screen', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), stream, async (noise, output) => {
      const screen = new Screen(COLS, ROWS, nobody)
      screen.output(noise)
      screen.output(output)
      screen.resize(COLS + 3, ROWS - 3)
      screen.output(noise)
      const picture = await pictureOf(screen)
      screen.close()
      expect(picture.offset).toBe(2 * noise.length + output.length)
      expect(picture.cols).toBe(COLS + 3)
    }),
    { numRuns: 500 },
  )
})
