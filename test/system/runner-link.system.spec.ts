import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRunnerLink } from '@latchkey/connection/runner/runner-link'
import { received } from '@latchkey/protocol/call'
import { appCalls } from '@latchkey/protocol/runner-pairing'
import { decodeFrame, encodeFrame, FrameType, NO_CHANNEL } from '@latchkey/protocol/terminal/frames'
import { afterEach, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { atCleanUp, cleanUp, type TestBroker, testBroker } from '../../apps/broker/src/testing/harness.ts'
import { type RunnerHost, type RunnerOptions, startRunner } from '../../apps/runner/src/host.ts'
import { loadIdentity, type RunnerIdentity } from '../../apps/runner/src/identity.ts'
import { nodePlatform } from '../../apps/runner/src/node-platform.ts'
import type { RunnerEvent } from '../../apps/runner/src/runner-events.ts'
import { connectApp, textOf, until } from '../../apps/runner/src/testing/app-under-test.ts'
import { endKeeper } from '../../apps/runner/src/testing/keeper-under-test.ts'

afterEach(cleanUp)

interface Running {
  readonly host: RunnerHost
  readonly events: RunnerEvent[]
  /** the newest event of a type; waits until there are `count` of them */
  told<T extends RunnerEvent['type']>(type: T, count?: number): Promise<Extract<RunnerEvent, { type: T }>>
}

function newIdentity(): RunnerIdentity {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-runner-'))
  atCleanUp(() => rmSync(folder, { recursive: true, force: true }))
  return loadIdentity(join(folder, 'identity.json'))
}

async function runner(broker: TestBroker, options: Partial<RunnerOptions> = {}): Promise<Running> {
  const events: RunnerEvent[] = []
  const host = await startRunner({
    brokerUrl: broker.url,
    identity: newIdentity(),
    secret: broker.secret,
    shell: '/bin/sh',
    folder: '/tmp',
    // This app does not seal: these tests judge the link below.
    allowUnsealed: true,
    onEvent: (event) => {
      events.push(event)
      if (event.type === 'pin' && event.pin !== null && event.unsealed) host.accept(event.pin)
    },
    ...options,
  })
  atCleanUp(() => host.stop())
  const told: Running['told'] = async (type, count = 1) => {
    const found = () =>
      events.filter((event): event is Extract<RunnerEvent, { type: typeof type }> => event.type === type)
    await until(() => found().length >= count)
    const last = found().at(-1)
    if (last === undefined) throw new Error('unreachable')
    return last
  }
  return { host, events, told }
}

/** Pairs over the real control wire and opens a channel over the real terminal wire. */
async function pairedApp(broker: TestBroker, code: string) {
  const client = await broker.connect()
  const paired = received(appCalls['app:pair'].reply, await client.call('app:pair', { pairingCode: code }))
  if (paired === null) throw new Error('not paired')
  const { ticket } = paired.terminal
  const socket = new WebSocket(`${broker.url.replace('http', 'ws')}/terminal`, { perMessageDeflate: false })
  atCleanUp(() => socket.terminate())
  await new Promise((resolve) => socket.once('open', resolve))
  let channel = 0
  let receive: (payload: Uint8Array) => void = () => {}
  socket.on('message', (data: Buffer) => {
    const frame = decodeFrame(data)
    if (frame?.type === FrameType.opened) channel = frame.channel
    if (frame?.type === FrameType.data) receive(frame.payload)
  })
  socket.send(encodeFrame(FrameType.data, NO_CHANNEL, Buffer.from(ticket)))
  await until(() => channel > 0)
  // The app under test speaks to whatever carries its envelopes: here the real socket.
  const app = connectApp(({ send }) => {
    receive = send
    return {
      onEnvelope: (payload) => socket.send(encodeFrame(FrameType.data, channel, payload)),
      onPaused: () => {},
      onEnd: () => socket.terminate(),
    }
  })
  return { app, client }
}

it('a machine registers, an app pairs with its code, and types into its shell through the broker', async () => {
  const broker = await testBroker()
  const { told } = await runner(broker)
  const { code, resumed } = await told('registered')
  await told('link')
  expect(resumed).toBe(false)
  const { app } = await pairedApp(broker, code)
  await told('paired')
  await told('connected')
  const terminal = await app.open()
  app.attach(terminal)
  await until(() => app.seen(terminal).snapshots.length > 0)
  app.type(terminal, 0, 'echo $((6*7))\n')
  await until(() => textOf(app.seen(terminal).bytes).includes('\r\n42\r\n'))
  expect(broker.log.join('')).not.toContain('6*7')
})

it('a new code is a rotation: the app that is paired stays, the old code is dead', async () => {
  const broker = await testBroker()
  const { told, host } = await runner(broker)
  const { code } = await told('registered')
  await told('link')
  const { app } = await pairedApp(broker, code)
  await app.heard('welcome')
  host.rotate()
  const fresh = await told('code')
  expect(fresh.code).not.toBe(code)
  app.say({ type: 'ping', id: 1 })
  await app.heard('pong')
  const late = await broker.connect()
  expect(await late.call('app:pair', { pairingCode: code })).toMatchObject({ success: false })
})

it('a code that too many apps found while none got further is replaced by its machine, and they stay paired', async () => {
  const broker = await testBroker({ 'limit-code-finds': '3' })
  const { told, events } = await runner(broker)
  const { code } = await told('registered')
  await told('link')
  const finders = []
  for (let n = 1; n <= 3; n++) {
    expect(events.filter(({ type }) => type === 'code')).toEqual([])
    const client = await broker.connect()
    expect(await client.call('app:pair', { pairingCode: code })).toMatchObject({ success: true })
    finders.push(client)
  }
  const fresh = await told('code')
  expect(fresh.code).not.toBe(code)
  for (const client of finders)
    expect(await client.call('app:pairing:status')).toMatchObject({ paired: true })
  const late = await broker.connect()
  expect(await late.call('app:pair', { pairingCode: code })).toMatchObject({ code: 'CODE_EXPIRED' })
  expect(await late.call('app:pair', { pairingCode: fresh.code })).toMatchObject({ success: true })
})

it('a broker that restarts finds its machine again, with its code, its shells and what they printed', async () => {
  const broker = await testBroker()
  const { told, host } = await runner(broker)
  const { code } = await told('registered')
  await told('link')
  const before = await pairedApp(broker, code)
  const terminal = await before.app.open()
  await broker.restart()
  const again = await told('registered', 2)
  expect(again).toMatchObject({ code, resumed: true })
  await until(() => host.openTerminals === 1)
  await told('link', 3)
  const after = await pairedApp(broker, code)
  after.app.attach(terminal)
  await until(() => after.app.seen(terminal).snapshots.length > 0)
})

it('another process with the same keys takes over, and the first stops for good', async () => {
  const broker = await testBroker()
  const identity = newIdentity()
  const first = await runner(broker, { identity })
  await first.told('registered')
  const second = await runner(broker, { identity })
  await second.told('registered')
  expect(await first.told('failed')).toMatchObject({ code: 'SUPERSEDED' })
})

it('a wrong enrolment secret is final', async () => {
  const broker = await testBroker()
  const { told } = await runner(broker, { secret: 'wrong' })
  expect(await told('failed')).toMatchObject({ code: 'INVALID_SECRET' })
})

it('a machine whose broker is not there yet waits for it', async () => {
  const broker = await testBroker()
  await broker.stop()
  const { told } = await runner(broker)
  expect(await told('waiting')).toMatchObject({ code: 'NETWORK_ERROR' })
  await broker.restart()
  await told('registered')
})

it('a machine that says goodbye is gone at once, and its code with it', async () => {
  const broker = await testBroker()
  const { told, host } = await runner(broker)
  const { code } = await told('registered')
  await host.stop()
  const client = await broker.connect()
  await until(() => broker.log.some((line) => line.includes('runner.gone')))
  expect(await client.call('app:pair', { pairingCode: code })).toMatchObject({
    success: false,
    error: 'CODE_EXPIRED',
  })
})

it('a code that another machine holds is left to it, and a fresh one is drawn', async () => {
  const broker = await testBroker()
  const { code } = await (await runner(broker)).told('registered')
  const codes = [code, code, 'FRE-SHC-0DE']
  const registered: string[] = []
  const link = startRunnerLink({
    brokerUrl: broker.url,
    who: { ...newIdentity(), secret: broker.secret, incarnation: '0'.repeat(32), label: 'second' },
    freshCode: () => codes.shift() ?? 'N0T-MEA-NT0',
    platform: nodePlatform,
    accept: () => {
      throw new Error('nobody pairs here')
    },
    onEvent: (event) => {
      if (event.type === 'registered') registered.push(event.code)
    },
  })
  atCleanUp(() => link.stop())
  await until(() => registered.length > 0)
  expect(registered).toEqual(['FRE-SHC-0DE'])
})

it('a machine trusts the certificate that the broker of its own data folder made for itself', async () => {
  const broker = await testBroker({ https: 'self-signed' })
  const child = startProcess({
    LATCHKEY_BROKER_URL: broker.url.replace('http:', 'https:'),
    LATCHKEY_RUNNER_SECRET: broker.secret,
    LATCHKEY_DATA_DIR: broker.dataDir,
  })
  await until(() => child.told.some(({ event }) => event === 'link'))
  child.process.kill('SIGTERM')
})

it('a runner that ends its terminals leaves no shell behind; killed, it leaves them to the next one', async () => {
  const broker = await testBroker()
  for (const end of ['disconnect', 'SIGTERM', 'SIGKILL'] as const) {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-runner-'))
    atCleanUp(() => rmSync(folder, { recursive: true, force: true }))
    const { process: child, told } = startProcess({
      LATCHKEY_ALLOW_UNSEALED: '1',
      LATCHKEY_BROKER_URL: broker.url,
      LATCHKEY_RUNNER_SECRET: broker.secret,
      LATCHKEY_DATA_DIR: folder,
    })
    await until(() => told.some(({ event }) => event === 'link'))
    const code = told.find(({ event }) => event === 'registered')?.['code']
    const { app } = await pairedApp(broker, String(code))
    const terminal = await app.open()
    app.attach(terminal)
    app.type(terminal, 0, 'echo pid=$$=\n')
    const pid = () => Number(/pid=(\d+)=/.exec(textOf(app.seen(terminal).bytes))?.[1] ?? 0)
    await until(() => pid() > 0)
    const exited = new Promise((resolve) => child.once('exit', resolve))
    if (end === 'disconnect') child.disconnect()
    else child.kill(end)
    await exited
    await until(() => isAlive(pid()) === (end === 'SIGKILL'))
    await endKeeper(join(folder, 'runner'))
    await until(() => !isAlive(pid()))
  }
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** A runner as `up` starts it. */
function startProcess(env: Readonly<Record<string, string>>) {
  const child = fork(new URL('../../apps/cli/dist/bundle/runner.js', import.meta.url).pathname, [], {
    env: { PATH: process.env['PATH'], LATCHKEY_SHELL: '/bin/sh', LATCHKEY_END_TERMINALS: '1', ...env },
  })
  // With time to end its terminals.
  atCleanUp(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  })
  const told: Record<string, unknown>[] = []
  child.on('message', (message) => {
    if (typeof message !== 'object' || message === null) return
    const said: Record<string, unknown> = { ...message }
    told.push(said)
    if (said['event'] === 'pin' && said['unsealed'] === true)
      child.send({ command: 'accept', pin: said['pin'] })
  })
  return { process: child, told }
}
