import { CloseReason } from '@latchkey/protocol/terminal/frames'
import { expect, it, onTestFinished } from 'vitest'
import { openEnvelope } from '../channel/guest.ts'
import { connectApp, textOf, until } from '../testing/app-under-test.ts'
import { machineUnderTest } from '../testing/machine-under-test.ts'
import { ShareBook } from './share-book.ts'
import { shareFeature } from './share-feature.ts'
import { sharedTerminals, shareOrders } from './share-orders.ts'

type Machine = ReturnType<typeof machineUnderTest>
const GUEST = 'ee'.repeat(16)
const OWNER = 'aa'.repeat(16)

const rights = { mayType: true, mayApprove: true, maySend: true }
/** A guest as the door lets one in. */
const guestOf = ({ serve }: Machine, only: number, mayType = false, app = GUEST) =>
  connectApp(
    (channel) =>
      serve(channel, {
        ...{ envelope: openEnvelope, handle: app, appId: app, sealed: true, label: 'Firefox' },
        ...{ mayType, mayApprove: false, maySend: false, knownSinceMs: Date.now() + 1, only },
      }),
    { app, features: ['status', 'questions', 'files', 'ports', 'push', 'shares'] },
  )
const ownerOf = ({ serve }: Machine, mayType = true) =>
  connectApp(
    (channel) =>
      serve(channel, {
        ...{ envelope: openEnvelope, handle: OWNER, appId: OWNER, sealed: true, label: 'Pixel 8' },
        ...{ ...rights, mayType, knownSinceMs: 0, only: null },
      }),
    { app: OWNER, features: ['shares'] },
  )

it('a guest sees one terminal from then on, and every other call is refused with a sentence', async () => {
  const machine = machineUnderTest()
  const owner = ownerOf(machine)
  const [shared, other] = [await owner.open(), await owner.open()]
  owner.attach(shared)
  const typed = 'for i in $(seq 200); do echo of-before-$i; done; clear; echo EN""D\n'
  owner.type(shared, 0, typed)
  await until(() => textOf(owner.seen(shared).bytes).includes('END'))
  const guest = guestOf(machine, shared)
  const welcome = await guest.heard('welcome')
  expect(welcome).toMatchObject({ mayType: false, terminals: [{ terminal: shared }] })
  expect(welcome.features).toBeUndefined()
  expect(welcome.terminals.flatMap(({ watchers }) => watchers.map(({ label }) => label))).toEqual([''])
  guest.attach(shared, { from: 0 })
  await guest.heard('snapshot')
  expect(await owner.heard('terminal', ({ watchers }) => watchers.length === 2)).toMatchObject({
    watchers: [{ label: 'Pixel 8' }, { label: 'Firefox', mayType: false, guest: true }],
  })
  guest.say({ type: 'scrollback', terminal: shared, request: 9, lines: 500 })
  await guest.heard('snapshot', ({ kind }) => kind === 'scrollback')
  owner.type(shared, typed.length, 'echo AF""TER\n')
  await until(() => textOf(guest.seen(shared).bytes).includes('AFTER'))
  const shown = [guest.seen(shared).bytes, ...guest.seen(shared).snapshots.map(({ bytes }) => bytes)]
  expect(shown.map(textOf).join('')).not.toContain('of-before-1\r')

  const size = { cols: 40, rows: 10 }
  guest.say(
    { type: 'open', request: 1, ...size },
    { type: 'close', terminal: shared },
    { type: 'rename', terminal: shared, name: 'mine' },
    { type: 'takeSize', terminal: shared, ...size },
    { type: 'record', terminal: shared, on: true },
    { type: 'front', terminal: other },
    {
      type: 'shareTerminal',
      request: 2,
      terminal: other,
      ...{ mayType: true, history: true, forMs: 60_000, guestsMax: 9 },
    },
    { type: 'attach', terminal: other, writer: 'cd'.repeat(16), from: null, ...size },
  )
  guest.resize(shared, size)
  guest.type(shared, 0, 'echo typed-by-guest\n')
  guest.say({ type: 'ping', id: 5 })
  await guest.heard('pong')
  const told = guest.messages.flatMap((each) => (each.type === 'error' ? [each.code] : []))
  expect(told).toEqual([...Array(5).fill('NOT_SHARED'), 'NO_SUCH_TERMINAL', 'VIEW_ONLY'])
  expect(machine.terminals.list).toMatchObject([
    { terminal: shared, name: 'Terminal 1', cols: 80, rows: 24 },
    { terminal: other, name: 'Terminal 2' },
  ])
  expect(guest.messages.some(({ type }) => type === 'status' || type === 'shares')).toBe(false)
  expect(textOf(owner.seen(shared).bytes)).not.toContain('typed-by-guest')
})

it('a guest who may type types in that terminal alone, and does not change its size', async () => {
  const machine = machineUnderTest()
  const owner = ownerOf(machine)
  const [shared, other] = [await owner.open(), await owner.open()]
  owner.attach(shared)
  const guest = guestOf(machine, shared, true)
  guest.attach(shared, { size: { cols: 40, rows: 10 } })
  await guest.heard('attached')
  guest.type(shared, 0, 'echo by-""guest\n')
  await until(() => textOf(owner.seen(shared).bytes).includes('by-guest'))
  guest.type(other, 0, 'exit\n')
  guest.say({ type: 'open', request: 1, cols: 80, rows: 24 })
  await guest.heard('error', ({ code }) => code === 'NOT_SHARED')
  expect(machine.terminals.list).toMatchObject([{ cols: 80, rows: 24 }, { exit: null }])
})

function bookOf(machine: Machine, clock: { nowMs: number }) {
  let drawn = 0
  const book = new ShareBook({
    ...{ folder: null, runnerId: 'r-7f3a', reach: new Uint8Array(32) },
    terminals: sharedTerminals(machine.terminals),
    randomBytes: (byteCount) => new Uint8Array(byteCount).fill(++drawn),
    nowMs: () => clock.nowMs,
    onTurnedAway: machine.closeApp,
    onTickets: () => {},
    onTrouble: (problem) => {
      throw problem
    },
  })
  onTestFinished(() => book.stop())
  return book
}
const arriving = (shareId: Uint8Array, key: number, greetedAtMs = key) => ({
  ...{
    method: 'share' as const,
    shareId,
    label: 'Firefox',
    appId: null,
    resumeKey: null,
    capabilities: 0,
    certificate: null,
  },
  ...{ appKey: new Uint8Array(32).fill(key), greetedAtMs },
})

it('an app that may type makes links, sees their guests, and ends them; one that looks does not', async () => {
  let book: ShareBook | null = null
  const machine = machineUnderTest({ features: [shareFeature(() => book)] })
  const shares = bookOf(machine, { nowMs: Date.now() })
  book = shares
  const owner = ownerOf(machine)
  const terminal = await owner.open()
  const wish = { mayType: false, history: false, forMs: 3_600_000, guestsMax: 1 }
  const looking = ownerOf(machine, false)
  looking.say({ type: 'shareTerminal', request: 1, terminal, ...wish }, { type: 'ping', id: 1 })
  await looking.heard('pong')
  expect(looking.messages.filter(({ type }) => type.startsWith('share'))).toEqual([])
  owner.say({ type: 'shareTerminal', request: 1, terminal, ...wish })
  const { share, fragment } = await owner.heard('shared')
  expect(fragment.split('.').slice(0, 2)).toEqual(['1', 'r-7f3a'])
  expect((await owner.heard('shares')).shares).toMatchObject([
    { share, terminal, mayType: false, guests: [] },
  ])
  const admitted = await shares.admit(arriving(Buffer.from(share, 'hex'), 1))
  if (typeof admitted === 'string') throw new Error(admitted)
  await owner.heard('shares', ({ shares: [one] }) => one?.guests.length === 1)
  const guest = guestOf(machine, terminal, false, admitted.app)
  owner.say({ type: 'shareTerminal', request: 2, terminal: 65_535, ...wish })
  expect((await owner.heard('shareRefused')).message).toContain('no more')
  const madeAt = owner.messages.length
  owner.say({ type: 'shareEnd', share })
  await until(() => guest.closedWith === CloseReason.unpaired)
  await until(() =>
    owner.messages.some((each, at) => at >= madeAt && each.type === 'shares' && each.shares.length === 0),
  )
  expect(shares.isWelcome(admitted.app)).toBe(false)
  expect(await shares.admit(arriving(Buffer.from(share, 'hex'), 1, 9))).toBe('expired')
})

it('a link ends with its terminal and with its time, and a used link takes its own guest back alone', async () => {
  const clock = { nowMs: Date.now() }
  const machine = machineUnderTest()
  const book = bookOf(machine, clock)
  const orders = shareOrders(machine.terminals, book, 'http://localhost')
  const owner = ownerOf(machine)
  const terminal = await owner.open()
  const open = async (said: string) => {
    const answer = await orders.open({
      terminal: said,
      type: false,
      history: false,
      forMs: 60_000,
      guestsMax: 1,
    })
    if (!answer.ok) return answer.code
    return Buffer.from(answer.shares[0]?.share ?? '', 'hex')
  }
  expect(await open('Terminal 7')).toBe('NO_SUCH_TERMINAL')
  const id = await open('Terminal 1')
  if (typeof id === 'string') throw new Error(id)
  const admit = async (key: number, greetedAtMs: number) => {
    const answer = await book.admit(arriving(id, key, greetedAtMs))
    return typeof answer === 'string' ? answer : answer.app
  }
  const first = await admit(1, 1)
  expect(await admit(1, 1), 'the same greeting again').toBe('replayed')
  expect(await admit(1, 2)).toBe(first)
  expect(await admit(2, 9), 'another browser').toBe('expired')
  clock.nowMs += 60_000
  expect(book.secretOf(id)).toBeNull()
  expect(await admit(1, 3)).toBe('expired')
  expect(orders.end('ffff')).toMatchObject({ ok: false, code: 'NO_SUCH_SHARE' })
  expect(orders.end(null)).toMatchObject({ ok: true, shares: [{ name: 'Terminal 1' }] })
  await open('Terminal 1')
  book.terminalEnded(terminal)
  expect(book.list).toEqual([])
})
