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
  { arbitrary: fc.string({ maxLength: 12, size: 'max' }).filter((text) => !/\p{Cc}/u.test(text)), weight: 4 },
  fc.integer({ min: 1, max: 50 }).map((count) => 'x'.repeat(count)),
  fc.constantFrom(
    '漢字',
    'é',
    'e\u0301',
    '🙂',
    '🥲',
    '⚠️',
    '1️⃣',
    '🇩🇪',
    '🇫',
    '👨‍👩‍👧',
    '\ufe0f',
    '\u200d',
    '\u0301',
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
      '4:5',
      '58:2::1:2:3',
      '59',
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
      '12',
    )
    .chain((mode) => fc.constantFrom(`\x1b[?${mode}h`, `\x1b[?${mode}l`)),
  fc.constantFrom(
    '\x1b[4h',
    '\x1b[4l',
    '\x1b[20h',
    '\x1b[20l',

    '\x1b[2 q',
    '\x1b[5 q',
    '\x1b]2;a title\x07',
    '\x1b]11;#112233\x1b\\',
    '\x1bP1$qm\x1b\\',
  ),
)
const streamOf = (atoms: fc.Arbitrary<string>) =>
  fc.array(atoms, { maxLength: 60, size: 'max' }).map((drawn) => Buffer.from(drawn.join('')))
const without = (what: RegExp) => streamOf(atom.filter((each) => !what.test(each)))
/**
 * A restored cursor brings its own line drawing along, beside that of G0 and G1, in insert mode a character is pushed
 * before what would have joined it, and without wrapping xterm drops what would have widened one at the edge: nothing one can
 * print says any of it.
 */
const cluster = /\u200d|\ufe0f|\u0301|\p{Regional_Indicator}/u
const stream = fc.oneof(
  without(/^\x1b(?:[()]0|\[4h|\[\?7l)/),
  without(new RegExp(`^\x1b(?:8|\\[\\?1049l)|${cluster.source}`, 'u')),
)
const link = fc.constantFrom(
  '\x1b]8;;https://example.com/a\x07',
  '\x1b]8;id=7;https://example.com/b\x1b\\',
  '\x1b]8;;\x07',
)
/** xterm itself loses a hyperlink whose lines move within a region, and the one it is in when a cursor is restored. */
const losesLinks = /^\x1b(?:[()]0|\[4h|\[\?7l|\[\d*[LMSTJ]|\[\d+;\d+r|\[\?(?:1049|47)l|[8M])/
const linked = streamOf(
  fc.oneof({ arbitrary: atom.filter((each) => !losesLinks.test(each)), weight: 4 }, link),
)

/** Signs whose bytes hold 80 or 90, the commonest that a decoder may lose when they are cut there. */
const signs = streamOf(
  fc.constantFrom(...'—…•“”‘’→漢éa ', '\u{10000}', '🙂', '👨\u200d👩', '\r\n', '\x1b[31m'),
)

const nobody = { onDrawn: () => {}, onReply: () => {} }
const pictureOf = (screen: Screen) => new Promise<Picture>((give) => screen.snapshot(give))

/** Modes and a cut title that the viewer is in when the snapshot arrives. */
const DISORDER =
  'junk\x1b[20h\x1b[?12h\x1b[?1h\x1b=\x1b]8;;https://example.com/c\x07\x1b[?1049h\x1b[3;5r\x1b[?6h\x1b[4h\x1b[?7l\x1b[?1003h\x1b[?1006h\x1b(0\x1b[31;42mzzz\x1b7\x1b[3g\x1b[?25l\x1b]0;cut'

it('a snapshot at any byte, then the rest of the output, looks like the whole output', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(stream, linked), fc.nat(), fc.boolean(), async (output, where, disordered) => {
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
    { numRuns: Number(process.env['LATCHKEY_SNAPSHOTS'] ?? 400) },
  )
})

/** What a person sees of the lines above the screen. */
async function historyOf(screen: Screen): Promise<readonly string[]> {
  const { bytes } = await new Promise<Picture>((give) => screen.scrollback(2_000, null, give))
  const above = viewerTerminal(COLS, 100)
  draw(above, bytes)
  // All but the cursor, which tells nothing of them.
  return looks(above).slice(1)
}

it('a screen packed at any byte and unpacked in another one goes on as it would have', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(stream, linked),
      fc.nat(),
      fc.nat({ max: 30 }),
      async (output, where, lines) => {
        fc.pre(!(output.includes('\x1b[4h') && /\x1b\[\d*b/.test(output.toString())))
        const above = Buffer.from(
          Array.from({ length: lines }, (_, at) => `\x1b[3${at % 8}mline ${at}\r\n`).join(''),
        )
        const printed = Buffer.concat([above, output])
        const cut = where % (printed.length + 1)
        fc.pre(draw(viewerTerminal(COLS, ROWS), printed))
        const whole = new Screen(COLS, ROWS, nobody)
        whole.output(printed)
        const first = new Screen(COLS, ROWS, nobody)
        first.output(printed.subarray(0, cut))
        const packed = await new Promise<Picture>((give) => first.pack(give))
        const second = new Screen(COLS, ROWS, nobody, { at: packed.offset })
        second.unpack(packed.bytes)
        expect(await historyOf(second)).toEqual(await historyOf(first))
        second.output(printed.subarray(cut))
        const [one, two] = [viewerTerminal(COLS, ROWS), viewerTerminal(COLS, ROWS)]
        const picture = await pictureOf(second)
        expect(picture.offset).toBe(printed.length)
        fc.pre(draw(one, (await pictureOf(whole)).bytes) && draw(two, picture.bytes))
        expect(looks(two)).toEqual(looks(one))
        for (const screen of [whole, first, second]) screen.close()
      },
    ),
    { numRuns: Number(process.env['LATCHKEY_SNAPSHOTS'] ?? 150) },
  )
})

/** Streams that were drawn wrong once, at every byte. */
it.each([
  [
    'a wide character that found no room behind another one at the right edge',
    '\x1b[?7l\x1b[97;104m\x1b[0;8H           漢字\x1b[0;0H',
  ],
  ['half a wide character overwritten at the right edge', '\x1b[?7l\x1b[0;16H 漢字 '],
  ['a family without wrapping', '\x1b[?7l👨‍👩‍👧'],
  ['two flags side by side, printed apart', '🇩\x1b[3G🇪\x1b[1;3H🇫🇷'],
  [
    'a link over two lines, and what is in it next',
    '\x1b]8;;https://example.com/a\x07twenty letters and more',
  ],
  [
    'forms and colours of underlines',
    '\x1b[4:3;58:2::1:2:3mcurly\x1b[4:5;59mdashed\x1b[4:0;58:5:9m \x1b[4mcoloured',
  ],
  ['the cursor that the second buffer is left for', 'a\r\nb\x1b[31m\x1b[?1049h\x1b[5;5Htext\x1b[?1049lc'],
  ['modes of the line feed, the cursor and the keypad', '\x1b[20h\x1b[?12h\x1b=a\nb'],
])('a snapshot at every byte of %s looks like the whole', async (_what, text) => {
  const output = Buffer.from(text)
  const whole = viewerTerminal(COLS, ROWS)
  draw(whole, output)
  for (let cut = 0; cut <= output.length; cut++) {
    const screen = new Screen(COLS, ROWS, nobody)
    screen.output(output.subarray(0, cut))
    const viewer = viewerTerminal(COLS, ROWS)
    draw(viewer, DISORDER)
    draw(viewer, (await pictureOf(screen)).bytes)
    draw(viewer, output.subarray(cut))
    screen.close()
    expect(looks(viewer), `cut at ${cut}`).toEqual(looks(whole))
  }
})

it('a picture is the same wherever the output was cut, and whoever looked in between', async () => {
  const cuts = fc.array(fc.nat(), { maxLength: 6, size: 'max' })
  await fc.assert(
    fc.asyncProperty(fc.oneof(stream, signs), cuts, async (output, where) => {
      expect(draw(viewerTerminal(COLS, ROWS), output), 'the emulator does not throw').toBe(true)
      const ends = [...where.map((cut) => cut % (output.length + 1)), output.length].sort((a, b) => a - b)
      const screen = new Screen(COLS, ROWS, nobody)
      const whole = new Screen(COLS, ROWS, nobody)
      whole.output(output)
      let picture = await pictureOf(screen)
      for (const [at, end] of ends.entries()) {
        screen.output(output.subarray(at === 0 ? 0 : ends[at - 1], end))
        picture = await pictureOf(screen)
      }
      expect(Buffer.from(picture.bytes).toString()).toBe(
        Buffer.from((await pictureOf(whole)).bytes).toString(),
      )
      screen.close()
      whole.close()
    }),
    { numRuns: Number(process.env['LATCHKEY_CUTS'] ?? 150) },
  )
})

it('no stream of bytes whatever ends the screen', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400, size: 'max' }), stream, async (noise, output) => {
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
    { numRuns: 300 },
  )
})
