import { expect, it } from 'vitest'
import { type AppUnderTest, connectApp, textOf, until, WRITER } from '../testing/app-under-test.ts'
import { draw, looks, viewerTerminal } from '../testing/drawn-screen.ts'
import { machineUnderTest } from '../testing/machine-under-test.ts'

const shows = (app: AppUnderTest, terminal: number, text: string) =>
  until(() => textOf(app.seen(terminal).bytes).includes(text))

/** An app that watches a fresh terminal with its prompt drawn. */
async function watching(app: AppUnderTest): Promise<number> {
  const terminal = await app.open()
  app.attach(terminal)
  await until(() => app.seen(terminal).snapshots.length > 0)
  return terminal
}

it('an app opens a shell, types, and sees what it prints', async () => {
  const app = connectApp(machineUnderTest().accept)
  const terminal = await watching(app)
  app.type(terminal, 0, 'echo $((6*7))\n')
  await shows(app, terminal, '\r\n42\r\n')
  expect(app.seen(terminal).misplaced).toBe(0)
  expect(await app.heard('applied', ({ upTo }) => upTo === 14)).toMatchObject({ terminal })
})

it('the shell knows that it is inside, and none of our secrets', async () => {
  const app = connectApp(machineUnderTest().accept)
  const terminal = await watching(app)
  app.type(terminal, 0, 'env; echo E""ND\n')
  await shows(app, terminal, 'END\r\n')
  const env = textOf(app.seen(terminal).bytes)
  expect(env).toContain('TERM=xterm-256color')
  expect(env).toContain('COLORTERM=truecolor')
  expect(env.match(/^LATCHKEY[^\r]*/gm)).toEqual(['LATCHKEY=1'])
  expect(env).not.toMatch(/NODE_CHANNEL|^npm_/m)
})

it('two apps see the same bytes in the same order', async () => {
  const machine = machineUnderTest()
  const [one, two] = [connectApp(machine.accept, { app: 'one' }), connectApp(machine.accept, { app: 'two' })]
  const terminal = await watching(one)
  two.attach(terminal)
  await until(() => two.seen(terminal).snapshots.length > 0)
  one.type(terminal, 0, 'seq 1 20000; echo E""ND\n')
  await Promise.all([shows(one, terminal, 'END\r\n'), shows(two, terminal, 'END\r\n')])
  const from = Math.max(one.seen(terminal).from, two.seen(terminal).from)
  const end = Math.min(...[one, two].map((app) => app.seen(terminal).from + app.seen(terminal).bytes.length))
  const part = (app: AppUnderTest) =>
    Buffer.from(app.seen(terminal).bytes).subarray(
      from - app.seen(terminal).from,
      end - app.seen(terminal).from,
    )
  expect(part(one).equals(part(two))).toBe(true)
  expect(part(one).length).toBeGreaterThan(100_000)
})

it('an app that joins a full-screen program gets the screen as it is', async () => {
  const machine = machineUnderTest()
  const one = connectApp(machine.accept, { app: 'one' })
  const terminal = await watching(one)
  one.type(
    terminal,
    0,
    `printf '\\033[?1049h\\033[2J\\033[3;5Hfull\\033[?25l\\033[?1006hscreen'; sleep 100\n`,
  )
  await shows(one, terminal, '\x1b[?1006hscreen')
  const two = connectApp(machine.accept, { app: 'two' })
  two.attach(terminal)
  await until(() => two.seen(terminal).snapshots.length > 0)
  const viewer = viewerTerminal(80, 24)
  const [snapshot] = two.seen(terminal).snapshots
  draw(viewer, snapshot?.bytes ?? '')
  const [first, second, , ...rows] = looks(viewer)
  expect(first).toBe('alternate cursor 14,2 hidden style 0')
  expect(second).toContain('mouse 1006')
  expect(rows[2]).toBe('    fullscreen')
})

it('one app owns the size, others may take it, and when the owner leaves the next wish counts', async () => {
  const machine = machineUnderTest()
  const [phone, desk] = [
    connectApp(machine.accept, { app: 'phone' }),
    connectApp(machine.accept, { app: 'desk' }),
  ]
  const terminal = await phone.open({ cols: 80, rows: 24 })
  phone.attach(terminal, { size: { cols: 40, rows: 20 } })
  await desk.heard('terminal', ({ owner, cols }) => owner === 'phone' && cols === 40)
  desk.attach(terminal, { size: { cols: 120, rows: 40 } })
  await desk.heard('terminal', ({ watchers, cols }) => watchers.length === 2 && cols === 40)
  desk.say({ type: 'takeSize', terminal, cols: 120, rows: 40 })
  await phone.heard('terminal', ({ owner, cols }) => owner === 'desk' && cols === 120)
  desk.cut()
  await phone.heard('terminal', ({ owner, cols }) => owner === null && cols === 120)
  phone.resize(terminal, { cols: 50, rows: 10 })
  await phone.heard('terminal', ({ owner, cols }) => owner === 'phone' && cols === 50)
  await until(() => phone.seen(terminal).snapshots.length > 0)
  phone.type(terminal, 0, 'stty size\n')
  await shows(phone, terminal, '10 50')
})

it('a program that ends is told with its code after its last byte, and stays listed', async () => {
  const machine = machineUnderTest()
  const app = connectApp(machine.accept)
  const terminal = await watching(app)
  app.type(terminal, 0, 'head -c 300000 /dev/zero | tr "\\0" x; echo LA""ST; exit 3\n')
  const { code, offset } = await app.heard('exited')
  expect(code).toBe(3)
  const { from, bytes } = app.seen(terminal)
  expect(from + bytes.length).toBe(offset)
  expect(textOf(bytes)).toMatch(/LAST\r\n$/)
  const late = connectApp(machine.accept, { app: 'late' })
  const { terminals } = await late.heard('welcome')
  expect(terminals).toMatchObject([{ terminal, exit: { code: 3 } }])
  late.attach(terminal)
  await late.heard('exited', (told) => told.code === 3)
  late.say({ type: 'close', terminal })
  await app.heard('gone', (told) => told.terminal === terminal)
})

it('closing ends the shell and everybody is told', async () => {
  const machine = machineUnderTest()
  const [one, two] = [connectApp(machine.accept, { app: 'one' }), connectApp(machine.accept, { app: 'two' })]
  const terminal = await watching(one)
  two.say({ type: 'close', terminal })
  await Promise.all([one, two].map((app) => app.heard('gone', (told) => told.terminal === terminal)))
  expect(machine.terminals.list).toEqual([])
  expect(machine.events.filter((event) => event.type === 'terminals').map(({ open }) => open)).toEqual([1, 0])
})

it('a lost connection ends no program', async () => {
  const machine = machineUnderTest()
  const app = connectApp(machine.accept)
  const terminal = await watching(app)
  app.cut()
  const again = connectApp(machine.accept)
  again.attach(terminal, { from: null })
  await until(() => again.seen(terminal).snapshots.length > 0)
  again.type(terminal, 0, 'echo still""here\n')
  await shows(again, terminal, 'stillhere\r\n')
})

it('lines above the screen are given on demand', async () => {
  const app = connectApp(machineUnderTest().accept)
  const terminal = await watching(app)
  app.type(terminal, 0, 'seq 1 100; echo E""ND\n')
  await shows(app, terminal, 'END\r\n')
  app.say({ type: 'scrollback', terminal, request: 7, lines: 10 })
  const header = await app.heard('snapshot', ({ request }) => request === 7)
  expect(header.kind).toBe('scrollback')
  const text = textOf(app.seen(terminal).snapshots.at(-1)?.bytes ?? new Uint8Array(0))
  expect(
    text
      .replace(/\x1b\[[0-9;]*m/g, '')
      .split('\r\n')
      .filter(Boolean),
  ).toHaveLength(10)
})

it('the machine opens a bounded number of terminals', async () => {
  const app = connectApp(machineUnderTest({ terminalsMax: 2 }).accept)
  await app.open()
  await app.open()
  app.say({ type: 'open', request: 99, cols: 80, rows: 24 })
  const { code } = await app.heard('error', ({ request }) => request === 99)
  expect(code).toBe('TOO_MANY_TERMINALS')
})

it('attaching again over the same channel begins again at the offset asked for', async () => {
  const app = connectApp(machineUnderTest().accept)
  const terminal = await watching(app)
  app.type(terminal, 0, 'echo one\n')
  await shows(app, terminal, 'one\r\n$ ')
  const before = app.messages.filter(({ type }) => type === 'attached').length
  app.attach(terminal, { from: 0, writer: WRITER })
  await until(() => app.messages.filter(({ type }) => type === 'attached').length > before)
  await shows(app, terminal, 'one\r\n$ ')
  expect(app.seen(terminal).from).toBe(0)
  expect(app.seen(terminal).misplaced).toBe(0)
  expect(await app.heard('attached', ({ offset }) => offset === 0)).toMatchObject({ applied: 9 })
})

it('apps are told while a program reads a line without echo, and an editor of lines is no such program', async () => {
  const app = connectApp(machineUnderTest().accept)
  const terminal = await watching(app)
  const question = "stty -echo; printf 'Wort? '; read word; stty echo -icanon; echo rea''dy; read -r _\n"
  app.type(terminal, 0, question)
  await app.heard('terminal', ({ secret }) => secret === true)
  app.type(terminal, question.length, 'word\n')
  await shows(app, terminal, 'ready')
  await until(() => app.messages.findLast((message) => message.type === 'terminal')?.secret === false)
})
