import { CommandMarks } from '@latchkey/connection/emulator/command-marks'
import { resizeEmulator } from '@latchkey/connection/emulator/resize'
import { utf8 } from '@latchkey/protocol/bytes'
import headless from '@xterm/headless'
import { expect, it } from 'vitest'
import { Screen } from './screen.ts'
import { drawNow } from './screen-internals.ts'
import type { Picture } from './screen-messages.ts'

const [COLS, ROWS] = [40, 8]
const mark = (body: string): string => `\x1b]133;${body}\x07`
const prompt = (exit: number): string =>
  `${mark(`D;${exit}`)}\x1b]7;file:///home/me/a%20b\x07${mark('A')}$ ${mark('B')}`
const run = (command: string, output: string): string => `${command}\r\n${mark('C')}${output}`

/** The terminal of an app, and what it knows of commands. */
function appTerminal() {
  const terminal = new headless.Terminal({
    cols: COLS,
    rows: ROWS,
    allowProposedApi: true,
    scrollback: 5_000,
  })
  const marks = new CommandMarks(terminal, () => null)
  return { terminal, marks, draw: (text: string) => drawNow(terminal, text) }
}

/** Each command with its output, as an app would show it. */
function shown({ terminal, marks }: Pick<ReturnType<typeof appTerminal>, 'terminal' | 'marks'>) {
  const { normal } = terminal.buffer
  return marks.commands.map(({ text, exit, from, to, folder }) => {
    const lines = []
    for (let y = from ?? 0; y <= (to?.line ?? normal.length - 1); y++)
      lines.push(normal.getLine(y)?.translateToString(true, 0, y === to?.line ? to.column : undefined) ?? '')
    return { text, exit, folder, runs: to === null, output: lines.join('\n').trim() }
  })
}

const screenOf = (output = '', at = 0, printedAt = at): Screen => {
  const screen = new Screen(COLS, ROWS, { onDrawn: () => {}, onReply: () => {} }, { at, printedAt })
  if (output !== '') screen.output(utf8(output))
  return screen
}
const textOf = ({ bytes }: Picture): string => Buffer.from(bytes).toString('utf8')
const asked = (ask: (give: (picture: Picture) => void) => void): Promise<Picture> => new Promise(ask)

/** An app that came now, and fetched the lines above the screen. */
async function drawnBy(screen: Screen, since: number | null = null) {
  const app = appTerminal()
  const history = textOf(await asked((give) => screen.scrollback(2_000, since, give)))
  app.draw(history)
  app.draw(`\x1b[${ROWS};1H${'\r\n'.repeat(app.terminal.buffer.normal.cursorY)}`)
  app.draw(textOf(await asked((give) => screen.snapshot(give))))
  return app
}

const long = (count: number, word: string): string =>
  Array.from({ length: count }, (_, at) => `${word} ${at}\r\n`).join('')

const THREE = `${prompt(0)}${run('true', '')}${prompt(0)}${run('seq 30', long(30, 'a'))}${prompt(2)}${run('cat', 'no end')}`
const FOLDER = '/home/me/a b'
const OF_THREE = [
  { text: 'true', exit: 0, folder: FOLDER, runs: false, output: '' },
  { text: 'seq 30', exit: 2, folder: FOLDER, runs: false, output: long(30, 'a').replaceAll('\r', '').trim() },
  { text: 'cat', exit: null, folder: FOLDER, runs: true, output: 'no end' },
]

it('each command is known with its text, folder, output and exit', () => {
  const app = appTerminal()
  app.draw(THREE)
  expect(shown(app)).toEqual(OF_THREE)
})

it('an app that came later knows the same commands from the screen and the lines above it, with their times', async () => {
  const before = Date.now()
  const screen = screenOf(THREE)
  const app = await drawnBy(screen)
  expect(shown(app)).toEqual(OF_THREE)
  for (const { startedAtMs } of app.marks.commands) expect(startedAtMs).toBeGreaterThanOrEqual(before)
  app.draw(`${prompt(130)}${run('echo é"', 'é')}${prompt(0)}`)
  expect(shown(app).slice(2)).toEqual([
    { text: 'cat', exit: 130, folder: FOLDER, runs: false, output: 'no end' },
    { text: 'echo é"', exit: 0, folder: FOLDER, runs: false, output: 'é' },
  ])
})

it('a screen that rested, or belongs to the next runner, has the marks of the one before', async () => {
  const first = screenOf(`${THREE}${prompt(1)}ty`)
  const { bytes } = await asked((give) => first.pack(give))
  const second = screenOf()
  second.unpack(bytes)
  const again = screenOf()
  again.unpack((await asked((give) => second.pack(give))).bytes)
  again.output(utf8(run('ped', 'more\r\n')))
  const app = await drawnBy(again)
  expect(shown(app).map(({ text }) => text)).toEqual(['true', 'seq 30', 'cat', 'typed'])
  expect(shown(app)[2]).toEqual({ text: 'cat', exit: 1, folder: FOLDER, runs: false, output: 'no end' })
})

it('output of before this runner has no times', async () => {
  const screen = screenOf(THREE, 0, 10_000)
  const app = await drawnBy(screen)
  expect(app.marks.commands.map(({ startedAtMs }) => startedAtMs)).toEqual([null, null, null])
})

it('an app that may not see the lines above hears of no command from there', async () => {
  const screen = screenOf(`${prompt(0)}${run('secret-command', long(20, 'a'))}`)
  screen.mark(1)
  screen.output(utf8(long(20, 'b')))
  const app = await drawnBy(screen, 1)
  const told = shown(app)
  expect(told).toHaveLength(1)
  expect(told[0]).toMatchObject({ text: null, runs: true })
  expect(told[0]?.output).toContain('b 19')
  expect(textOf(await asked((give) => screen.snapshot(give)))).not.toContain('secret')
})

it('marks go with their lines: cleared, scrolled out, wrapped anew', () => {
  const app = appTerminal()
  app.draw(`${prompt(0)}${run('one', 'x')}${prompt(0)}${run('clear', '\x1b[H\x1b[2J\x1b[3J')}${prompt(0)}`)
  expect(shown(app).map(({ text }) => text)).toEqual(['clear'])
  app.draw(run('wide', `${'w'.repeat(90)}\r\n`) + prompt(0) + run('two', 'y\r\n') + prompt(0))
  resizeEmulator(app.terminal, 20, ROWS)
  expect(
    shown(app)
      .slice(-2)
      .map(({ output }) => output.replaceAll('\n', '')),
  ).toEqual(['w'.repeat(90), 'y'])
  app.draw('\x1bc')
  expect(shown(app)).toEqual([])
})

it('a program in the second screen marks nothing, and a shell without ends has them at its next prompt', () => {
  const app = appTerminal()
  app.draw(`${mark('A')}$ ${mark('B')}${run('vim', `\x1b[?1049h${mark('A')}${mark('D;7')}\x1b[?1049l`)}`)
  expect(shown(app)).toMatchObject([{ text: 'vim', runs: true }])
  app.draw(`${mark('A')}$ ${mark('B')}`)
  expect(shown(app)).toMatchObject([{ text: 'vim', exit: null, runs: false }])
})

it('marks without end are bounded', () => {
  const app = appTerminal()
  app.draw(`${mark('C')}${mark('D;0')}`.repeat(3_000))
  expect(app.marks.commands.length).toBe(500)
})

it('where output is missing, what ran has no known end', () => {
  const app = appTerminal()
  app.draw(`${prompt(0)}${run('make', 'a')}`)
  app.marks.missed()
  expect(shown(app)).toMatchObject([{ text: 'make', exit: null, runs: false }])
})
