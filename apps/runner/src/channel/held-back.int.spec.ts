import type { AcceptChannel } from '@latchkey/connection/runner/terminal-plane'
import { CloseReason } from '@latchkey/protocol/terminal/frames'
import { expect, it, onTestFinished, vi } from 'vitest'
import { type AppUnderTest, connectApp, textOf, until } from '../testing/app-under-test.ts'
import { machineUnderTest } from '../testing/machine-under-test.ts'
import { GONE_AFTER_MS, SILENT_AFTER_MS } from './freshness.ts'
import { type AppEnvelope, openEnvelope } from './guest.ts'

const OTHER_WRITER = 'cd'.repeat(16)

const guest = {
  handle: 'phone',
  appId: 'ab'.repeat(16),
  sealed: true,
  label: 'phone',
  mayType: true,
  mayApprove: true,
  maySend: true,
  knownSinceMs: 0,
  only: null,
}

/** A machine, and one app that it knows by its keys; what the keys are for is tested elsewhere. */
async function knownApp(envelope: AppEnvelope = openEnvelope) {
  const machine = machineUnderTest()
  const accept: AcceptChannel = (channel) => machine.serve(channel, { ...guest, envelope })
  const connect = () => connectApp(accept)
  const app = connect()
  const terminal = await app.open()
  app.attach(terminal)
  await app.heard('attached')
  return { machine, connect, app, terminal }
}

/** Types on `app` and waits for the echo: all that came before it has been typed by then, if it ever is. */
async function printed(app: AppUnderTest, terminal: number, from: number): Promise<string> {
  app.type(terminal, from, 'echo WIT""NESS\n')
  await until(() => textOf(app.seen(terminal).bytes).includes('WITNESS\r\n'))
  return textOf(app.seen(terminal).bytes)
}

const clock = { aheadMs: 0 }
const now = performance.now.bind(performance)
vi.spyOn(performance, 'now').mockImplementation(() => now() + clock.aheadMs)
/** So much time goes by at once, as far as this process can tell. */
const timePasses = (ms: number): void => void (clock.aheadMs += ms)

it('an app that may only look is told that it may send files, if it may', async () => {
  const machine = machineUnderTest()
  for (const maySend of [true, false]) {
    const rights = { ...guest, mayType: false, mayApprove: false, maySend }
    const app = connectApp((channel) => machine.serve(channel, { ...rights, envelope: openEnvelope }))
    expect(await app.heard('welcome')).toMatchObject({ mayType: false, maySend })
  }
})

it('what a relay held back on an earlier channel is not typed once the app goes on over another one', async () => {
  const { connect, app, terminal } = await knownApp()
  const later = connect()
  later.attach(terminal)
  expect((await later.heard('attached')).applied).toBe(0)
  app.type(terminal, 0, 'echo HELD""BACK\n')
  await until(() => app.closedWith !== null)
  expect(app.closedWith).toBe(CloseReason.restarting)
  expect(await printed(later, terminal, 0)).not.toContain('HELD')
})

it('what was discarded is not typed, though the relay held back the very attachment it follows', async () => {
  const { connect, app, terminal } = await knownApp()
  const later = connect()
  later.say({
    type: 'attach',
    terminal,
    writer: 'ef'.repeat(16),
    from: null,
    cols: 80,
    rows: 24,
    gaveUp: [OTHER_WRITER],
  })
  await later.heard('attached')
  app.attach(terminal, { writer: OTHER_WRITER })
  app.type(terminal, 0, 'echo HELD""BACK\n')
  await until(() => app.closedWith !== null)
  const typing = connect()
  typing.attach(terminal, { writer: '01'.repeat(16) })
  await typing.heard('attached')
  expect(await printed(typing, terminal, 0)).not.toContain('HELD')
})

it('a window of the same app that types as another writer is left alone', async () => {
  const { connect, app, terminal } = await knownApp()
  const other = connect()
  other.attach(terminal, { writer: OTHER_WRITER })
  await other.heard('attached')
  expect(await printed(app, terminal, 0)).toContain('WITNESS')
  expect(other.closedWith).toBe(null)
})

it('after a silence nothing acts, and the channel ends: the app goes on over another with what was not typed', async () => {
  const acts: ((app: AppUnderTest, terminal: number) => void)[] = [
    (app, terminal) => app.type(terminal, 0, 'echo HELD""BACK\n'),
    (app, terminal) => app.resize(terminal, { cols: 33, rows: 11 }),
    (app, terminal) => app.say({ type: 'close', terminal }),
    (app, terminal) => app.say({ type: 'rename', terminal, name: 'other' }),
    (app, terminal) => app.say({ type: 'takeSize', terminal, cols: 33, rows: 11 }),
    (app) => app.say({ type: 'open', request: 9, cols: 80, rows: 24 }),
  ]
  for (const act of acts) {
    const { machine, connect, app, terminal } = await knownApp()
    const [before] = machine.terminals.list
    timePasses(SILENT_AFTER_MS)
    // Held back together: that something else comes first changes nothing.
    app.say({ type: 'ping', id: 1 })
    act(app, terminal)
    await until(() => app.closedWith !== null)
    expect(app.closedWith).toBe(CloseReason.restarting)
    const later = connect()
    later.attach(terminal)
    expect((await later.heard('attached')).applied).toBe(0)
    expect(await printed(later, terminal, 0)).not.toContain('HELD')
    const { owner: _, watchers: __, ...after } = machine.terminals.list[0] ?? { owner: null, watchers: [] }
    expect(before).toMatchObject(after)
    expect(machine.terminals.list).toHaveLength(1)
  }
})

it('an app that hears is believed again after a silence', async () => {
  const { app, terminal } = await knownApp()
  timePasses(SILENT_AFTER_MS)
  app.say({ type: 'ping', id: 1 })
  const { mark } = await app.heard('pong')
  app.say({ type: 'ping', id: 2, heard: mark ?? -1 })
  expect(await printed(app, terminal, 0)).toContain('WITNESS')
  expect(app.closedWith).toBe(null)
})

it('a channel on which nothing comes any more ends', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const machine = machineUnderTest()
  const app = connectApp((channel) => machine.serve(channel, { ...guest, envelope: openEnvelope }))
  await vi.advanceTimersByTimeAsync(GONE_AFTER_MS - 1)
  app.say({ type: 'ping', id: 1 })
  await vi.advanceTimersByTimeAsync(GONE_AFTER_MS - 1)
  expect(app.closedWith).toBe(null)
  await vi.advanceTimersByTimeAsync(1)
  expect(app.closedWith).toBe(CloseReason.restarting)
})

it('what comes under keys that are overdue is not typed', async () => {
  const keys = { overdue: false }
  const envelope = {
    ...openEnvelope,
    get isStale() {
      return keys.overdue
    },
  }
  const { connect, app, terminal } = await knownApp(envelope)
  keys.overdue = true
  app.type(terminal, 0, 'echo HELD""BACK\n')
  await until(() => app.closedWith !== null)
  keys.overdue = false
  const later = connect()
  later.attach(terminal)
  expect((await later.heard('attached')).applied).toBe(0)
  expect(await printed(later, terminal, 0)).not.toContain('HELD')
})
