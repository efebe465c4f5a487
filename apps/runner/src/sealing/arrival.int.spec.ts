import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunnerChannel } from '@latchkey/connection/runner/terminal-plane'
import { AppAttempt } from '@latchkey/e2ee/app-attempt'
import type { WayIn } from '@latchkey/e2ee/app-steps'
import { AbortReason, encodeMessage } from '@latchkey/e2ee/messages'
import { parsePairingFragment } from '@latchkey/e2ee/pairing-link'
import { CloseReason } from '@latchkey/protocol/terminal/frames'
import { expect, it, onTestFinished, vi } from 'vitest'
import { loadIdentity } from '../identity.ts'
import { machineUnderTest } from '../testing/machine-under-test.ts'
import { openFrontDoor } from './front-door.ts'
import { primitives } from './primitives.ts'

const CODE = 'ABC-123-XYZ'
const key = await primitives.agreementKey(randomBytes(32))

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'latchkey-arrival-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A machine's door without a broker: channels are handed in. */
async function machineDoor(stateFolder: string) {
  const { serve, closeApp } = machineUnderTest()
  const front = await openFrontDoor({
    identity: loadIdentity(join(stateFolder, 'identity.json')),
    label: 'machine',
    folder: stateFolder,
    viewOnly: false,
    allowUnsealed: false,
    serve,
    closeApp,
    onRevoked: () => {},
    onTickets: () => {},
    onRotate: () => {},
    onEvent: () => {},
  })
  onTestFinished(() => front.stop())
  front.heard({ type: 'code', code: CODE, expiresAt: Date.now() + 60_000, serverTime: Date.now() })
  return front
}
type MachineDoor = Awaited<ReturnType<typeof machineDoor>>

/** One more channel to this door, and what was heard on it. */
function arrive({ accept }: MachineDoor, pid: Uint8Array = Uint8Array.from(randomBytes(16))) {
  const heard = { sent: [] as Uint8Array[], closed: [] as CloseReason[] }
  const opening = { channel: 1, pid: Buffer.from(pid).toString('hex'), runnerId: '', appSessionId: 'an app' }
  const channel: RunnerChannel = {
    opening,
    send: (envelope) => void heard.sent.push(Uint8Array.from(envelope)),
    close: (reason) => void heard.closed.push(reason),
  }
  return { pid, heard, listener: accept(channel) }
}

const attemptOf = (runnerId: string, pid: Uint8Array, way: WayIn) =>
  new AppAttempt({ primitives, entropy: randomBytes, runnerId, pid, key, way, capabilities: 0 })

function linkOf({ door }: MachineDoor) {
  const link = parsePairingFragment(door.fragment)
  const runnerId = link?.seal?.runnerId
  if (link === null || link.seal === null || runnerId == null) throw new Error('no whole link')
  return { way: { method: 'qr', label: 'Pixel 8', code: link.code, ...link.seal } as const, runnerId }
}

/** Lets an app in by the link, and answers with its way back. */
async function letIn(front: MachineDoor) {
  const { way, runnerId } = linkOf(front)
  const { pid, heard, listener } = arrive(front)
  const attempt = attemptOf(runnerId, pid, way)
  for (const message of (await attempt.begin(1_000)).send) listener.onEnvelope(message)
  await vi.waitFor(() => expect(heard.sent).toHaveLength(1))
  const step = await attempt.hear(heard.sent[0] ?? new Uint8Array(0), 1_000)
  if (step.status !== 'open') throw new Error(`not let in: ${step.status}`)
  const { appId, resumeKey } = step.grant
  return { runnerId, back: { method: 'resume', reach: way.reach, appId, resumeKey } as const, appId }
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
