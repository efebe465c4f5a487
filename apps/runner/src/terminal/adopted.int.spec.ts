import { expect, it } from 'vitest'
import { type AppUnderTest, connectApp, textOf, until, WRITER } from '../testing/app-under-test.ts'
import { keeperUnderTest } from '../testing/keeper-under-test.ts'

const shows = (app: AppUnderTest, terminal: number, text: string) =>
  until(() => textOf(app.seen(terminal).bytes).includes(text))

/** An app that watches a new terminal with its prompt drawn. */
async function watching(app: AppUnderTest): Promise<number> {
  const terminal = await app.open({ cols: 60, rows: 20 })
  app.attach(terminal, { size: { cols: 60, rows: 20 } })
  await until(() => app.seen(terminal).snapshots.length > 0)
  return terminal
}

/** A new app's snapshot of a terminal, and the lines above its screen, as text that draws them. */
async function picture(app: AppUnderTest, terminal: number): Promise<readonly string[]> {
  app.attach(terminal, { size: { cols: 60, rows: 20 } })
  const { snapshots } = app.seen(terminal)
  await until(() => snapshots.length > 0 && app.seen(terminal).misplaced === 0)
  app.say({ type: 'scrollback', terminal, request: 9, lines: 2_000 })
  await app.heard('snapshot', ({ request }) => request === 9)
  app.say({ type: 'ping', id: 77 })
  await app.heard('pong', ({ id }) => id === 77)
  const of = (kind: string) =>
    textOf(snapshots.findLast((each) => each.kind === kind)?.bytes ?? new Uint8Array(0))
  return [of('screen'), of('scrollback')]
}

it('output goes on by its offset and input by its ledger, however often the runner is another one', async () => {
  const kept = keeperUnderTest()
  let machine = await kept.runner()
  let app = connectApp(machine.accept)
  const terminal = await watching(app)
  const program =
    'stty -echo; PS1=; i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo line-$i; sleep 0.01; done; echo E""ND\n'
  let typed = program
  app.type(terminal, 0, program)
  await shows(app, terminal, 'line-3\r\n')
  let have = Buffer.from(app.seen(terminal).bytes)
  let from = app.seen(terminal).from
  const begin = from
  for (let round = 0; round < 4; round++) {
    const line = `echo typed-${round}\n`
    app.type(terminal, typed.length, line)
    typed += line
    await until(() => app.seen(terminal).end > from + have.length + 50)
    // Bytes under way in either direction are lost.
    app.cut()
    have = Buffer.concat([
      have,
      Buffer.from(app.seen(terminal).bytes).subarray(from + have.length - app.seen(terminal).from),
    ])
    await machine.leave()
    machine = await kept.runner()
    app = connectApp(machine.accept)
    from = begin
    app.attach(terminal, { from: begin + have.length, writer: WRITER, size: { cols: 60, rows: 20 } })
    const { applied, offset } = await app.heard('attached')
    expect(offset).toBe(begin + have.length)
    // As an app does: everything that was not acknowledged, again.
    app.type(terminal, applied, typed.slice(applied))
  }
  await shows(app, terminal, 'typed-3\r\n')
  const { from: since, bytes, misplaced, snapshots } = app.seen(terminal)
  expect([misplaced, snapshots.length]).toEqual([0, 0])
  const whole = Buffer.concat([have, Buffer.from(bytes).subarray(begin + have.length - since)]).toString()
  const lines = whole.split('\r\n').flatMap((line) => /^(?:line|typed)-\d+$/.exec(line) ?? [])
  const counted = Array.from({ length: 400 }, (_, at) => `line-${at + 1}`)
  expect(lines).toEqual([...counted, 'typed-0', 'typed-1', 'typed-2', 'typed-3'])
})

const BUSY = `stty -echo; PS1=; seq 1 300; printf '\\033]2;title\\007\\033]11;#102030\\007\\033[1;31mred\\033[?2004h\\033[>1u'
printf '\\033[?1049h\\033[3;9r\\033[?25l\\033[?1002;1006h\\033[4;7Hfull\\033[38;5;99m'; echo REA''DY; sleep 1000\n`

it('a runner draws the screen of another one as that one did, with what is above it', async () => {
  const kept = keeperUnderTest()
  const first = await kept.runner()
  const app = connectApp(first.accept)
  const terminal = await watching(app)
  app.type(terminal, 0, BUSY)
  await shows(app, terminal, 'READY')
  const before = await picture(connectApp(first.accept, { app: 'two' }), terminal)
  await first.leave()
  const second = await kept.runner()
  expect(second.terminals.list).toMatchObject([
    { terminal, name: 'Terminal 1', cols: 60, rows: 20, exit: null },
  ])
  expect(await picture(connectApp(second.accept, { app: 'two' }), terminal)).toEqual(before)
  expect(before[0]).toContain('title')
  expect(before[1]).toContain('250')
})

it('a screen that nobody needs rests, and is the same when it is needed again', async () => {
  const kept = keeperUnderTest()
  const machine = await kept.runner({ restAfterMs: 60 })
  const app = connectApp(machine.accept, { app: 'one' })
  const terminal = await watching(app)
  app.type(terminal, 0, BUSY)
  await shows(app, terminal, 'READY')
  const two = connectApp(machine.accept, { app: 'two' })
  const before = await picture(two, terminal)
  const { end } = app.seen(terminal)
  const rests = () => machine.terminals.get(terminal)?.rests === true
  app.cut()
  // The other app looks at it still, and has all of it.
  await until(rests)
  two.cut()
  const three = connectApp(machine.accept, { app: 'three' })
  expect(await picture(three, terminal)).toEqual(before)
  three.cut()
  await until(rests)
  const back = connectApp(machine.accept, { app: 'one' })
  back.attach(terminal, { from: end, size: { cols: 60, rows: 20 } })
  expect(await back.heard('attached')).toMatchObject({ offset: end })
  back.cut()
  await until(rests)
  await machine.leave()
  const next = await kept.runner({ restAfterMs: 60 })
  expect(next.terminals.get(terminal)?.rests, 'it rests from the start').toBe(true)
  expect(await picture(connectApp(next.accept, { app: 'two' }), terminal)).toEqual(before)
})

it('a screen that still owes a picture when it would rest, rests once it has given it', async () => {
  const kept = keeperUnderTest()
  // Sooner than the thread of the screens has started.
  const machine = await kept.runner({ restAfterMs: 1 })
  const terminal = await machine.terminals.open('quiet', { cols: 60, rows: 20 })
  if (!terminal.ok) throw new Error(terminal.message)
  const app = connectApp(machine.accept)
  app.attach(terminal.terminal.number, { size: { cols: 60, rows: 20 } })
  await until(() => app.seen(terminal.terminal.number).snapshots.length > 0)
  await until(() => terminal.terminal.rests)
})

it('a question of a program is answered once, also when its terminal rests or its runner is another one', async () => {
  const kept = keeperUnderTest()
  let machine = await kept.runner({ restAfterMs: 40 })
  const app = connectApp(machine.accept)
  const terminal = await watching(app)
  const asking = `stty raw -echo; for n in 1 2 3; do printf '\\033[c'; sleep 0.4; done; echo REA''DY; cat -v\n`
  app.type(terminal, 0, asking)
  await until(() => app.messages.some(({ type }) => type === 'applied'))
  app.cut()
  await machine.leave()
  machine = await kept.runner({ restAfterMs: 40 })
  const later = connectApp(machine.accept)
  later.attach(terminal, { from: 0, size: { cols: 60, rows: 20 } })
  const answers = () => textOf(later.seen(terminal).bytes).match(/\^\[\[\?/g) ?? []
  await until(() => answers().length >= 3)
  later.say({ type: 'ping', id: 5 })
  await later.heard('pong')
  expect(answers()).toHaveLength(3)
})

it('an app that came later stays one that came later', async () => {
  const kept = keeperUnderTest()
  const first = await kept.runner()
  const app = connectApp(first.accept)
  const terminal = await watching(app)
  const first200 = 'stty -echo; PS1=; seq 1 200; echo BE""FORE\n'
  app.type(terminal, 0, first200)
  await shows(app, terminal, 'BEFORE')
  first.terminals.knows('newcomer', Date.now() + 60_000)
  app.type(terminal, first200.length, 'seq 301 500; echo AF""TER\n')
  await shows(app, terminal, 'AFTER')
  const before = await picture(connectApp(first.accept, { app: 'newcomer' }), terminal)
  await first.leave()
  const second = await kept.runner()
  const after = await picture(connectApp(second.accept, { app: 'newcomer' }), terminal)
  expect(after).toEqual(before)
  expect(after[1]).toContain('301')
  expect(after[1]).not.toContain('150')
  const offset = connectApp(second.accept, { app: 'newcomer' })
  offset.attach(terminal, { from: 0, size: { cols: 60, rows: 20 } })
  await until(() => offset.seen(terminal).snapshots.length > 0)
})

it('a screen that is drawn anew gives what was asked of the one before', async () => {
  const kept = keeperUnderTest()
  const machine = await kept.runner()
  const app = connectApp(machine.accept, { app: 'one' })
  const terminal = await watching(app)
  const [handle] = machine.keeper.terminals
  const two = connectApp(machine.accept, { app: 'two' })
  // As after output that was dropped between keeper and runner: all that is kept comes again, and makes another screen.
  for (let more = 0; more < 3; more++) {
    handle?.follow()
    two.say({ type: 'detach', terminal })
    two.attach(terminal)
    two.say({ type: 'scrollback', terminal, request: more, lines: 10 })
  }
  handle?.follow()
  await until(() => two.seen(terminal).snapshots.some(({ kind }) => kind === 'screen'))
  await two.heard('snapshot', ({ request }) => request === 2)
})
