import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunnerChannel } from '@latchkey/connection/runner/terminal-plane'
import { AppHandshake } from '@latchkey/e2ee/app-handshake'
import type { WayIn } from '@latchkey/e2ee/app-steps'
import { AbortReason, encodeMessage } from '@latchkey/e2ee/messages'
import { parsePairingFragment } from '@latchkey/e2ee/pairing-url'
import { CloseReason } from '@latchkey/protocol/terminal/frames'
import { expect, it, onTestFinished, vi } from 'vitest'
import { loadIdentity } from '../identity.ts'
import { sharedTerminals, shareOrders } from '../sharing/share-orders.ts'
import { connectApp } from '../testing/app-under-test.ts'
import { machineUnderTest } from '../testing/machine-under-test.ts'
import { openFrontDoor } from './front-door.ts'
import { primitives } from './primitives.ts'
import type { SealingEvent } from './sealing-events.ts'

const CODE = 'ABC-123-XYZ'
const key = await primitives.agreementKey(randomBytes(32))

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'latchkey-arrival-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A machine's door without a broker: channels are handed in. */
async function machineDoor(stateFolder: string, allowUnsealed = false) {
  const { serve, closeApp, restartApp, terminals } = machineUnderTest()
  const events: SealingEvent[] = []
  const unpaired: string[] = []
  const hooks = { onTickets: () => {} }
  const front = await openFrontDoor({
    identity: loadIdentity(join(stateFolder, 'identity.json')),
    label: 'machine',
    folder: stateFolder,
    viewOnly: false,
    allowUnsealed,
    serve,
    closeApp,
    restartApp,
    terminals: sharedTerminals(terminals),
    shareOrders: (book) => shareOrders(terminals, book, 'http://127.0.0.1'),
    onRevoked: (sessions) => unpaired.push(...sessions),
    onTickets: () => hooks.onTickets(),
    onRotate: () => {},
    onEvent: (event) => events.push(event),
  })
  onTestFinished(() => front.stop())
  front.heard({ type: 'code', code: CODE, expiresAt: Date.now() + 60_000, serverTime: Date.now() })
  return { ...front, events, unpaired, hooks }
}
type MachineDoor = Awaited<ReturnType<typeof machineDoor>>

/** Another channel to this door, and the messages on it. */
function arrive(
  { accept }: MachineDoor,
  pid: Uint8Array = Uint8Array.from(randomBytes(16)),
  appSessionId = 'an app',
) {
  const heard = { sent: [] as Uint8Array[], closed: [] as CloseReason[] }
  const opening = {
    channel: 1,
    pid: Buffer.from(pid).toString('hex'),
    runnerId: '',
    appSessionId,
    label: 'Old app',
  }
  const channel: RunnerChannel = {
    opening,
    send: (envelope) => void heard.sent.push(Uint8Array.from(envelope)),
    close: (reason) => void heard.closed.push(reason),
  }
  return { pid, heard, listener: accept(channel) }
}

const attemptOf = (runnerId: string, pid: Uint8Array, way: WayIn) =>
  new AppHandshake({ primitives, entropy: randomBytes, runnerId, pid, key, way, capabilities: 0 })

function linkOf({ door }: MachineDoor) {
  const link = parsePairingFragment(door.fragment)
  const runnerId = link?.seal?.runnerId
  if (link === null || link.seal === null || runnerId == null) throw new Error('no whole link')
  return { way: { method: 'qr', label: 'Pixel 8', code: link.code, ...link.seal } as const, runnerId }
}

/** Lets an app in by the pairing URL, and answers with its way back. */
async function letIn(front: MachineDoor) {
  const { way, runnerId } = linkOf(front)
  const { pid, heard, listener } = arrive(front)
  const handshake = attemptOf(runnerId, pid, way)
  for (const message of (await handshake.begin(1_000)).send) listener.onEnvelope(message)
  await vi.waitFor(() => expect(heard.sent).toHaveLength(1))
  const step = await handshake.hear(heard.sent[0] ?? new Uint8Array(0), 1_000)
  if (step.status !== 'open') throw new Error(`not let in: ${step.status}`)
  const { appId, resumeKey } = step.grant
  const back = { method: 'resume', reach: way.reach, appId, resumeKey } as const
  return { runnerId, back, appId, heard }
}

it('who greets and never proves anything is let go: the attempt after ten seconds, the channel after thirty more', async () => {
  const front = await machineDoor(folder())
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const { way, runnerId } = linkOf(front)
  const { pid, heard, listener } = arrive(front)
  const [hello] = (await attemptOf(runnerId, pid, way).begin(1_000)).send
  listener.onEnvelope(hello ?? new Uint8Array(0))
  await vi.advanceTimersByTimeAsync(9_999)
  expect(heard.sent).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(heard.sent).toEqual([encodeMessage(pid, { kind: 'abort', reason: AbortReason.expired })])
  await vi.advanceTimersByTimeAsync(30_000)
  expect(heard.closed).toEqual([CloseReason.malformed])
})

it('however many wait and say nothing, the next one is heard: the oldest make room', async () => {
  const front = await machineDoor(folder())
  const silent = Array.from({ length: 64 }, () => arrive(front))
  expect(silent.flatMap(({ heard }) => heard.closed)).toEqual([])
  await letIn(front)
  expect(silent.map(({ heard }) => heard.closed.length)).toEqual([1, ...silent.slice(1).map(() => 0)])
})

it('one greeting that comes over two channels at once lets nobody in twice', async () => {
  const front = await machineDoor(folder())
  const { runnerId, back } = await letIn(front)
  const one = arrive(front)
  const twin = arrive(front, one.pid)
  const said = (await attemptOf(runnerId, one.pid, back).begin(2_000)).send
  for (const message of said) {
    one.listener.onEnvelope(message)
    twin.listener.onEnvelope(message)
  }
  await vi.waitFor(() => expect([one.heard.sent.length, twin.heard.sent.length]).toEqual([1, 1]))
  const kinds = [one, twin].map(({ heard }) => heard.sent[0]?.[1])
  expect(new Set(kinds), 'one grant, one refusal').toEqual(new Set([6, 7]))
})

it('two that scan one link at once: one comes in, the other hears that it was used', async () => {
  const front = await machineDoor(folder())
  const { way, runnerId } = linkOf(front)
  const two = await Promise.all(
    [arrive(front), arrive(front)].map(async ({ pid, heard, listener }) => {
      const { send } = await attemptOf(runnerId, pid, way).begin(1_000)
      return { heard, listener, send }
    }),
  )
  // Both have said hello under the same secret before either proves anything.
  for (const at of [0, 1])
    for (const { listener, send } of two) listener.onEnvelope(send[at] ?? new Uint8Array(0))
  await vi.waitFor(() => expect(two.map(({ heard }) => heard.sent.length)).toEqual([1, 1]))
  const kinds = two.map(({ heard }) => heard.sent[0]?.[1])
  expect(new Set(kinds), 'one grant, one refusal').toEqual(new Set([6, 7]))
  expect(front.door.known).toHaveLength(1)
})

it('an app that is revoked between its proof and its admission does not come in', async () => {
  const front = await machineDoor(folder())
  const { way, runnerId } = linkOf(front)
  const { pid, heard, listener } = arrive(front)
  front.hooks.onTickets = () => {
    for (const { app } of front.door.known) void front.door.revoke(app, 'lost')
  }
  for (const message of (await attemptOf(runnerId, pid, way).begin(1_000)).send) listener.onEnvelope(message)
  await vi.waitFor(() => expect(heard.closed).toEqual([CloseReason.unpaired]))
  expect(heard.sent).toEqual([])
  expect(front.events.some(({ type }) => type === 'sealed')).toBe(false)
})

it('revoking ends a connection in the same step: no timer runs and nothing is written before', async () => {
  const first = await machineDoor(folder())
  const { appId, heard } = await letIn(first)
  const revoked = first.door.revoke(Buffer.from(appId).toString('hex'), 'lost')
  expect(heard.closed).toEqual([CloseReason.unpaired])
  expect(await revoked).toBe(true)

  const front = await machineDoor(folder(), true)
  const other = await letIn(front)
  const app = plainApp(front, 'old')
  await vi.waitFor(() => expect(whatIsAsked(front)).not.toBe(null))
  front.door.accept(whatIsAsked(front)?.pin ?? '')
  await app.heard('welcome')
  const all = front.ordered({ command: 'revoke-all' })
  expect([other.heard.closed, app.closedWith]).toEqual([[CloseReason.unpaired], CloseReason.unpaired])
  await all
})

it('an app that was revoked is known no more, also when the power went before it was taken out of the file', async () => {
  const stateFolder = folder()
  const front = await machineDoor(stateFolder)
  const { appId } = await letIn(front)
  const path = join(stateFolder, 'apps.json')
  const before = readFileSync(path)
  await front.door.revoke(Buffer.from(appId).toString('hex'), 'lost')
  writeFileSync(path, before)
  const { door } = await machineDoor(stateFolder)
  expect(door.known).toEqual([])
  expect(door.routeTickets(), 'the link’s alone').toHaveLength(1)
})

it('a revocation that could not be written down is said to have failed, holds all the same, and can be said again', async () => {
  const stateFolder = folder()
  const front = await machineDoor(stateFolder)
  const { appId } = await letIn(front)
  const id = Buffer.from(appId).toString('hex')
  // Where the list is drafted nothing can be written.
  mkdirSync(join(stateFolder, 'revoked.new'))
  await expect(front.door.revoke(id, 'lost')).rejects.toThrow('EISDIR')
  expect(front.door.book.get(id)?.standing).toBe('held')
  expect(front.door.book.isRevoked(key.publicKey)).toBe(true)
  rmdirSync(join(stateFolder, 'revoked.new'))
  expect(await front.door.revoke(id, 'lost')).toBe(true)
  const restarted = await machineDoor(stateFolder)
  expect(restarted.door.book.get(id)).toBe(null)
  expect(restarted.door.book.isRevoked(key.publicKey)).toBe(true)
})

/** An app that cannot seal, at this door. */
const plainApp = ({ accept }: MachineDoor, app: string, address = '192.0.2.1') =>
  connectApp(accept, { app, address })
const whatIsAsked = ({ door }: MachineDoor) => door.prompt?.shown ?? null
const refused = { code: 'E2EE_REQUIRED' }

it('an app that cannot seal waits for its owner’s yes, whatever it says, and is then an app like others', async () => {
  const front = await machineDoor(folder(), true)
  const app = plainApp(front, 'old')
  app.say({ type: 'ping', id: 7 }, { type: 'open', request: 1, cols: 80, rows: 24 })
  await app.heard('pong', ({ id }) => id === 7)
  expect(app.messages.map(({ type }) => type)).toEqual(['pong'])
  expect(whatIsAsked(front)).toMatchObject({ unsealed: true, viewOnly: false })
  expect(front.door.accept('not its number')).toBe(false)
  expect(front.door.known).toEqual([])
  expect(front.door.accept(whatIsAsked(front)?.pin ?? '')).toBe(true)
  expect(await app.heard('welcome')).toMatchObject({ mayType: true })
  await app.heard('opened')
  expect(front.door.known).toMatchObject([{ sealed: false, mayType: true, standing: 'welcome' }])
  expect(front.events.findLast(({ type }) => type === 'pin')).toMatchObject({
    pin: null,
    outcome: 'accepted',
  })
  // It is known from now on, as its session.
  app.cut()
  const back = plainApp(front, 'old')
  await back.heard('welcome')
  expect(whatIsAsked(front)).toBe(null)
  expect(front.door.known).toHaveLength(1)
})

it('an app that cannot seal may only look where its owner says so', async () => {
  const front = await machineDoor(folder(), true)
  const app = plainApp(front, 'old')
  await vi.waitFor(() => expect(whatIsAsked(front)).not.toBe(null))
  front.door.decide(true)
  front.door.accept(whatIsAsked(front)?.pin ?? '')
  expect(await app.heard('welcome')).toMatchObject({ mayType: false })
  expect(front.door.known).toMatchObject([{ mayType: false }])
})

it('a lock keeps out apps that cannot seal, and takes the one that waits off the screen', async () => {
  const front = await machineDoor(folder(), true)
  const waits = plainApp(front, 'one')
  await vi.waitFor(() => expect(whatIsAsked(front)).not.toBe(null))
  await front.door.lock()
  expect(await waits.heard('error')).toMatchObject(refused)
  expect(whatIsAsked(front)).toBe(null)
  const late = plainApp(front, 'two')
  expect(await late.heard('error')).toMatchObject(refused)
  expect(front.door.known).toEqual([])
})

it('revoking ends an app that cannot seal at once, by its name, its id, or all: it stays out', async () => {
  for (const revoke of ['one', 'all'] as const) {
    const front = await machineDoor(folder(), true)
    const app = plainApp(front, 'old')
    await vi.waitFor(() => expect(whatIsAsked(front)).not.toBe(null))
    front.door.accept(whatIsAsked(front)?.pin ?? '')
    await app.heard('welcome')
    const [known] = front.door.known
    if (revoke === 'one') await front.door.revoke(known?.app ?? '', 'lost')
    else await front.ordered({ command: 'revoke-all' })
    await vi.waitFor(() => expect(app.closedWith).toBe(CloseReason.unpaired))
    expect(front.door.known).toEqual([])
    expect(front.unpaired).toEqual(['old'])
    expect(front.events.at(-1)).toMatchObject({ type: 'app-standing', standing: 'revoked' })
    const back = plainApp(front, 'old')
    expect(await back.heard('error')).toMatchObject(refused)
  }
})

it('apps that cannot seal are counted with those that are asked for a PIN, one at a time', async () => {
  const front = await machineDoor(folder(), true)
  for (let times = 0; times < 10; times++) {
    // One address alone would not get all ten.
    const app = plainApp(front, `app ${times}`, `192.0.2.${1 + times}`)
    await vi.waitFor(() => expect(whatIsAsked(front)).not.toBe(null))
    const second = plainApp(front, `second ${times}`)
    expect(await second.heard('error')).toMatchObject(refused)
    app.cut()
    await vi.waitFor(() => expect(front.door.prompt).toBe(null))
  }
  const eleventh = plainApp(front, 'eleventh')
  expect(await eleventh.heard('error')).toMatchObject(refused)
  expect(front.events.filter(({ type }) => type === 'prompts-over')).toHaveLength(1)
})

it('an app that cannot seal is not let in without an answer within two minutes, nor where it says too much', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const front = await machineDoor(folder(), true)
  const slow = plainApp(front, 'slow')
  await vi.advanceTimersByTimeAsync(119_999)
  expect(slow.closedWith).toBe(null)
  await vi.advanceTimersByTimeAsync(1)
  expect(slow.closedWith).toBe(CloseReason.malformed)
  const loud = plainApp(front, 'loud')
  await vi.advanceTimersByTimeAsync(1)
  for (let times = 0; times < 300; times++) loud.say({ type: 'detach', terminal: 1 })
  await vi.advanceTimersByTimeAsync(1)
  expect(loud.closedWith).toBe(CloseReason.malformed)
  expect(front.door.known).toEqual([])
})
