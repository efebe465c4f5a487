import { QueryFilter } from '@latchkey/connection/app/query-filter'
import { Screen } from '@latchkey/runner/screens/screen'
import type { Picture } from '@latchkey/runner/screens/screen-messages'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { COLS, type Look, ROWS, Tmux } from '../testing/tmux.ts'
import { PrivateModes } from './private-modes.ts'
import { TitleStack } from './title-stack.ts'

let tmux: Tmux
beforeAll(() => {
  tmux = new Tmux()
})
afterAll(() => tmux.end())

/** The bytes a person's terminal gets for `output`, attached from its beginning. */
const passed = (output: string) => Buffer.from(new QueryFilter().filter(Buffer.from(output))).toString()

/** The bytes it gets when the person attaches after `output` and before `after`. */
async function attached(output: string, after: string): Promise<string> {
  const screen = new Screen(COLS, ROWS, { onDrawn: () => {}, onReply: () => {} })
  screen.output(Buffer.from(output))
  const picture = await new Promise<Picture>((give) => screen.snapshot(give))
  screen.close()
  return passed(Buffer.from(picture.bytes).toString() + after)
}

/** The bytes a person's terminal gets for `output`, then those of detaching. */
function leaving(output: string): string {
  const modes = new PrivateModes()
  const titles = new TitleStack()
  const filter = new QueryFilter({ csi: (csi) => titles.translate(csi) })
  const given = Buffer.from(filter.filter(Buffer.from(output)))
  modes.note(given)
  return titles.keep + given.toString() + modes.leaving(COLS) + titles.giveBack
}

/** The look without its title: a snapshot of a program that set no title leaves the title alone. */
async function drawn(text: string): Promise<Omit<Look, 'title'>> {
  const { state, rows } = await tmux.look(text)
  return { state, rows }
}

const lines = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => `line ${from + at}\r\n`).join('')
/** A shell, an editor over it, and the shell again. */
const shell = `${lines(1, 4)}$ vi\r\n`
const editor =
  '\x1b[?1049h\x1b[?1h\x1b=\x1b[?2004h\x1b[1;12r\x1b[H\x1b[2J~\r\n~\x1b[12;1H-- INSERT --\x1b[3;5H'

/** What a program printed before somebody came, and what it prints next. */
const PROGRAMS: readonly (readonly [string, string, string])[] = [
  ['a shell', lines(1, 20), '$ ls\r\n'],
  ['an editor that is left', shell + editor, '\x1b[?1049l\x1b[?1l\x1b>\x1b[?2004l$ '],
  ['an editor that a saved cursor is under', `\x1b[31mred\x1b7\x1b[m\r\n${shell}${editor}`, '\x1b[?1049l$ '],
  ['a second buffer entered without saving', `${shell}\x1b[?47h\x1b[2;2Htext`, ' more\x1b[?47l\x1b[5;1H$ '],
  ['a scroll region', `${lines(1, 9)}\x1b[3;6r\x1b[6;1H`, lines(10, 13)],
  ['a region counted from its top', '\x1b[3;6r\x1b[?6h\x1b[2;3H', `x${lines(1, 6)}`],
  ['insert mode', 'abcdef\x1b[1;3H\x1b[4h', 'xyz'],
  ['no wrapping', '\x1b[?7l', 'x'.repeat(COLS + 5)],
  ['a full row', 'x'.repeat(COLS), 'y'],
  ['line drawing', '\x1b(0lqqk', 'x  x\x1b(B ok'],
  ['line drawing as second set', '\x1b)0ab\x0elq', 'qk\x0f ok'],
  ['mouse and keys', '\x1b[?1003h\x1b[?1006h\x1b[?1h\x1b=\x1b[?25l', 'text'],
  ['tab stops of its own', '\x1b[3g\x1b[5G\x1bH\x1b[15G\x1bH\r', '\ta\tb'],
  ['colours and underlines', '\x1b[1;38;5;99;48;2;1;2;3m bold \x1b[4:3mcurly', ' next \x1b[m plain'],
  ['a background to the edge', '\x1b[44m\x1b[2J\x1b[3;3Htext\x1b[K', 'on\x1b[m'],
  ['wide characters', '漢字 — “quoted” é\r\nпривет ', '漢\r\n'],
  ['a title', '\x1b]2;mine\x07a', '\x1b]2;another\x07b'],
  ['titles that are pushed', '\x1b[22;2t\x1b]2;one\x07\x1b[22;0t\x1b]2;two\x07', 'a'],
  ['its own colours', '\x1b]10;#112233\x07\x1b]11;#445566\x07\x1b]12;#778899\x07\x1b[4 q', 'a'],
  ['a cut character', 'dash \xe2\x80', ''],
  ['a cut colour', 'a\x1b[3', '1mred'],
  ['a cut title', 'a\x1b]2;half ', 'title\x07b'],
]

it.each(PROGRAMS)(
  '%s looks the same to who watches, to who comes later, and in plain tmux',
  async (_what, before, after) => {
    const [plain, plainThen] = [await drawn(`${before}\x18`), await drawn(before + after)]
    expect(await drawn(passed(`${before}\x18`))).toEqual(plain)
    expect(await drawn(passed(before + after))).toEqual(plainThen)
    expect(await drawn(await attached(before, '\x18'))).toEqual(plain)
    expect(await drawn(await attached(before, after))).toEqual(plainThen)
  },
)

it.each(PROGRAMS)('a terminal that %s was watched in is as new after leaving', async (_what, before) => {
  const untouched = await tmux.look(`\x1b[${ROWS};1H${lines(1, 40)}`)
  for (const given of [before, await attached(before, '')])
    expect(await tmux.look(`${leaving(given)}\x1b[${ROWS};1H${lines(1, 40)}`)).toEqual(untouched)
})

it('leaving an editor shows the shell under it, the cursor where it was', async () => {
  const shown = await tmux.look(`${shell}$ `)
  expect(await tmux.look(`${leaving(shell + editor)}$ `)).toEqual(shown)
})
