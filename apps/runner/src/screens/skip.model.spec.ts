import fc from 'fast-check'
import { expect, it } from 'vitest'
import { draw, looks, viewerTerminal } from '../testing/drawn-screen.ts'
import { SCROLLBACK_LINES, Screen } from './screen.ts'
import type { Picture } from './screen-messages.ts'
import { skippable } from './skip.ts'

const line = fc.oneof(
  fc.string({ maxLength: 30 }).filter((text) => !/\p{Cc}/u.test(text)),
  fc.constantFrom(
    '漢字 wide',
    '\ttabbed\t.',
    'over\rwritten',
    'x'.repeat(70),
    '',
    'bell\x07',
    '\r\x1b[K 50%',
    '\x1b]0;a title\x07titled',
    '\x1b(Bplain\x1b[3Gover\x1b[2P',
    '\x1b]2;other\x1b\\end',
  ),
  fc
    .tuple(fc.constantFrom('0', '1', '31', '38;5;99', '48;2;1;2;3', ''), fc.string({ maxLength: 9 }))
    .map(([codes, text]) => `\x1b[${codes}m${text.replace(/\p{Cc}/gu, '')}`),
)
const flood = fc.tuple(
  fc.array(line, { minLength: 1, maxLength: 40 }),
  fc.integer({ min: 5_000, max: 12_000 }),
  fc.constantFrom('\r\n', '\r\n', '\n'),
)
/** What came before the flood, some of which forbids to skip. */
const before = fc.constantFrom(
  '',
  '\x1b[?1049h',
  '\x1b[2;5r',
  '\x1b7',
  '\x1b[5;5Htext',
  '\x1b[4h',
  '\x1b[?7l',
  '\x1b[44m',
  '\x1b]0;cut',
  '\x1b(0',
)
const after = fc.constantFrom(
  '',
  'prompt$ ',
  '\x1b[2J',
  '\x1b8mark',
  '\x1b[A\x1b[Kup',
  '\x1bMreverse',
  '\x1b[3',
  '漢'.slice(0, 1),
)

/** What a program printed: the flood between what came before and after it. */
const printed = fc.tuple(before, flood, after).map(([first, [lines, count, end], last]) => {
  const body = Array.from(
    { length: count },
    (_, index) => `${lines[index % lines.length]}${index % 7 ? '' : index}`,
  )
  return Buffer.from(first + body.join(end) + end + last)
})

it('a flood of which most is skipped leaves the screen and the lines above as if all was drawn', async () => {
  await fc.assert(
    fc.asyncProperty(printed, async (output) => {
      const whole = new Screen(40, 8, { onDrawn: () => {}, onReply: () => {} })
      // So little at a time that nothing is ever skipped.
      for (let at = 0; at < output.length; at += 8_000) {
        whole.output(output.subarray(at, at + 8_000))
        await picture(whole)
      }
      const skipping = new Screen(40, 8, { onDrawn: () => {}, onReply: () => {} })
      skipping.output(output)
      expect(await seen(skipping)).toEqual(await seen(whole))
      whole.close()
      skipping.close()
    }),
    { numRuns: 20 },
  )
})

it('some of those floods are skipped, and some must not be', () => {
  const floods = fc.sample(printed, 500)
  const skipped = floods.filter((output) => skippable(output, SCROLLBACK_LINES + 16, 32_768).ok)
  // About one in five is, so that fewer than one in twenty comes once in more runs than there will be.
  expect(skipped.length).toBeGreaterThan(25)
  expect(skipped.length).toBeLessThan(475)
})

const picture = (screen: Screen) => new Promise<Picture>((give) => screen.snapshot(give))

async function seen(screen: Screen) {
  const { bytes, offset } = await picture(screen)
  const viewer = viewerTerminal(40, 8)
  draw(viewer, bytes)
  const above = await new Promise<Picture>((give) => screen.scrollback(10_000, null, give))
  return { offset, screen: looks(viewer), above: Buffer.from(above.bytes).toString() }
}

it('keeps the wanted number of lines, the styles since the last reset, the last title and charset', () => {
  const lines = Buffer.from('\x1b]0;t\x07\x1b(B\x1b[1m\x1b[0m\x1b[31mred\r\n'.repeat(100))
  const skip = skippable(lines, 10, 1)
  expect(skip).toMatchObject({ ok: true, to: (lines.length / 100) * 90 })
  expect(skip.ok && Buffer.from(skip.state).toString()).toBe('\x1b]0;t\x07\x1b(B\x1b[0m\x1b[31m')
})

it.each([
  ['a question', '\x1b[c'],
  ['a question for a colour', '\x1b]11;?\x07'],
  ['a move to another line', '\x1b[5A'],
  ['an erased screen', '\x1b[2J'],
  ['another screen', '\x1b[?1049h'],
  ['a scroll region', '\x1b[2;5r'],
  ['a control as one character', '\u009b5A'],
  ['a cut sequence', '\x1b[3'],
])('%s ends the run', (_what, sequence) => {
  const plain = 'a\r\n'.repeat(50)
  expect(skippable(Buffer.from(plain + sequence + plain), 60, 1)).toEqual({
    ok: false,
    plainTo: plain.length,
  })
})

it('does not skip when the run is short, or too little of it would be skipped', () => {
  const lines = Buffer.from('line\r\n'.repeat(100))
  expect(skippable(lines, 100, 1).ok).toBe(false)
  expect(skippable(lines, 90, 61).ok).toBe(false)
  expect(skippable(lines, 90, 60).ok).toBe(true)
})
