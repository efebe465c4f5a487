import { accept, type Decision, type Instant, later, refuse } from '../kernel.ts'
import type { PairingEvent, PairingFailure } from './events.ts'
import {
  type DeviceId,
  type JoinTokenDigest,
  type PeerTokenDigest,
  type PinDigest,
  sameDigest,
} from './ids.ts'
import {
  type Claim,
  type DeviceConnected,
  type DeviceRegistered,
  type Failed,
  isExpired,
  isOpen,
  methodOf,
  type PairingState,
  type PairingStatus,
  type PinVerified,
  type Step,
  type TokenCreated,
} from './pairing-state.ts'
import type { AppRight, Device, DeviceRole } from './records.ts'
import type { DeviceRules } from './rules.ts'

/** This state does not lead there. */
export interface InvalidTransition {
  readonly code: 'INVALID_TRANSITION'
  readonly from: PairingStatus
  readonly to: PairingStatus
}
export type PairingError =
  | InvalidTransition
  | { readonly code: 'TOKEN_EXPIRED' }
  | { readonly code: 'INVALID_PIN' }

/** What a device says when it comes, its proof having been checked. */
export interface ConnectingDevice {
  readonly deviceIp: string
  readonly deviceNodeId: DeviceId
  readonly name: string
  readonly claim: Claim
}

/** The first state. */
export const createToken = (
  said: { readonly token: JoinTokenDigest; readonly name: string | null; readonly expiresAt: Instant },
  now: Instant,
): Step<TokenCreated> => ({
  state: { status: 'TokenCreated', ...said, createdAt: now, version: 1 },
  events: [{ type: 'TokenCreated', token: said.token, at: now }],
})

/** TokenCreated to DeviceConnected: the token is spent on this device, and its deadline stays. */
export function connectDevice(
  state: PairingState,
  device: ConnectingDevice,
  now: Instant,
): Decision<Step<DeviceConnected>, PairingError> {
  if (state.status !== 'TokenCreated') return invalid(state, 'DeviceConnected')
  if (isExpired(state, now)) return refuse({ code: 'TOKEN_EXPIRED' })
  const { token, expiresAt } = state
  const { deviceIp, deviceNodeId, claim } = device
  const scanned: PairingEvent = { type: 'DeviceScanned', token, ip: deviceIp, nodeId: deviceNodeId, at: now }
  return accept({
    state: {
      status: 'DeviceConnected',
      token,
      deviceIp,
      deviceNodeId,
      name: state.name ?? device.name,
      namedBy: state.name === null ? 'device' : 'operator',
      claim,
      createdAt: now,
      expiresAt,
      version: state.version + 1,
    },
    events: claim.method === 'pin' ? [scanned, { type: 'PinGenerated', token, at: now }] : [scanned],
  })
}

/** Refusals that are counted: the operator is to see that there were some, not how many a stranger can cause. */
export const TURNED_AWAY_MAX = 10

/** Another device came with the token that this one has spent. Null once enough of them have been counted. */
export function turnAway(
  state: DeviceConnected,
  other: { readonly ip: string; readonly nodeId: DeviceId },
  now: Instant,
): Step<DeviceConnected> | null {
  const turnedAway = (state.turnedAway ?? 0) + 1
  if (turnedAway > TURNED_AWAY_MAX) return null
  return {
    state: { ...state, turnedAway, version: state.version + 1 },
    events: [{ type: 'DeviceTurnedAway', token: state.token, ...other, at: now }],
  }
}

/** A connected device says its name anew. What the operator called it stands. */
export const renameDevice = (state: DeviceConnected, name: string): DeviceConnected =>
  state.namedBy === 'operator' || state.name === name ? state : { ...state, name, version: state.version + 1 }

/** What the operator says of a connected device. */
export type Verification = { readonly appRights?: readonly AppRight[] | undefined } & (
  | {
      readonly by: 'pin'
      readonly pin: PinDigest
      readonly sessionHandle: string
      /** absent: all */
      readonly roles?: readonly DeviceRole[] | undefined
    }
  | { readonly by: 'consent'; readonly roles: readonly DeviceRole[] }
)

/** DeviceConnected to PinVerified. A wrong PIN changes nothing here: `rejectPin` counts it. */
export function verifyPin(
  state: PairingState,
  verification: Verification,
  rules: DeviceRules,
  now: Instant,
): Decision<Step<PinVerified>, PairingError> {
  if (state.status !== 'DeviceConnected' || state.claim.method !== verification.by)
    return invalid(state, 'PinVerified')
  if (isExpired(state, now)) return refuse({ code: 'TOKEN_EXPIRED' })
  const { token, deviceIp, deviceNodeId, name, claim } = state
  if (verification.by === 'pin' && claim.method === 'pin' && !sameDigest(claim.pin, verification.pin))
    return refuse({ code: 'INVALID_PIN' })
  return accept({
    state: {
      status: 'PinVerified',
      token,
      deviceIp,
      deviceNodeId,
      name,
      sessionHandle: verification.by === 'pin' ? verification.sessionHandle : null,
      poll: claim.method === 'consent' ? claim.poll : null,
      ...(verification.roles === undefined ? {} : { roles: verification.roles }),
      ...(verification.appRights === undefined ? {} : { appRights: verification.appRights }),
      createdAt: now,
      expiresAt: later(now, rules.verifiedLifeMs),
      version: state.version + 1,
    },
    events: [{ type: 'PinVerified', token, by: verification.by, at: now }],
  })
}

/** A wrong PIN was typed: one attempt fewer, and after the last the pairing has failed. */
export function rejectPin(
  state: PairingState,
  rules: DeviceRules,
  now: Instant,
): Decision<Step<DeviceConnected | Failed>, PairingError> {
  if (state.status !== 'DeviceConnected' || state.claim.method !== 'pin') return invalid(state, 'Failed')
  if (isExpired(state, now)) return refuse({ code: 'TOKEN_EXPIRED' })
  const { token } = state
  const attempts = state.claim.attempts + 1
  const attemptsLeft = Math.max(0, rules.attemptsMax - attempts)
  const rejected: PairingEvent = { type: 'PinRejected', token, attemptsLeft, at: now }
  const counted: DeviceConnected = {
    ...state,
    claim: { ...state.claim, attempts },
    version: state.version + 1,
  }
  if (attemptsLeft > 0) return accept({ state: counted, events: [rejected] })
  const failed = failPairing({ ...counted, version: state.version }, 'too-many-attempts', now)
  return failed.ok
    ? accept({ state: failed.value.state, events: [rejected, ...failed.value.events] })
    : failed
}

/** PinVerified to DeviceRegistered: the device and its peer token are written in the same transaction. */
export function registerDevice(
  state: PairingState,
  {
    node,
    peerToken,
    again,
  }: { readonly node: Device; readonly peerToken: PeerTokenDigest; readonly again: boolean },
  now: Instant,
): Decision<Step<DeviceRegistered>, PairingError> {
  if (state.status !== 'PinVerified') return invalid(state, 'DeviceRegistered')
  if (isExpired(state, now)) return refuse({ code: 'TOKEN_EXPIRED' })
  const { token, sessionHandle } = state
  return accept({
    state: {
      status: 'DeviceRegistered',
      token,
      node,
      peerToken,
      sessionHandle,
      by: methodOf(state),
      registeredAt: now,
      version: state.version + 1,
    },
    events: [{ type: 'DeviceRegistered', token, nodeId: node.id, name: node.name, again, at: now }],
  })
}

/** Any state that is under way to Failed. */
export function failPairing(
  state: PairingState,
  reason: PairingFailure,
  now: Instant,
): Decision<Step<Failed>, InvalidTransition> {
  if (!isOpen(state)) return refuse({ code: 'INVALID_TRANSITION', from: state.status, to: 'Failed' })
  const { token } = state
  return accept({
    state: {
      status: 'Failed',
      token,
      reason,
      stateAtFailure: state,
      failedAt: now,
      version: state.version + 1,
    },
    events: [{ type: 'PairingFailed', token, reason, at: now }],
  })
}

const invalid = (state: PairingState, to: PairingStatus) =>
  refuse<InvalidTransition>({ code: 'INVALID_TRANSITION', from: state.status, to })
