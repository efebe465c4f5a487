import { Characters } from '@latchkey/connection/emulator/characters'
import headless from '@xterm/headless'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { drawNow } from '../screens/screen-internals.ts'
import { SignParser, STRING_BYTES_MAX } from './sign-parser.ts'
import type { Sign } from './signs.ts'

const RUNS = Number(process.env['LATCHKEY_CUTS'] ?? 400)
const bytesOf = (text: string) => new TextEncoder().encode(text)

/** The signs in `bytes` when they arrive in pieces that end at `cuts`. */
function signsIn(bytes: Uint8Array, cuts: readonly number[] = []): Sign[] {
  const parser = new SignParser()
  const signs: Sign[] = []
  let from = 0
  for (const to of [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    parser.feed(bytes.subarray(from, Math.max(from, to)), (sign) => signs.push(sign))
    from = Math.max(from, to)
  }
  return signs
}
const signsOf = (text: string) => signsIn(bytesOf(text))

it.each<[string, string, Sign[]]>([
  ['a bell', 'a\x07b', [{ type: 'bell' }]],
  ['a title that ends with a bell', '\x1b]2;here\x07', [{ type: 'title', text: 'here' }]],
  ['a title that ends with ST', '\x1b]0;here\x1b\\', [{ type: 'title', text: 'here' }]],
  ['a title with 8-bit controls', '\u009d2;here\u009c', [{ type: 'title', text: 'here' }]],
  ['a folder', '\x1b]7;file:///a%20b\x07', [{ type: 'folder', path: '/a b', host: null }]],
  ['a folder elsewhere', '\x1b]7;file://far/a%b\x07', [{ type: 'folder', path: '/a%b', host: 'far' }]],
  ['a prompt', '\x1b]133;A;k=i\x07', [{ type: 'prompt' }]],
  ['a command', '\x1b]633;C\x07', [{ type: 'command' }]],
  ['an end', '\x1b]133;D;2;aid=7\x07', [{ type: 'command-ended', exit: 2 }]],
  ['an end without an exit', '\x1b]133;D\x07', [{ type: 'command-ended', exit: null }]],
  ["VS Code's folder", '\x1b]633;P;Cwd=/x\x07', [{ type: 'folder', path: '/x', host: null }]],
  ['progress', '\x1b]9;4;1;40\x07', [{ type: 'progress', state: 'normal', percent: 40 }]],
  ['the end of progress', '\x1b]9;4;0\x07', [{ type: 'progress', state: 'none', percent: null }]],
  ["another of ConEmu's", '\x1b]9;9;/x\x07', []],
  ['a notification', '\x1b]9;Approve?\x07', [{ type: 'notification', text: 'Approve?' }]],
  ["kitty's", '\x1b]99;i=1:p=body:e=1;aGk=\x1b\\', [{ type: 'notification', text: 'hi' }]],
  ["rxvt's", '\x1b]777;notify;A;b\x07', [{ type: 'notification', text: 'A: b' }]],
  ['the alternate screen', '\x1b[?1049h', [{ type: 'mode', mode: 'alternate', on: true }]],
  [
    'several modes',
    '\x1b[?25;1004;47l',
    [
      { type: 'mode', mode: 'focus', on: false },
      { type: 'mode', mode: 'alternate', on: false },
    ],
  ],
  ['titles kept for later', '\x1b[22;2t\x1b[23t', [{ type: 'title-saved' }, { type: 'title-restored' }]],
  ['a reset', '\x1bc', [{ type: 'reset' }]],
  ['a bell in a string', '\x1bP1q\x07\x1b\\\x1b_G\x07\x1b\\', []],
  [
    'a string in a string',
    '\x1b]2;a\x1b]2;b\x07',
    [2, 2].map((_, at) => ({ type: 'title', text: 'ab'[at] ?? '' })),
  ],
  ['a string that is cancelled', '\x1b]2;a\x18\x07', [{ type: 'bell' }]],
  ['control characters in a title', '\x1b]2;a\x01\u202eb\x07', [{ type: 'title', text: 'ab' }]],
  ['a question', '\x1b]7501;?\x1b\\', []],
])('%s is read', (_, output, signs) => {
  expect(signsOf(output)).toEqual(signs)
})

it('a report of the program itself has its state, kind, name and words', () => {
  const words = Buffer.from('Apply 3?\x1b[31m').toString('base64')
  const report = { type: 'report', state: 'blocked', id: '', kind: 'permission', program: 'terraform' }
  expect(signsOf(`\x1b]7501;state=blocked:kind=permission:app=terraform:msg=${words}\x1b\\`)).toEqual([
    { ...report, message: 'Apply 3?[31m', percent: null },
  ])
  expect(signsOf('\x1b]7501;state=flying\x07\x1b]7501;state=idle:app=a b\x07\x1b]7501;\x07')).toEqual([])
  expect(signsOf('\x1b]7501;state=working:id=a/b:progress=40\x07')).toMatchObject([
    { id: 'a/b', percent: 40 },
  ])
})

it('a string of a megabyte is no sign, and what follows it is read', () => {
  const long = `\x1b]2;${'x'.repeat(1024 * 1024)}\x07`
  expect(signsOf(`${long}\x07`)).toEqual([{ type: 'bell' }])
  const longest = 'x'.repeat(STRING_BYTES_MAX - 2)
  expect(signsOf(`\x1b]2;${longest}\x07`)).toHaveLength(1)
  expect(signsOf(`\x1b]2;${longest}x\x07`)).toHaveLength(0)
})

/** Pieces of sequences, whole ones and text: joined at random they make what a hostile program prints. */
const pieces = fc.array(
  fc.oneof(
    fc.constantFrom(
      ...[
        '\x1b',
        '\x07',
        '\x18',
        '\x1a',
        '\x1b\\',
        '\x1b]',
        '\x1b[',
        '\x1bP',
        '\x1b_',
        '\x1b^',
        '\x1bX',
        '\x1b(',
      ],
      ...[
        '\u0090',
        '\u009b',
        '\u009c',
        '\u009d',
        '\u009f',
        '\u0085',
        '?',
        '1004',
        '1049',
        ';',
        'h',
        'l',
        '$',
        '>',
      ],
      ...['2;', '0;', '02;', '9;', '133;A', 'q', ' ', '\x7f', '\r\n', '\x01', 'é', '…', '🔒', 'Н', '°'],
      ...['\x1b]2;title\x07', '\x1b[?1004h', '\x1b]133;D;1\x1b\\', '\x1bP$q', '\x1b[1;2', ':'],
    ),
    fc.string({ maxLength: 4 }),
  ),
  { maxLength: 40 },
)
const output = fc.oneof(
  pieces.map((parts) => bytesOf(parts.join(''))),
  fc
    .tuple(pieces, fc.uint8Array({ maxLength: 6 }), pieces)
    .map(([before, noise, after]) =>
      Uint8Array.from([...bytesOf(before.join('')), ...noise, ...bytesOf(after.join(''))]),
    ),
)

it('pieces that end anywhere give the same signs', () => {
  fc.assert(
    fc.property(output, fc.array(fc.nat(), { maxLength: 12 }), (bytes, cuts) => {
      expect(signsIn(bytes, cuts)).toEqual(signsIn(bytes))
    }),
    { numRuns: RUNS },
  )
})

it('bells, strings and modes are found where the emulator finds them', () => {
  fc.assert(
    fc.property(output, (bytes) => {
      const terminal = new headless.Terminal({ allowProposedApi: true, logLevel: 'off' })
      const drawn: string[] = []
      terminal.onBell(() => drawn.push('bell'))
      for (const number of [0, 2]) terminal.parser.registerOscHandler(number, () => drawn.push('title') > 0)
      for (const final of ['h', 'l'])
        terminal.parser.registerCsiHandler({ prefix: '?', final }, (numbers) => {
          const wanted = numbers.filter((number) => [47, 1047, 1049, 1004].includes(Number(number)))
          drawn.push(...wanted.map((number) => `${number}${final}`))
          return true
        })
      drawNow(terminal, new Characters().read(bytes))
      terminal.dispose()
      const found = signsIn(bytes).flatMap((sign) =>
        sign.type === 'bell' || sign.type === 'title'
          ? [sign.type]
          : sign.type === 'mode'
            ? [`${sign.mode === 'focus' ? 1004 : 'alternate'}${sign.on ? 'h' : 'l'}`]
            : [],
      )
      expect(found).toEqual(drawn.map((each) => each.replace(/^(?:47|1047|1049)/, 'alternate')))
    }),
    { numRuns: RUNS },
  )
})
