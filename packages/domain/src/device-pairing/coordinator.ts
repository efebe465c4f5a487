import { accept, type Decision, type Instant, later, refuse } from '../kernel.ts'
import type { NodeId, PinDigest } from './ids.ts'
import { sameDigest } from './ids.ts'
import { isExpired, type PairingState } from './pairing-state.ts'
import type { MeshNode } from './records.ts'
import type { DeviceRules } from './rules.ts'

/** A device that is about to become a node. */
export interface RegistrationRequest {
  readonly nodeId: NodeId
  readonly ip: string
  /** it has signed with the key that its id derives from */
  readonly provesKey: boolean
}

/** What registering it would mean. `sharesAddressWith`: another node came from there too. */
export interface RegistrationDecision {
  readonly kind: 'register-new' | 'update-existing'
  readonly sharesAddressWith: MeshNode | null
}

export type RegistrationError =
  | { readonly code: 'IP_CONFLICT'; readonly existingDevice: string; readonly ip: string }
  | { readonly code: 'DEVICE_LIMIT'; readonly limit: number }
  | { readonly code: 'WRONG_PROOF' }

/** The rules of who may join, all inputs explicit: no I/O, no clock, no randomness. */
export const PairingCoordinator = {
  /**
   * Whether a device may become a node beside those there are. A node that comes back is updated, but only with proof of
   * its key; a new one needs a free place.
   * @param existingNodes the nodes with this id or address
   * @param nodeCount how many nodes there are in all
   */
  canRegisterDevice(
    { nodeId, ip, provesKey }: RegistrationRequest,
    existingNodes: readonly MeshNode[],
    nodeCount: number,
    rules: Pick<DeviceRules, 'deviceLimit' | 'refuseSharedAddress'>,
  ): Decision<RegistrationDecision, RegistrationError> {
    const known = existingNodes.find((node) => node.id === nodeId)
    if (known !== undefined && !provesKey) return refuse({ code: 'WRONG_PROOF' })
    const isNode = known !== undefined && known.revokedAt === null
    if (!isNode && nodeCount >= rules.deviceLimit)
      return refuse({ code: 'DEVICE_LIMIT', limit: rules.deviceLimit })
    const neighbour =
      existingNodes.find((node) => node.id !== nodeId && node.hostname === ip && node.revokedAt === null) ??
      null
    if (neighbour !== null && !isNode && rules.refuseSharedAddress)
      return refuse({ code: 'IP_CONFLICT', existingDevice: neighbour.name, ip })
    return accept({
      kind: known === undefined ? 'register-new' : 'update-existing',
      sharesAddressWith: neighbour,
    })
  },

  /** The moment a token made at `createdAt` is over. */
  calculateExpiry: (createdAt: Instant, ttlMs: number): Instant => later(createdAt, ttlMs),

  /** Whether a PIN may be taken for this pairing: in time, in the right state, and the right one. */
  validatePairingRequest(
    state: PairingState,
    pin: PinDigest,
    now: Instant,
  ): Decision<null, { readonly code: 'EXPIRED' | 'WRONG_STATE' | 'INVALID_PIN' }> {
    if (isExpired(state, now)) return refuse({ code: 'EXPIRED' })
    if (state.status !== 'DeviceConnected' || state.claim.method !== 'pin')
      return refuse({ code: 'WRONG_STATE' })
    return sameDigest(state.claim.pin, pin) ? accept(null) : refuse({ code: 'INVALID_PIN' })
  },
} as const
