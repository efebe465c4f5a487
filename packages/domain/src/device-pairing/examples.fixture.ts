import { type Decision, type Instant, instant, invariant } from '../kernel.ts'
import {
  type DeviceId,
  type JoinTokenDigest,
  type PeerTokenDigest,
  type PinDigest,
  parseDeviceId,
  parseJoinTokenDigest,
  parsePeerTokenDigest,
  parsePinDigest,
  parseSessionDigest,
  parseUserCodeDigest,
} from './ids.ts'
import type { Claim, PairingState, Step } from './pairing-state.ts'
import type { Device } from './records.ts'
import { defaultDeviceRules } from './rules.ts'
import {
  connectDevice,
  createToken,
  failPairing,
  type PairingError,
  registerDevice,
  rejectPin,
  verifyPin,
} from './transitions.ts'

/** One state of each kind, and everything that can be asked of a state: for tests, and for the drawing in docs. */

export const T0 = instant(1_700_000_000_000)

export const digestOf = (symbol: string): JoinTokenDigest => named(parseJoinTokenDigest(hexOf(symbol)))
export const peerTokenOf = (symbol: string): PeerTokenDigest => named(parsePeerTokenDigest(hexOf(symbol)))
const hexOf = (symbol: string): string => symbol.repeat(64).slice(0, 64)
export const pinOf = (symbol: string): PinDigest => named(parsePinDigest(symbol.repeat(64)))
export const deviceIdOf = (symbol: string): DeviceId => named(parseDeviceId(symbol.repeat(26)))

export const exampleDevice: Device = {
  id: deviceIdOf('a'),
  name: 'Pixel 8',
  hostname: '192.0.2.17',
  port: null,
  publicKey: 'key',
  roles: ['app', 'runner'],
  isFirst: false,
  createdAt: T0,
  updatedAt: T0,
  lastSeenAt: T0,
  revokedAt: null,
  note: '',
  tags: [],
  appRights: null,
  lastAddress: null,
  toldEnd: null,
  removalAt: null,
}

const pinClaim: Claim = {
  method: 'pin',
  pin: pinOf('1'),
  attempts: 0,
  publicKey: 'key',
  peerToken: peerTokenOf('b'),
  session: named(parseSessionDigest(hexOf('c'))),
}
const consentClaim: Claim = {
  method: 'consent',
  userCode: named(parseUserCodeDigest(hexOf('d'))),
  poll: { client: 'runner-cli', everyMs: 5_000, polledAt: null },
}
const device = (claim: Claim) => ({
  deviceIp: '192.0.2.17',
  deviceNodeId: exampleDevice.id,
  name: 'Pixel 8',
  claim,
})

const created = createToken(
  { token: digestOf('a'), name: null, expiresAt: instant(T0 + defaultDeviceRules.tokenLifeMs) },
  T0,
).state
const connected = stateOf(connectDevice(created, device(pinClaim), T0))
const asking = stateOf(connectDevice(created, device(consentClaim), T0))
const verified = stateOf(
  verifyPin(connected, { by: 'pin', pin: pinOf('1'), sessionHandle: 'dsn_c' }, defaultDeviceRules, T0),
)
const approved = stateOf(verifyPin(asking, { by: 'consent', roles: ['runner'] }, defaultDeviceRules, T0))
const registered = stateOf(
  registerDevice(verified, { node: exampleDevice, peerToken: peerTokenOf('b'), again: false }, T0),
)
const failed = stateOf(failPairing(connected, 'cancelled', T0))

export const exampleStates = {
  TokenCreated: created,
  'DeviceConnected, PIN': connected,
  'DeviceConnected, consent': asking,
  'PinVerified, PIN': verified,
  'PinVerified, consent': approved,
  DeviceRegistered: registered,
  Failed: failed,
} as const satisfies Readonly<Record<string, PairingState>>

export type ExampleCommand = (state: PairingState, now: Instant) => Decision<Step, PairingError>

/** Everything that can be asked of a state, by what it would be called in the drawing. */
export const exampleCommands: Readonly<Record<string, ExampleCommand>> = {
  connect: (state, now) => connectDevice(state, device(pinClaim), now),
  'ask for consent': (state, now) => connectDevice(state, device(consentClaim), now),
  'right PIN': (state, now) =>
    verifyPin(state, { by: 'pin', pin: pinOf('1'), sessionHandle: 'dsn_c' }, defaultDeviceRules, now),
  'wrong PIN': (state, now) => {
    const refused = verifyPin(
      state,
      { by: 'pin', pin: pinOf('2'), sessionHandle: '' },
      defaultDeviceRules,
      now,
    )
    return !refused.ok && refused.refusal.code === 'INVALID_PIN'
      ? rejectPin(state, defaultDeviceRules, now)
      : refused
  },
  'last wrong PIN': (state, now) => rejectPin(state, { ...defaultDeviceRules, attemptsMax: 1 }, now),
  approve: (state, now) => verifyPin(state, { by: 'consent', roles: ['runner'] }, defaultDeviceRules, now),
  register: (state, now) =>
    registerDevice(state, { node: exampleDevice, peerToken: peerTokenOf('b'), again: false }, now),
  cancel: (state, now) => failPairing(state, 'cancelled', now),
  expire: (state, now) => failPairing(state, 'expired', now),
}

function stateOf<State extends PairingState>(step: Decision<Step<State>, PairingError>): State {
  invariant(step.ok, 'an example state is reached')
  return step.value.state
}

function named<T>(name: T | null): T {
  invariant(name !== null, 'an example name is good')
  return name
}
