import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KNOWS_RIGHTS } from '@latchkey/e2ee/grant'
import type { ProvedApp } from '@latchkey/e2ee/runner-steps'
import { expect, it, onTestFinished } from 'vitest'
import { Doorkeeper, type DoorkeeperOptions } from './doorkeeper.ts'
import { primitives } from './primitives.ts'
import type { Visitor } from './prompt.ts'
import { capOf, type Rights } from './rights.ts'
import type { SealingEvent } from './sealing-events.ts'

const reachKey = await primitives.agreementKey(randomBytes(32))
const sign = await primitives.signingKey(randomBytes(32))
const opening = { channel: 1, pid: 'ab'.repeat(16), runnerId: 'forge' }
const visitor = (address = '192.0.2.1'): Visitor => ({
  label: 'Pixel 8',
  address,
  refuse: () => {},
  accept: null,
})

async function door(options: Partial<DoorkeeperOptions> = {}) {
  const events: SealingEvent[] = []
  const turnedAway: string[] = []
  const restarted: string[] = []
  const time = { nowMs: 1_000_000 }
  const made = await Doorkeeper.open({
    runner: { runnerId: 'forge', label: 'forge', reachKey, reach: reachKey.publicKey, sign },
    folder: null,
    shares: null,
    fleet: null,
    onTrouble: () => {},
    viewOnly: false,
    randomBytes: (count) => randomBytes(count),
    nowMs: () => time.nowMs,
    onEvent: (event) => events.push(event),
    onTickets: () => {},
    onTurnedAway: (appId) => turnedAway.push(appId),
    onRights: (appId) => restarted.push(appId),
    onRevoked: () => {},
    onRotate: () => {},
    ...options,
  })
  made.codeIs('ABC-123-XYZ')
  onTestFinished(() => made.stop())
  /** An app that has proved itself in this way. */
  const comes = async (method: 'pin' | 'qr', who = visitor(), capabilities = KNOWS_RIGHTS) => {
    const handshake = made.handshake(opening, who)
    const app: ProvedApp = {
      method,
      appKey: randomBytes(32),
      label: 'Pixel 8',
      appId: null,
      resumeKey: null,
      shareId: null,
      certificate: null,
      greetedAtMs: 1,
      capabilities,
    }
    const granted = await made.grant(app, handshake)
    if (typeof granted === 'string') throw new Error(granted)
    return granted
  }
  return { made, events, turnedAway, restarted, time, comes }
}

it('a lock keeps out a QR code as well as a PIN, and lets known apps back', async () => {
  const { made } = await door()
  await made.lock()
  expect(made.ask(visitor())).toBe('locked')
  const { handshake } = made.handshake(opening, visitor())
  const hello = (method: number, rest: number[]) =>
    handshake.hear(
      Uint8Array.from([
        1,
        1,
        1,
        0,
        ...Buffer.from(opening.pid, 'hex'),
        ...randomBytes(16),
        method,
        1,
        1,
        ...rest,
      ]),
      0,
    )
  expect(await hello(2, [1, 65])).toMatchObject({ status: 'ended', refusal: 'locked' })
})

it('ten PINs an hour are shown, whoever asked for them: the last four for two addresses at least', async () => {
  const { made, time } = await door()
  const shown = async (address: string) => {
    const who = visitor(address)
    const refusal = made.ask(who)
    if (refusal !== null) return refusal
    await made.show(who, '123456', 'Pixel 8')
    made.leave(who, 'gone')
    return 'shown'
  }
  const asked: string[] = []
  for (let times = 0; times < 7; times++) asked.push(await shown('192.0.2.1'))
  for (const address of ['192.0.2.2', '192.0.2.3'])
    for (let times = 0; times < 3; times++) asked.push(await shown(address))
  const [six, two] = [6, 2].map((count) => [...Array<string>(count).fill('shown'), 'window-closed'])
  expect(asked).toEqual([six, two, two].flat())
  time.nowMs += 3_600_000
  expect(made.ask(visitor())).toBe(null)
})

it('ten guesses in a row lock the door, and a right one before begins the count anew', async () => {
  const { made, comes } = await door()
  const guess = async () => {
    await made.burn(visitor())
  }
  for (let times = 0; times < 9; times++) await guess()
  await comes('pin')
  for (let times = 0; times < 9; times++) await guess()
  expect(made.locked).toBe(null)
  await guess()
  expect(made.locked).toBe('guessing')
})

it('a link is another one after each use, and with each code', async () => {
  const { made, comes } = await door()
  const first = made.fragment
  await comes('qr')
  const second = made.fragment
  expect(second).not.toBe(first)
  made.codeIs('AAA-AAA-AAA')
  const secretOf = (fragment: string) => fragment.split('.').slice(3).join('.')
  expect(secretOf(made.fragment)).not.toBe(secretOf(second))
})

it('a machine that is only watched grants nobody to type, by PIN or by link', async () => {
  const { comes } = await door({ viewOnly: true })
  for (const method of ['pin', 'qr'] as const)
    expect((await comes(method)).grant.permissions).toMatchObject({ view: true, input: false })
})

it('what its owner decides while a PIN is shown holds for that app alone', async () => {
  const { made, comes } = await door()
  const who = visitor()
  made.ask(who)
  await made.show(who, '123456', 'Pixel 8')
  made.decide(true)
  expect((await comes('qr')).grant.permissions.input, 'another one came by a link').toBe(true)
  expect((await comes('pin', who)).grant.permissions.input).toBe(false)
  made.leave(who, 'sealed')
  expect((await comes('pin')).grant.permissions.input).toBe(true)
})

it('an app that may only look can be given approve or send alone, with its PIN or later', async () => {
  const { made, restarted, comes } = await door()
  const who = visitor()
  made.ask(who)
  await made.show(who, '123456', 'Pixel 8')
  made.decide(true, { approve: true, send: false })
  const { grant, rights, record } = await comes('pin', who)
  expect(grant.permissions).toMatchObject({ input: false, approve: true, send: false })
  expect(rights).toEqual({ type: false, approve: true, send: false })
  await made.giveRights(record.appId, { type: false, approve: false, send: true })
  expect(restarted).toEqual([record.appId])
  expect(made.known[0]).toMatchObject({ mayType: false, mayApprove: false, maySend: true })
})

it('type implies approve and send, and an app of an older release is told neither', async () => {
  const { comes } = await door()
  expect((await comes('qr')).grant.permissions).toMatchObject({ input: true, approve: true, send: true })
  const { grant, rights } = await comes('qr', visitor(), 0)
  expect(grant.permissions).toMatchObject({ input: true, approve: false, send: false })
  expect(rights).toEqual({ type: true, approve: true, send: true })
})

it('what the operator took from a device stays taken, also when its app comes back by its key', async () => {
  let cap: Rights | null = null
  const { made, comes } = await door({ capOf: () => cap })
  const free = await comes('qr')
  expect(free.rights).toEqual({ type: true, approve: true, send: true })
  cap = capOf(['send'])
  const looking = await comes('qr')
  expect(looking.rights).toEqual({ type: false, approve: false, send: true })
  expect(looking.grant.permissions).toMatchObject({ view: true, input: false })
  const { appId } = free.record
  const app = made.book.get(appId)
  const back: ProvedApp = {
    method: 'resume',
    appKey: app?.appKey ?? new Uint8Array(),
    label: 'Pixel 8',
    appId: Uint8Array.from(Buffer.from(appId, 'hex')),
    resumeKey: app?.keys.confirmed ?? null,
    greetedAtMs: 2,
    capabilities: KNOWS_RIGHTS,
    shareId: null,
    certificate: null,
  }
  const granted = await made.grant(back, made.handshake(opening, visitor()))
  expect(granted).toMatchObject({ rights: { type: false, approve: false, send: true } })
  cap = capOf(['type'])
  expect(
    made.known.find(({ app: known }) => known === appId)?.mayType,
    'a later word gives nothing back',
  ).toBe(false)
})

it('a right that came later stays with the app, in a file that an older release can read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-door-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const { made, comes } = await door({ folder })
  const { record } = await comes('qr')
  await made.giveRights(record.appId, { type: false, approve: true, send: false })
  const written = JSON.parse(readFileSync(join(folder, 'apps.json'), 'utf8'))
  expect(written.apps[0].perms, 'view').toBe(1)
  const { made: next } = await door({ folder })
  expect(next.known[0]).toMatchObject({ mayType: false, mayApprove: true, maySend: false })
})

it('of an app whose keys two have neither comes in, nor finds a way here', async () => {
  const { made, turnedAway, comes } = await door()
  const { record } = await comes('qr')
  expect(made.routeTickets()).toHaveLength(2)
  await made.cloned(Uint8Array.from(Buffer.from(record.appId, 'hex')))
  expect(turnedAway).toEqual([record.appId])
  expect(made.known).toMatchObject([{ standing: 'held' }])
  expect(made.routeTickets(), 'the link’s alone').toHaveLength(1)
})

it('an app that returns with a key which its twin had replaced meanwhile ends both', async () => {
  const { made, turnedAway, comes } = await door()
  const { record } = await comes('qr')
  const twin: ProvedApp = {
    method: 'resume',
    appKey: randomBytes(32),
    label: '',
    appId: Uint8Array.from(Buffer.from(record.appId, 'hex')),
    resumeKey: randomBytes(32),
    shareId: null,
    certificate: null,
    greetedAtMs: 2,
    capabilities: 0,
  }
  expect(await made.grant(twin, made.handshake(opening, visitor()))).toBe('cloned')
  expect(turnedAway).toEqual([record.appId])
  expect(made.known).toMatchObject([{ standing: 'held' }])
})

it('counts that cannot be read lock the door: they are no reason to count from nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-door-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'pairing.json'), '{"version":1,')
  const { made } = await door({ folder })
  expect(made.locked).toBe('guessing')
  await made.unlock()
  expect(made.ask(visitor())).toBe(null)
})
