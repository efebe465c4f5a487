import { describe, expect, it } from 'vitest'
import { instant, later } from '../kernel.ts'
import { exampleCommands, exampleStates, pinOf, T0 } from './examples.fixture.ts'
import { isExpired, isOpen, methodOf, type PairingState } from './pairing-state.ts'
import { defaultDeviceRules } from './rules.ts'
import { rejectPin, renameDevice, verifyPin } from './transitions.ts'

const rules = defaultDeviceRules
const soon = later(T0, 1_000)

/** The state to which each command leads from each state; a command that is missing here is refused. */
const LEADS: Readonly<Record<string, Readonly<Record<string, PairingState['status']>>>> = {
  TokenCreated: {
    connect: 'DeviceConnected',
    'ask for consent': 'DeviceConnected',
    cancel: 'Failed',
    expire: 'Failed',
  },
  'DeviceConnected, PIN': {
    'right PIN': 'PinVerified',
    'wrong PIN': 'DeviceConnected',
    'last wrong PIN': 'Failed',
    cancel: 'Failed',
    expire: 'Failed',
  },
  'DeviceConnected, consent': { approve: 'PinVerified', cancel: 'Failed', expire: 'Failed' },
  'PinVerified, PIN': { register: 'DeviceRegistered', cancel: 'Failed', expire: 'Failed' },
  'PinVerified, consent': { register: 'DeviceRegistered', cancel: 'Failed', expire: 'Failed' },
  DeviceRegistered: {},
  Failed: {},
}

const every = Object.entries(exampleStates).flatMap(([from, state]) =>
  Object.entries(exampleCommands).map(([name, command]) => [from, name, state, command] as const),
)

/** The commands that a token's time ends, in the states that have one. */
const timed = every.flatMap(([from, name, state, command]) =>
  isOpen(state) && !['cancel', 'expire'].includes(name)
    ? [[from, name, state, command, state.expiresAt] as const]
    : [],
)

describe('every command in every state', () => {
  it.each(every)('%s: %s', (from, name, state, command) => {
    const to = LEADS[from]?.[name]
    // One change, one version.
    const moved = { status: to, token: state.token, version: state.version + 1 }
    expect(command(state, soon)).toMatchObject(
      to === undefined
        ? { ok: false, refusal: { code: 'INVALID_TRANSITION', from: state.status } }
        : { ok: true, value: { state: moved } },
    )
  })

  it.each(timed)('%s: %s is refused from the deadline on, not later', (_, __, state, command, endsAt) => {
    const before = command(state, later(endsAt, -1))
    expect(command(state, endsAt)).toMatchObject(
      before.ok ? { ok: false, refusal: { code: 'TOKEN_EXPIRED' } } : { ok: false },
    )
  })

  it('only what failed is expired when it has ended, whatever the time', () => {
    const { DeviceRegistered, Failed } = exampleStates
    expect([isOpen(DeviceRegistered), isOpen(Failed)]).toEqual([false, false])
    expect([isExpired(DeviceRegistered, soon), isExpired(Failed, T0)]).toEqual([false, true])
  })
})

describe('a failed pairing', () => {
  it('keeps why, and the state in which it failed', () => {
    const { TokenCreated: state } = exampleStates
    expect(exampleCommands['expire']?.(state, soon)).toMatchObject({
      value: { state: { status: 'Failed', reason: 'expired', stateAtFailure: state, failedAt: soon } },
    })
  })
})

describe('the PIN', () => {
  it('may be wrong four times; the fifth ends the pairing, and then the right one is of no use', () => {
    let state: PairingState = exampleStates['DeviceConnected, PIN']
    const left: unknown[] = []
    for (let attempt = 1; attempt <= rules.attemptsMax; attempt++) {
      const step = rejectPin(state, rules, soon)
      if (!step.ok) throw new Error(step.refusal.code)
      state = step.value.state
      left.push(
        step.value.events.map((event) => (event.type === 'PinRejected' ? event.attemptsLeft : event.type)),
      )
    }
    expect(left).toEqual([[4], [3], [2], [1], [0, 'PairingFailed']])
    expect(state).toMatchObject({ status: 'Failed', reason: 'too-many-attempts' })
    const right = verifyPin(state, { by: 'pin', pin: pinOf('1'), sessionHandle: '' }, rules, soon)
    expect(right).toMatchObject({ ok: false, refusal: { from: 'Failed', to: 'PinVerified' } })
  })

  it('changes nothing by being wrong but the count: the token, its deadline and the device stay', () => {
    const state = exampleStates['DeviceConnected, PIN']
    const step = rejectPin(state, rules, soon)
    expect(step).toMatchObject({
      value: { state: { ...state, claim: { ...state.claim, attempts: 1 }, version: state.version + 1 } },
    })
  })
})

it('a device may call itself otherwise while it waits, but not against the operator', () => {
  const state = exampleStates['DeviceConnected, PIN']
  expect(renameDevice(state, 'Other')).toEqual({ ...state, name: 'Other', version: state.version + 1 })
  expect(renameDevice(state, state.name)).toBe(state)
  const named = { ...state, namedBy: 'operator' as const }
  expect(renameDevice(named, 'Other')).toBe(named)
})

it('no event holds a PIN, a key or the digest of a secret other than the token’s own', () => {
  for (const [, , state, command] of every) {
    const step = command(state, soon)
    if (!step.ok) continue
    const text = JSON.stringify(step.value.events)
    for (const secret of [pinOf('1'), pinOf('2'), 'b'.repeat(64), 'c'.repeat(64), 'd'.repeat(64), 'key'])
      expect(text).not.toContain(secret)
  }
})

it('an approval that nobody fetches is over after a minute', () => {
  const state = exampleStates['PinVerified, consent']
  expect(isExpired(state, instant(T0 + 59_999))).toBe(false)
  expect(isExpired(state, instant(T0 + 60_000))).toBe(true)
})

it('says by what the device is to be let in', () => {
  expect(methodOf(exampleStates.TokenCreated)).toBe('pin')
  expect(methodOf(exampleStates['DeviceConnected, consent'])).toBe('consent')
  expect(methodOf(exampleStates['PinVerified, consent'])).toBe('consent')
  expect(methodOf(exampleStates['PinVerified, PIN'])).toBe('pin')
})
