import { assertNever, type Instant } from '../kernel.ts'
import type { DeviceId, JoinTokenDigest } from './ids.ts'

/** Why a pairing came to nothing. */
export type PairingFailure = 'expired' | 'cancelled' | 'too-many-attempts'

/** By what the operator let a device in: its PIN was typed, or its request was approved (RFC 8628). */
export type VerifiedBy = 'pin' | 'consent'

/** The cause of an event. `broker`: a deadline passed. */
export type Actor = 'operator' | 'program' | 'device' | 'broker'

/** Acts of the operator, or of a program with an API key, that have no event of their own kind. */
export type OperatorAct =
  | 'signed-in'
  | 'signed-out'
  | 'app-renamed'
  | 'app-revoked'
  | 'all-apps-revoked'
  | 'pairing-locked'
  | 'notices-changed'
  | 'api-key-made'
  | 'api-key-revoked'
  | 'webhook-made'
  | 'webhook-changed'
  | 'webhook-deleted'
  | 'webhook-secret-replaced'
  | 'webhook-replayed'
  | 'account-link-asked'
  | 'account-tried'
  | 'account-unlinked'
  | 'account-changed'

/**
 * An event of device pairing, appended in the transaction of the state it explains. The token is its digest, and no
 * event holds a PIN. `name` is the name that the device had then; events of older releases lack it.
 */
export type PairingEvent =
  | { readonly type: 'TokenCreated'; readonly token: JoinTokenDigest; readonly at: Instant }
  | {
      readonly type: 'DeviceScanned'
      readonly token: JoinTokenDigest
      readonly ip: string
      readonly nodeId: DeviceId
      readonly at: Instant
    }
  /** a device came with a token that another one had spent, and was refused */
  | {
      readonly type: 'DeviceTurnedAway'
      readonly token: JoinTokenDigest
      readonly ip: string
      readonly nodeId: DeviceId
      readonly at: Instant
    }
  | { readonly type: 'PinGenerated'; readonly token: JoinTokenDigest; readonly at: Instant }
  | {
      readonly type: 'PinRejected'
      readonly token: JoinTokenDigest
      readonly attemptsLeft: number
      readonly at: Instant
    }
  | {
      readonly type: 'PinVerified'
      readonly token: JoinTokenDigest
      readonly by: VerifiedBy
      readonly at: Instant
    }
  | {
      readonly type: 'DeviceRegistered'
      readonly token: JoinTokenDigest
      readonly nodeId: DeviceId
      readonly name?: string
      readonly again: boolean
      readonly at: Instant
    }
  | {
      readonly type: 'PairingFailed'
      readonly token: JoinTokenDigest
      readonly reason: PairingFailure
      readonly at: Instant
    }
  /** the device came from the address of another device: worth a look, and no proof of anything */
  | {
      readonly type: 'AddressShared'
      readonly token: JoinTokenDigest
      readonly ip: string
      readonly nodeId: DeviceId
      readonly name?: string
      readonly at: Instant
    }
  /** a device that was there from the start, or came without a pairing */
  | {
      readonly type: 'NodeAdded'
      readonly nodeId: DeviceId
      readonly name?: string
      readonly at: Instant
    }
  | {
      readonly type: 'NodeRenamed'
      readonly nodeId: DeviceId
      readonly name?: string
      readonly actor?: Actor
      readonly at: Instant
    }
  | {
      readonly type: 'NodeRevoked'
      readonly nodeId: DeviceId
      readonly name?: string
      /** `device`: it left by itself; `broker`: it was not used for too long. Absent: the operator */
      readonly actor?: Actor
      readonly tokens: number
      readonly sessions: number
      readonly at: Instant
    }
  | {
      readonly type: 'TokenRenewed'
      readonly nodeId: DeviceId
      readonly name?: string
      readonly at: Instant
    }
  | {
      readonly type: 'RunnerEnrolled'
      readonly nodeId: DeviceId
      readonly name?: string
      readonly runnerId: string
      readonly at: Instant
    }
  /** the operator changed its note, its tags or the rights of its apps */
  | {
      readonly type: 'NodeChanged'
      readonly nodeId: DeviceId
      readonly name?: string
      readonly at: Instant
    }
  /** it is not used, and what it has ends at `until`: its peer token, or its membership */
  | {
      readonly type: 'NodeEndTold'
      readonly nodeId: DeviceId
      readonly name?: string
      readonly reason: 'token-ends' | 'unused'
      readonly until: Instant
      readonly at: Instant
    }
  /** `key`: the first digits of the digest of a join key; `name`: the key's */
  | {
      readonly type: 'JoinKeyMade' | 'JoinKeyRevoked'
      readonly key: string
      readonly name: string
      readonly at: Instant
    }
  /**
   * something was done that is in no other event; `reason`: to what, by its name; `about`: by its id. A program's acts evict none of the
   * operator's, however many there are
   */
  | ({
      readonly what: OperatorAct
      readonly reason: string
      readonly about?: string
      readonly ip: string | null
      readonly at: Instant
    } & (
      | { readonly type: 'OperatorDid' }
      /** by which API key: its id, and the name that it has */
      | { readonly type: 'ProgramDid'; readonly by: { readonly id: string; readonly name: string } }
    ))
  /** a device came with a join key, and is a member */
  | {
      readonly type: 'NodeJoinedByKey'
      readonly key: string
      /** the key's name */
      readonly reason: string
      readonly nodeId: DeviceId
      readonly name: string
      readonly ip: string
      readonly at: Instant
    }

/**
 * Events that changed the members of the mesh. Anybody can cause the others, so those are kept apart and evict none of
 * these.
 */
export const LASTING_EVENTS = [
  'PinVerified',
  'DeviceRegistered',
  'NodeAdded',
  'NodeRenamed',
  'NodeRevoked',
  'TokenRenewed',
  'RunnerEnrolled',
  'NodeChanged',
  'NodeEndTold',
  'JoinKeyMade',
  'JoinKeyRevoked',
  'NodeJoinedByKey',
  'OperatorDid',
] as const satisfies readonly PairingEvent['type'][]

export const isLasting = ({ type }: PairingEvent): boolean => LASTING_EVENTS.some((each) => each === type)

/** Who caused it. What older releases wrote without a name is told by what it is. */
export function actorOf(event: PairingEvent): Actor {
  switch (event.type) {
    case 'TokenCreated':
    case 'PinRejected':
    case 'PinVerified':
    case 'NodeChanged':
    case 'JoinKeyMade':
    case 'JoinKeyRevoked':
    case 'OperatorDid':
      return 'operator'
    case 'ProgramDid':
      return 'program'
    case 'NodeRevoked':
      return event.actor ?? 'operator'
    case 'DeviceScanned':
    case 'DeviceTurnedAway':
    case 'PinGenerated':
    case 'DeviceRegistered':
    case 'AddressShared':
    case 'TokenRenewed':
    case 'RunnerEnrolled':
    case 'NodeJoinedByKey':
      return 'device'
    case 'PairingFailed':
      return event.reason === 'expired' ? 'broker' : 'operator'
    case 'NodeAdded':
    case 'NodeEndTold':
      return 'broker'
    case 'NodeRenamed':
      return event.actor ?? 'device'
    default:
      return assertNever(event)
  }
}
