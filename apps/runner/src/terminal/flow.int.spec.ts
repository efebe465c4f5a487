import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { STALL_MS_MAX, WINDOW_BYTES_MIN } from '@latchkey/domain/terminal/credit'
import { RING_BYTES_MAX } from '@latchkey/domain/terminal/output-ring'
import { expect, it, onTestFinished, vi } from 'vitest'
import { type AppUnderTest, connectApp, textOf, until } from '../testing/app-under-test.ts'
import { machineUnderTest } from '../testing/machine-under-test.ts'

const received = (app: AppUnderTest, terminal: number) =>
  app.seen(terminal).from + app.seen(terminal).bytes.length

async function watch(app: AppUnderTest, terminal: number): Promise<void> {
  app.attach(terminal)
  await until(() => app.seen(terminal).snapshots.length > 0)
}

const shows = async (app: AppUnderTest, terminal: number, text: string) => {
  await until(() => textOf(app.seen(terminal).bytes).includes(text))
}

/** Prints 4 MB, then leaves a file. */
const printsAndMarks = (marker: string) =>
  `head -c 4000000 /dev/zero | tr "\\0" x; date +%s%N | tee ${marker}\n`

/** Timers of this length go off when the test says so; all others by themselves. */
function heldTimers(ms: number): { goOff(): void } {
  const { setTimeout: set, clearTimeout: clear } = globalThis
  const held = new Map<unknown, () => void>()
  vi.stubGlobal('setTimeout', (run: () => void, delayMs?: number) => {
    if (delayMs !== ms) return set(run, delayMs)
    const timer = set(() => {}, ms)
    held.set(timer, run)
    return timer
  })
  vi.stubGlobal('clearTimeout', (timer: NodeJS.Timeout | undefined) => {
    held.delete(timer)
    clear(timer)
  })
  const restore = () => void vi.unstubAllGlobals()
  onTestFinished(restore)
  return {
    goOff: () => {
      restore()
      for (const run of held.values()) run()
    },
  }
}

it('a viewer that grants nothing is sent no more than the smallest window', async () => {
  const machine = machineUnderTest()
  const app = connectApp(machine.accept, { app: 'stalled', windowBytes: 0 })
  const lively = connectApp(machine.accept, { app: 'lively' })
  const terminal = await app.open()
  await Promise.all([watch(app, terminal), watch(lively, terminal)])
  const { from } = app.seen(terminal)
  app.type(terminal, 0, 'yes\n')
  await until(() => received(lively, terminal) > from + 8 * WINDOW_BYTES_MIN)
  expect(received(app, terminal)).toBe(from + WINDOW_BYTES_MIN)
})

it('a flood with a stalled viewer fills no memory, and the other viewer notices nothing', async () => {
  const machine = machineUnderTest()
  const lively = connectApp(machine.accept, { app: 'lively' })
  const stalled = connectApp(machine.accept, { app: 'stalled', windowBytes: 0 })
  const terminal = await lively.open()
  await Promise.all([watch(lively, terminal), watch(stalled, terminal)])
  lively.seen(terminal).framesMax = 20
  const before = process.memoryUsage().rss
  lively.type(terminal, 0, 'yes\n')
  await until(() => received(lively, terminal) > 4_000_000, 40_000)
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024)
  expect(stalled.seen(terminal).bytes.length).toBeLessThanOrEqual(WINDOW_BYTES_MIN)
  lively.type(terminal, 4, '\x03')
  await shows(lively, terminal, '^C')
  expect(lively.seen(terminal).misplaced).toBe(0)
})

it('a stalled viewer that draws again gets a gap and the screen, then what follows', async () => {
  const machine = machineUnderTest()
  const [lively, stalled] = [
    connectApp(machine.accept, { app: 'lively' }),
    connectApp(machine.accept, { app: 'stalled', windowBytes: 0 }),
  ]
  const terminal = await lively.open()
  await Promise.all([watch(lively, terminal), watch(stalled, terminal)])
  lively.type(terminal, 0, 'seq 1 300000; echo E""ND\n')
  await until(() => textOf(lively.seen(terminal).bytes.subarray(-50)).includes('END\r\n'))
  const has = received(stalled, terminal)
  stalled.seen(terminal).windowBytes = 256 * 1024
  stalled.say({ type: 'credit', terminal, upTo: has + 256 * 1024 })
  const gap = await stalled.heard('gap')
  expect(gap).toMatchObject({ terminal, from: has })
  await until(() => stalled.seen(terminal).snapshots.length === 2)
  expect(stalled.seen(terminal).snapshots[1]?.offset).toBe(gap.to)
  expect(textOf(stalled.seen(terminal).snapshots[1]?.bytes ?? new Uint8Array(0))).toContain('300000')
  lively.type(terminal, 25, 'echo aft""er\n')
  await until(() => textOf(stalled.seen(terminal).bytes).includes('after\r\n'))
  expect(received(stalled, terminal)).toBe(received(lively, terminal))
  expect(stalled.seen(terminal).misplaced).toBe(0)
})

it('a viewer that is behind is told of a change of size where the output has it', async () => {
  const machine = machineUnderTest()
  const lively = connectApp(machine.accept, { app: 'lively' })
  const behind = connectApp(machine.accept, { app: 'behind', windowBytes: 0 })
  const terminal = await lively.open()
  await Promise.all([watch(lively, terminal), watch(behind, terminal)])
  const flood = 'seq 1 20000; echo E""ND\n'
  lively.type(terminal, 0, flood)
  await until(() => textOf(lively.seen(terminal).bytes.subarray(-50)).includes('END\r\n'))
  const has = received(behind, terminal)
  const resizedAt = received(lively, terminal)
  lively.say({ type: 'takeSize', terminal, cols: 33, rows: 11 })
  await lively.heard('terminal', ({ cols }) => cols === 33)
  lively.type(terminal, flood.length, 'echo aft""er\n')
  await shows(lively, terminal, 'after\r\n')
  const toldAt: number[] = []
  const { messages } = behind
  const push = messages.push.bind(messages)
  messages.push = (...told) => {
    if (told.some((each) => each.type === 'terminal' && each.cols === 33))
      toldAt.push(behind.seen(terminal).end)
    return push(...told)
  }
  expect(messages.some((each) => each.type === 'terminal' && each.cols === 33)).toBe(false)
  behind.seen(terminal).windowBytes = 256 * 1024
  behind.say({ type: 'credit', terminal, upTo: has + 256 * 1024 })
  await shows(behind, terminal, 'after\r\n')
  expect(toldAt[0]).toBeGreaterThanOrEqual(resizedAt)
  expect(toldAt[0]).toBeLessThan(received(lively, terminal))
  expect(behind.seen(terminal).snapshots).toHaveLength(1)
})

it('a program waits for its only viewer, but not for more than five seconds', async () => {
  const stalls = heldTimers(STALL_MS_MAX)
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-flow-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const machine = machineUnderTest()
  const stalled = connectApp(machine.accept, { app: 'stalled', windowBytes: 0 })
  const lively = connectApp(machine.accept, { app: 'lively' })
  const [terminal, other] = [await stalled.open(), await lively.open()]
  await Promise.all([watch(stalled, terminal), watch(lively, other)])
  const { from } = stalled.seen(terminal)
  stalled.type(terminal, 0, printsAndMarks(join(folder, 'stalled')))
  await until(() => received(stalled, terminal) === from + WINDOW_BYTES_MIN)
  // A later flood without a waiting viewer has ended long ago.
  lively.seen(other).framesMax = 20
  lively.type(other, 0, printsAndMarks(join(folder, 'lively')))
  await until(() => existsSync(join(folder, 'lively')))
  expect(existsSync(join(folder, 'stalled'))).toBe(false)
  const has = received(stalled, terminal)
  stalls.goOff()
  await until(() => existsSync(join(folder, 'stalled')))
  stalled.seen(terminal).windowBytes = RING_BYTES_MAX
  stalled.say({ type: 'credit', terminal, upTo: has + RING_BYTES_MAX })
  await stalled.heard('gap')
  await until(() => stalled.seen(terminal).snapshots.length === 2)
  const seen = stalled.seen(terminal)
  await until(() => /\d{19}/.test(textOf(seen.snapshots[1]?.bytes ?? seen.bytes) + textOf(seen.bytes)))
})

it('a viewer whose broker has enough queued is sent nothing until it resumes, and loses nothing', async () => {
  const machine = machineUnderTest()
  const app = connectApp(machine.accept, { app: 'paused' })
  const witness = connectApp(machine.accept, { app: 'witness' })
  const terminal = await app.open()
  await Promise.all([watch(app, terminal), watch(witness, terminal)])
  app.pauseByBroker(true)
  const has = received(app, terminal)
  app.type(terminal, 0, 'seq 1 30000; echo E""ND\n')
  await until(() => textOf(witness.seen(terminal).bytes.subarray(-50)).includes('END\r\n'))
  expect(received(app, terminal)).toBe(has)
  app.pauseByBroker(false)
  await until(() => textOf(app.seen(terminal).bytes.subarray(-50)).includes('END\r\n'))
  expect(app.seen(terminal).misplaced).toBe(0)
  expect(textOf(app.seen(terminal).bytes)).toContain('\r\n15000\r\n15001\r\n')
})

it('the last line before an exit arrives also when it came while nobody had credit', async () => {
  const app = connectApp(machineUnderTest().accept, { windowBytes: 0 })
  const terminal = await app.open()
  await watch(app, terminal)
  const { from } = app.seen(terminal)
  app.type(terminal, 0, 'head -c 300000 /dev/zero | tr "\\0" x; echo LA""ST; exit\n')
  await until(() => received(app, terminal) === from + WINDOW_BYTES_MIN)
  app.seen(terminal).windowBytes = 40_000
  app.say({ type: 'credit', terminal, upTo: received(app, terminal) + 40_000 })
  const { offset } = await app.heard('exited')
  expect(received(app, terminal)).toBe(offset)
  expect(textOf(app.seen(terminal).bytes)).toMatch(/xLAST\r\n$/)
})
