import type { Instant } from '../kernel.ts'
import { addressSubject } from '../limits/subjects.ts'
import type { PairingEvent, PairingFailure, VerifiedBy } from './events.ts'
import type {
  DeviceId,
  JoinTokenDigest,
  PeerTokenDigest,
  PinDigest,
  SessionDigest,
  UserCodeDigest,
} from './ids.ts'
import type { AppRight, Device, DeviceRole } from './records.ts'

/** A join token exists; no device has come yet. */
export interface TokenCreated {
  readonly status: 'TokenCreated'
  readonly token: JoinTokenDigest
  /** how the operator wants the device to be called; null to let it say so itself */
  readonly name: string | null
  readonly createdAt: Instant
  readonly expiresAt: Instant
  /** grows by one with every change */
  readonly version: number
}

/** How a connected device will prove that it is the one the operator means. */
export type Claim =
  | {
      readonly method: 'pin'
      readonly pin: PinDigest
      /** wrong PINs so far */
      readonly attempts: number
      /** Ed25519, base64url: it has signed the request with it */
      readonly publicKey: string
      readonly peerToken: PeerTokenDigest
      readonly session: SessionDigest
    }
  | { readonly method: 'consent'; readonly userCode: UserCodeDigest; readonly poll: Poll }

/** A device that asks again and again whether it has been approved (RFC 8628). */
export interface Poll {
  /** only the client that asked may fetch the token */
  readonly client: string
  /** grows when it polls too soon, never shrinks */
  readonly everyMs: number
  readonly polledAt: Instant | null
}

/** A device came with the token. */
export interface DeviceConnected {
  readonly status: 'DeviceConnected'
  readonly token: JoinTokenDigest
  readonly deviceIp: string
  readonly deviceNodeId: DeviceId
  readonly name: string
  /** the operator's name for it stands, whatever it calls itself */
  readonly namedBy: 'operator' | 'device'
  readonly claim: Claim
  /** devices that came with the same token later and were refused, up to `TURNED_AWAY_MAX`; absent: none */
  readonly turnedAway?: number
  readonly createdAt: Instant
  readonly expiresAt: Instant
  readonly version: number
}

/** The operator let it in. In the flow with a PIN this state lives inside one transaction only. */
export interface PinVerified {
  readonly status: 'PinVerified'
  readonly token: JoinTokenDigest
  readonly deviceIp: string
  readonly deviceNodeId: DeviceId
  readonly name: string
  /** the session's public handle; null where the device gets a peer token alone */
  readonly sessionHandle: string | null
  /** how the device fetches its token; null where it has made it itself */
  readonly poll: Poll | null
  /** what the operator let it do; absent: all */
  readonly roles?: readonly DeviceRole[]
  /** the most that its apps may do at machines; absent: what each machine gives */
  readonly appRights?: readonly AppRight[]
  readonly createdAt: Instant
  readonly expiresAt: Instant
  readonly version: number
}

/** The device is a member. */
export interface DeviceRegistered {
  readonly status: 'DeviceRegistered'
  readonly token: JoinTokenDigest
  readonly node: Device
  readonly peerToken: PeerTokenDigest
  readonly sessionHandle: string | null
  /** absent in those that an older release wrote */
  readonly by?: VerifiedBy
  readonly registeredAt: Instant
  readonly version: number
}

/** It came to nothing. */
export interface Failed {
  readonly status: 'Failed'
  readonly token: JoinTokenDigest
  readonly reason: PairingFailure
  readonly stateAtFailure: OpenPairing
  readonly failedAt: Instant
  readonly version: number
}

/** Still under way. */
export type OpenPairing = TokenCreated | DeviceConnected | PinVerified
export type PairingState = OpenPairing | DeviceRegistered | Failed
export type PairingStatus = PairingState['status']

/** A state that follows, and what it is remembered by. */
export interface Step<State extends PairingState = PairingState> {
  readonly state: State
  readonly events: readonly PairingEvent[]
}

export const isOpen = (state: PairingState): state is OpenPairing =>
  state.status === 'TokenCreated' || state.status === 'DeviceConnected' || state.status === 'PinVerified'

/**
 * Whether the pairing has ended or its deadline has come (the deadline included). A failed pairing is over; a
 * registered one stays.
 */
export function isExpired(state: PairingState, now: Instant): boolean {
  if (isOpen(state)) return now >= state.expiresAt
  return state.status === 'Failed'
}

/** Tells requests for consent from this address, or from the same /64 of IPv6, from all others. */
export const isRequestFrom = (address: string): ((state: PairingState) => boolean) => {
  const guest = addressSubject(address)
  return (state) =>
    isOpen(state) &&
    state.status !== 'TokenCreated' &&
    methodOf(state) === 'consent' &&
    addressSubject(state.deviceIp) === guest
}

/** How its device is to be let in. An unused token waits for a PIN. */
export const methodOf = (state: OpenPairing): VerifiedBy => {
  if (state.status === 'DeviceConnected') return state.claim.method
  return state.status === 'PinVerified' && state.poll !== null ? 'consent' : 'pin'
}
