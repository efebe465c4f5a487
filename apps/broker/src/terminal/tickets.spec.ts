import { randomBytes } from 'node:crypto'
import { invariant } from '@latchkey/domain/kernel'
import { parseAppSessionId, parseRunnerId } from '@latchkey/domain/runner-pairing/records'
import { TICKET_CHARS_MAX } from '@latchkey/protocol/runner-pairing'
import { describe, expect, it } from 'vitest'
import { InstancePass } from './instance-pass.ts'
import { TICKET_LIFE_MS, type TicketHolder, TicketOffice } from './tickets.ts'

const signingKey = randomBytes(32)
const time = { now: 1_000_000 }
const clock = () => time.now
const office = (nodeId: string, key = signingKey) =>
  new TicketOffice({
    instances: {
      nodeId,
      publicUrlOf: (instance) => (instance === 'near' ? 'https://near.example.com' : null),
    },
    signingKey: key,
    clock,
  })
const runnerId = (text: string) => {
  const id = parseRunnerId(text)
  invariant(id !== null, 'an id')
  return id
}
const appSessionId = (text: string) => {
  const id = parseAppSessionId(text)
  invariant(id !== null, 'an id')
  return id
}
const runner: TicketHolder = { end: 'runner', runnerId: runnerId('runner-1'), epoch: 7 }
const app: TicketHolder = {
  end: 'app',
  appSessionId: appSessionId('app-1'),
  runnerId: runnerId('runner-1'),
  gen: 3,
  pid: 'a'.repeat(32),
  label: 'Pixel 8 📱',
  address: '192.0.2.7',
}

describe('a ticket', () => {
  it.each([runner, app])('says at every broker what it was issued for ($end)', (holder) => {
    const { ticket, expiresAt } = office('here').issue(holder, 'home')
    expect(expiresAt).toBe(time.now + TICKET_LIFE_MS)
    expect(office('elsewhere').read(ticket)).toMatchObject({ holder, node: 'home' })
  })

  it('is for the node where its runner is at home, or for this one when nobody knows', () => {
    const here = office('here')
    expect(here.read(here.issue(runner, 'home').ticket)?.node).toBe('home')
    expect(here.read(here.issue(runner, null).ticket)?.node).toBe('here')
  })

  it('is good once, at the node that it names and at no other', () => {
    const { ticket } = office('elsewhere').issue(app, 'home')
    const home = office('home')
    const shown = home.read(ticket)
    invariant(shown !== null, 'a good ticket')
    expect(office('elsewhere').use(shown)).toBe(false)
    expect(home.use(shown)).toBe(true)
    expect(home.use(shown)).toBe(false)
  })

  it('stays used for as long as it could be shown, however often the list turns', () => {
    const home = office('home')
    // The list turns in the middle of this ticket's life.
    time.now += TICKET_LIFE_MS / 2
    const shown = home.read(home.issue(app, null).ticket)
    invariant(shown !== null, 'a good ticket')
    expect(home.use(shown)).toBe(true)
    for (let passed = 0; passed < TICKET_LIFE_MS; passed += 1_000) {
      expect(home.use(shown)).toBe(false)
      const other = home.read(home.issue(runner, null).ticket)
      invariant(other !== null, 'a good ticket')
      expect(home.use(other)).toBe(true)
      time.now += 1_000
    }
  })

  it('is no longer good after 30 seconds, to the millisecond', () => {
    const home = office('home')
    const { ticket } = home.issue(app, null)
    time.now += TICKET_LIFE_MS - 1
    expect(home.read(ticket)).not.toBeNull()
    time.now += 1
    expect(home.read(ticket)).toBeNull()
  })

  it('that was changed, made with another key, or signed for another purpose is none', () => {
    const home = office('home')
    const bytes = Buffer.from(home.issue(app, null).ticket, 'base64url')
    for (let at = 0; at < bytes.length; at++) {
      const forged = Buffer.from(bytes)
      forged[at] = (forged[at] ?? 0) ^ 1
      expect(home.read(forged.toString('base64url'))).toBeNull()
    }
    expect(home.read(bytes.subarray(0, 32).toString('base64url'))).toBeNull()
    expect(home.read('')).toBeNull()
    expect(home.read(office('home', randomBytes(32)).issue(app, null).ticket)).toBeNull()
    const pass = new InstancePass({ signingKey, clock })
    expect(home.read(pass.issue())).toBeNull()
    expect(pass.isShownBy(home.issue(app, null).ticket)).toBe(false)
  })

  it('says where to show it, when its node has an address of its own', () => {
    expect(office('here').issue(app, 'near').terminalUrl).toBe('wss://near.example.com/terminal')
    expect('terminalUrl' in office('here').issue(app, 'far')).toBe(false)
  })

  it('has room for the longest names that are allowed', () => {
    const longest = {
      ...app,
      appSessionId: appSessionId('中'.repeat(200)),
      runnerId: runnerId('中'.repeat(200)),
      label: '中'.repeat(64),
    }
    const { ticket } = office('here').issue(longest, 'f'.repeat(32))
    expect(ticket.length).toBeLessThan(TICKET_CHARS_MAX)
    expect(office('here').read(ticket)?.holder).toEqual(longest)
  })
})

it("a broker's pass is good at every broker for 30 seconds", () => {
  const made = new InstancePass({ signingKey, clock }).issue()
  const there = new InstancePass({ signingKey, clock })
  expect(there.isShownBy(made)).toBe(true)
  expect(new InstancePass({ signingKey: randomBytes(32), clock }).isShownBy(made)).toBe(false)
  for (const nothing of [undefined, '', 'x', [made]]) expect(there.isShownBy(nothing)).toBe(false)
  time.now += 30_000
  expect(there.isShownBy(made)).toBe(false)
})
