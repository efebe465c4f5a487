import { expect, it } from 'vitest'
import { BEGINNING, connectedApps, evolve, type Fact, pairingUrl, type UpState } from './facts.ts'
import { noteOf } from './program-events.ts'

const phone = { appSessionId: 'a', label: 'Pixel 8', address: '192.168.1.9' }
const after = (...facts: Fact[]): UpState => facts.reduce(evolve, BEGINNING)
const listening: Fact = {
  kind: 'broker-listening',
  at: {
    url: 'http://192.168.1.5:6969',
    port: 6969,
    pageUrl: null,
    addresses: [],
    consoleUrl: 'http://192.168.1.5:6969/console#a',
  },
}

it('an app is counted while it is connected and known until it is unpaired', () => {
  const paired = after({ kind: 'app', action: 'paired', app: phone })
  expect(connectedApps(paired)).toHaveLength(0)
  const joined = evolve(paired, { kind: 'app', action: 'connected', app: phone })
  expect(connectedApps(joined)).toHaveLength(1)
  const left = evolve(joined, { kind: 'app', action: 'disconnected', app: phone })
  expect(left.apps).toHaveLength(1)
  expect(evolve(left, { kind: 'app', action: 'unpaired', app: phone }).apps).toHaveLength(0)
})

it('an app with two windows has left when both are closed', () => {
  const joined: Fact = { kind: 'app', action: 'connected', app: phone }
  const left: Fact = { kind: 'app', action: 'disconnected', app: phone }
  expect(connectedApps(after(joined, joined, left))).toHaveLength(1)
  expect(connectedApps(after(joined, joined, left, left, left))).toHaveLength(0)
})

it('a paired fact that comes after the connection does not hide it', () => {
  const state = after(
    { kind: 'app', action: 'connected', app: phone },
    { kind: 'app', action: 'paired', app: phone },
  )
  expect(connectedApps(state)).toHaveLength(1)
})

it('a dead runner or broker takes connections along, and no terminal', () => {
  const open: Fact = { kind: 'terminals', open: 2 }
  const joined: Fact = { kind: 'app', action: 'connected', app: phone }
  const brokerDied = after(listening, open, joined, { kind: 'died', part: 'broker', retryInMs: 200 })
  expect(brokerDied).toMatchObject({ down: 'broker', openTerminals: 2 })
  expect(connectedApps(brokerDied)).toHaveLength(0)
  expect(evolve(brokerDied, listening).down).toBeNull()
  const died: Fact = { kind: 'died', part: 'runner', retryInMs: 200 }
  expect(after(open, died).openTerminals).toBe(2)
  expect(noteOf(died, after(open), after(open, died))).toBe(
    'The runner has died and is started again. Its terminals go on.',
  )
})

it('the link has a secret only with the code that it belongs to', () => {
  const at = { url: 'http://192.168.1.5:6969', pageUrl: null }
  const of = (fragment: string) => pairingUrl(at, 'K7M-2PQ-X3B', fragment)
  expect(of('1.K7M2PQX3B.reach.secret')).toBe('http://192.168.1.5:6969/p#1.K7M2PQX3B.reach.secret')
  for (const another of ['1.AAAAAAAAA.reach.secret', '1.K7M2PQX3BX.reach.secret', '2.K7M2PQX3B.reach.secret'])
    expect(of(another)).toBe('http://192.168.1.5:6969/p#1.K7M2PQX3B')
})

it('the link has the code without dashes, behind the hash', () => {
  expect(pairingUrl({ url: 'http://192.168.1.5:6969/', pageUrl: null }, 'K7M-2PQ-X3B')).toBe(
    'http://192.168.1.5:6969/p#1.K7M2PQX3B',
  )
})
