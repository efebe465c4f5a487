import { expect, it } from 'vitest'
import { type AppUnderTest, connectApp, textOf, until, WRITER } from '../testing/app-under-test.ts'
import { machineUnderTest } from '../testing/machine-under-test.ts'

/** A small seeded generator, so that a failure can be run again. */
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return (state >> 8) % below
  }
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

it(`output over many cut connections is the output, nothing lost and nothing doubled (seed ${SEED})`, async () => {
  const random = randomFrom(SEED)
  const machine = machineUnderTest()
  const witness = connectApp(machine.accept, { app: 'witness' })
  const terminal = await witness.open()
  witness.attach(terminal)
  await until(() => witness.seen(terminal).snapshots.length > 0)
  const from = witness.seen(terminal).from
  // Slow enough for many cuts, fast enough to have output under way at each.
  witness.type(terminal, 0, 'for i in $(seq 1 60); do seq $i 1 $((i+300)); sleep 0.02; done; echo E""ND\n')
  let at = from
  const got: Uint8Array[] = []
  for (let cut = 0; cut < 25; cut++) {
    const app = connectApp(machine.accept, { app: 'roamer' })
    app.attach(terminal, { from: at })
    await app.heard('attached')
    await sleep(random(60))
    app.cut()
    await sleep(random(20))
    const seen = app.seen(terminal)
    expect(seen.snapshots).toEqual([])
    expect(seen.misplaced).toBe(0)
    if (seen.bytes.length === 0) continue
    expect(seen.from).toBe(at)
    got.push(seen.bytes)
    at += seen.bytes.length
  }
  const last = connectApp(machine.accept, { app: 'roamer' })
  last.attach(terminal, { from: at })
  // On a slow machine the end has come before the last cut.
  const drawn = () => Buffer.concat([...got, last.seen(terminal).bytes])
  await until(() => textOf(drawn()).includes('END\r\n'))
  await until(() => textOf(witness.seen(terminal).bytes).includes('END\r\n$ '))
  const all = drawn()
  const whole = Buffer.from(witness.seen(terminal).bytes)
  expect(all.equals(whole.subarray(0, all.length))).toBe(true)
  expect(whole.length - all.length).toBeLessThan(10)
})

it('who was away for more than is kept gets the gap and the screen', async () => {
  const machine = machineUnderTest()
  const app = connectApp(machine.accept, { app: 'one' })
  const witness = connectApp(machine.accept, { app: 'witness' })
  const terminal = await app.open()
  app.attach(terminal)
  witness.attach(terminal)
  await until(() => [app, witness].every((each) => each.seen(terminal).snapshots.length > 0))
  const has = app.seen(terminal).from + app.seen(terminal).bytes.length
  app.type(terminal, 0, 'seq 1 300000; echo E""ND\n')
  await app.heard('applied')
  app.cut()
  await until(() => textOf(witness.seen(terminal).bytes.subarray(-50)).includes('END\r\n'))
  const again = connectApp(machine.accept, { app: 'one' })
  again.attach(terminal, { from: has })
  const gap = await again.heard('gap')
  expect(gap.from).toBe(has)
  await until(() => again.seen(terminal).snapshots.length > 0)
  expect(again.seen(terminal).snapshots[0]?.offset).toBe(gap.to)
  const order = again.messages.map(({ type }) => type).filter((type) => /attached|gap|snapshot/.test(type))
  expect(order).toEqual(['attached', 'gap', 'snapshot'])
})

it('who was away while the size changed gets the screen drawn for it, and no gap, since nothing is lost', async () => {
  const machine = machineUnderTest()
  const [phone, desk] = [
    connectApp(machine.accept, { app: 'phone' }),
    connectApp(machine.accept, { app: 'desk' }),
  ]
  const terminal = await phone.open()
  phone.attach(terminal)
  await until(() => phone.seen(terminal).snapshots.length > 0)
  phone.type(terminal, 0, 'echo before\n')
  await until(() => textOf(phone.seen(terminal).bytes).includes('before\r\n$ '))
  const { end } = phone.seen(terminal)
  phone.cut()
  desk.attach(terminal, { size: { cols: 120, rows: 40 } })
  await until(() => desk.seen(terminal).snapshots.length > 0)
  desk.type(terminal, 0, 'echo between\n')
  await until(() => textOf(desk.seen(terminal).bytes).includes('between\r\n$ '))
  desk.say({ type: 'takeSize', terminal, cols: 100, rows: 30 })
  await desk.heard('terminal', ({ cols }) => cols === 100)
  const again = connectApp(machine.accept, { app: 'phone' })
  again.attach(terminal, { from: end })
  await until(() => again.seen(terminal).snapshots.length > 0)
  expect(again.seen(terminal).snapshots[0]).toMatchObject({ cols: 100, rows: 30 })
  expect(again.messages.some(({ type }) => type === 'gap')).toBe(false)
})

it('a snapshot never has another size than the one told last', async () => {
  const app = connectApp(machineUnderTest().accept)
  const terminal = await app.open({ cols: 80, rows: 24 })
  app.attach(terminal, { size: { cols: 40, rows: 20 } })
  await until(() => app.seen(terminal).snapshots.length > 0)
  const inOrder = app.messages.filter((message) => message.type === 'terminal' || message.type === 'snapshot')
  expect(inOrder.at(-1)).toMatchObject({ type: 'snapshot', cols: 40, rows: 20 })
})

it('an offset that this terminal never had gets the screen, without a gap', async () => {
  const machine = machineUnderTest()
  const app = connectApp(machine.accept)
  const terminal = await app.open()
  app.attach(terminal, { from: 999_999_999 })
  await until(() => app.seen(terminal).snapshots.length > 0)
  expect(app.messages.some(({ type }) => type === 'gap')).toBe(false)
})

it(`typed input arrives once and in order, however often it is sent again (seed ${SEED})`, async () => {
  const random = randomFrom(SEED + 1)
  const machine = machineUnderTest()
  const witness = connectApp(machine.accept, { app: 'witness' })
  const terminal = await witness.open()
  witness.attach(terminal)
  await until(() => witness.seen(terminal).snapshots.length > 0)
  witness.type(terminal, 0, 'stty raw -echo; echo REA""DY; head -c 20000 | sha256sum; stty sane\n')
  await until(() => textOf(witness.seen(terminal).bytes).includes('READY'))
  const typed = Uint8Array.from({ length: 20_000 }, () => 97 + random(26))
  let known = 0
  while (known < typed.length) {
    const app = connectApp(machine.accept, { app: 'typist' })
    app.attach(terminal, { writer: 'cd'.repeat(16) })
    known = (await app.heard('attached')).applied
    typeSomeTwice(app, terminal, typed, known, random)
    await sleep(random(15))
    app.cut()
  }
  const { createHash } = await import('node:crypto')
  await until(() =>
    textOf(witness.seen(terminal).bytes).includes(createHash('sha256').update(typed).digest('hex')),
  )
})

function typeSomeTwice(
  app: AppUnderTest,
  terminal: number,
  typed: Uint8Array,
  known: number,
  random: (below: number) => number,
): void {
  let at = known
  for (let piece = 0; piece < 30 && at < typed.length; piece++) {
    const back = Math.max(0, at - random(100))
    const to = Math.min(typed.length, at + random(300))
    app.type(terminal, back, typed.subarray(back, to))
    at = to
  }
}

it('input with a hole before it is not typed, and the app is told', async () => {
  const app = connectApp(machineUnderTest().accept)
  const terminal = await app.open()
  app.attach(terminal)
  await app.heard('attached')
  app.type(terminal, 5, 'echo never\n')
  expect(await app.heard('error')).toMatchObject({ code: 'INPUT_GAP', terminal })
  app.type(terminal, 0, 'echo once\n')
  await until(() => textOf(app.seen(terminal).bytes).includes('once\r\n'))
  expect(textOf(app.seen(terminal).bytes)).not.toContain('never')
})

it("a program's questions are answered once, and resuming types nothing", async () => {
  const machine = machineUnderTest()
  const app = connectApp(machine.accept)
  const terminal = await app.open()
  app.attach(terminal)
  await until(() => app.seen(terminal).snapshots.length > 0)
  const from = app.seen(terminal).from
  const asks = `stty raw -echo; printf 'A\\033[c\\033[6nB'; dd bs=1 count=13 2>/dev/null | od -c; stty sane; echo SA""NE; cat -v\n`
  app.type(terminal, 0, asks)
  await until(() => textOf(app.seen(terminal).bytes).includes('SANE\r\n'))
  expect(textOf(app.seen(terminal).bytes)).toMatch(/033 {3}\[ {3}\? {3}1 {3}; {3}2 {3}c +033/)
  for (let time = 0; time < 3; time++) {
    const again = connectApp(machine.accept, { app: `again ${time}` })
    again.attach(terminal, { from, writer: WRITER })
    await until(() => textOf(again.seen(terminal).bytes).includes('SANE\r\n'))
    again.cut()
  }
  const before = app.seen(terminal).bytes.length
  // An answer that was typed a second time would have come back before this.
  const last = connectApp(machine.accept, { app: 'last' })
  last.attach(terminal, { writer: WRITER })
  const { applied } = await last.heard('attached')
  last.type(terminal, applied, 'end\n')
  const drawn = () => textOf(app.seen(terminal).bytes.subarray(before))
  await until(() => drawn().endsWith('end\r\nend\r\n'))
  expect(drawn()).toBe('end\r\nend\r\n')
})
