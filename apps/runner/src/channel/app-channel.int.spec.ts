import { CloseReason } from '@latchkey/protocol/terminal/frames'
import { encodePlaintext, Stream } from '@latchkey/protocol/terminal/streams'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { connectApp, textOf, until } from '../testing/app-under-test.ts'
import { machineUnderTest } from '../testing/machine-under-test.ts'

it('is welcomed with what the machine is and has', async () => {
  const machine = machineUnderTest()
  const first = connectApp(machine.accept, { app: 'first' })
  const terminal = await first.open()
  first.say({ type: 'rename', terminal, name: 'build\u202e\x07' })
  await first.heard('terminal', ({ name }) => name === 'build')
  const second = connectApp(machine.accept, { app: 'second' })
  expect(await second.heard('welcome')).toMatchObject({
    machine: 'machine',
    shell: 'sh',
    you: 'second',
    mayType: true,
    terminals: [{ terminal, name: 'build', exit: null }],
  })
})

it('an app that opens a terminal may watch it from its first byte, without asking again', async () => {
  const app = connectApp(machineUnderTest().accept)
  await app.heard('welcome')
  app.say({ type: 'open', request: 7, cols: 90, rows: 20, writer: 'ab'.repeat(16) })
  const { terminal, watched } = await app.heard('opened', ({ request }) => request === 7)
  expect(watched).toBe(true)
  expect(await app.heard('attached')).toMatchObject({ terminal, applied: 0 })
  await app.heard('snapshot', (snapshot) => snapshot.terminal === terminal)
  const types = app.messages.map(({ type }) => type)
  expect(types.indexOf('opened')).toBeLessThan(types.indexOf('attached'))
  app.say({ type: 'open', request: 8, cols: 90, rows: 20 })
  expect(await app.heard('opened', ({ request }) => request === 8)).not.toHaveProperty('watched')
})

it('an app of another version is told who has to be updated', async () => {
  const app = connectApp(machineUnderTest().accept, { greet: false })
  app.say({ type: 'hello', version: 999, label: 'from the future' })
  expect((await app.heard('error')).message).toContain('Update the machine')
  await until(() => app.closedWith !== null)
})

it.each([
  ['nothing at all', new Uint8Array(0)],
  ['an unknown stream', Uint8Array.of(99, 0, 0, 0, 0, 0, 0, 0, 0)],
  [
    'a message that is none',
    encodePlaintext({ stream: Stream.control, seq: 0, bytes: Uint8Array.of(1, 0, 9) }),
  ],
  [
    'output, which only machines have',
    encodePlaintext({ stream: Stream.output, seq: 0, terminal: 1, bytes: new Uint8Array(1) }),
  ],
  [
    'a size of nothing',
    encodePlaintext({ stream: Stream.resize, seq: 0, terminal: 1, bytes: new Uint8Array(4) }),
  ],
])('%s ends this channel, and no other', async (_what, payload) => {
  const machine = machineUnderTest()
  const [bad, good] = [
    connectApp(machine.accept, { app: 'bad' }),
    connectApp(machine.accept, { app: 'good' }),
  ]
  await Promise.all([bad.heard('welcome'), good.heard('welcome')])
  bad.raw(payload)
  await until(() => bad.closedWith === CloseReason.malformed)
  good.say({ type: 'ping', id: 5 })
  expect(await good.heard('pong')).toEqual({ type: 'pong', id: 5 })
  expect(good.closedWith).toBeNull()
})

it('nothing is done for an app that has not said hello, or says it twice', async () => {
  const machine = machineUnderTest()
  const rude = connectApp(machine.accept, { greet: false })
  rude.say({ type: 'open', request: 1, cols: 80, rows: 24 })
  await until(() => rude.closedWith === CloseReason.malformed)
  expect(machine.terminals.list).toEqual([])
  const twice = connectApp(machine.accept)
  twice.say({ type: 'hello', version: 1, label: 'again' })
  await until(() => twice.closedWith === CloseReason.malformed)
})

it('an app that may only look can look, and neither types nor changes anything', async () => {
  const machine = machineUnderTest({ viewOnly: true })
  const opened = await machine.terminals.open(undefined, { cols: 80, rows: 24 })
  if (!opened.ok) throw new Error(opened.message)
  const terminal = opened.terminal.number
  const app = connectApp(machine.accept)
  expect((await app.heard('welcome')).mayType).toBe(false)
  app.attach(terminal, { size: { cols: 10, rows: 5 } })
  await until(() => app.seen(terminal).snapshots.length > 0)
  app.say({ type: 'open', request: 3, cols: 80, rows: 24 })
  app.say({ type: 'close', terminal }, { type: 'rename', terminal, name: 'mine' })
  app.say({ type: 'takeSize', terminal, cols: 10, rows: 5 })
  app.type(terminal, 0, 'echo typed\n')
  app.resize(terminal, { cols: 10, rows: 5 })
  app.say({ type: 'ping', id: 1 })
  await app.heard('pong')
  expect(app.messages.filter((message) => message.type === 'error').map(({ code }) => code)).toEqual(
    Array.from({ length: 5 }, () => 'VIEW_ONLY'),
  )
  expect(machine.terminals.list).toMatchObject([
    { terminal, name: 'Terminal 1', cols: 80, rows: 24, owner: null },
  ])
  expect(textOf(app.seen(terminal).bytes)).not.toContain('typed')
})

it('what is asked of a terminal that is no more is refused, and the channel goes on', async () => {
  const app = connectApp(machineUnderTest().accept)
  app.attach(4711)
  expect(await app.heard('error', ({ terminal }) => terminal === 4711)).toMatchObject({
    code: 'NO_SUCH_TERMINAL',
  })
  app.type(4712, 0, 'x')
  expect(await app.heard('error', ({ terminal }) => terminal === 4712)).toMatchObject({
    code: 'NO_SUCH_TERMINAL',
  })
  expect(app.closedWith).toBeNull()
})

it('noise of any kind ends at most the channel that makes it', async () => {
  const machine = machineUnderTest()
  const good = connectApp(machine.accept, { app: 'good' })
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 5 }),
      async (payloads) => {
        const noisy = connectApp(machine.accept, { app: 'noisy' })
        for (const payload of payloads) noisy.raw(payload)
        await new Promise((resolve) => setImmediate(resolve))
        noisy.cut()
      },
    ),
    { numRuns: 500 },
  )
  good.say({ type: 'ping', id: 9 })
  await good.heard('pong', ({ id }) => id === 9)
})
