import { accept, type Decision, type Instant, later, refuse } from '../kernel.ts'
import type { DeviceId, PinDigest } from './ids.ts'
import { sameDigest } from './ids.ts'
import { isExpired, type PairingState } from './pairing-state.ts'
import type { Device } from './records.ts'
import type { DeviceRules } from './rules.ts'

/** A device that is about to become a member. */
export interface RegistrationRequest {
  readonly nodeId: DeviceId
  readonly ip: string
  /** it has signed with the key that its id derives from */
  readonly provesKey: boolean
}

/** What registering it would mean. `sharesAddressWith`: another device came from there too. */
export interface RegistrationDecision {
  readonly kind: 'register-new' | 'update-existing'
  readonly sharesAddressWith: Device | null
}

export type RegistrationError =
  | { readonly code: 'IP_CONFLICT'; readonly existingDevice: string; readonly ip: string }
  | { readonly code: 'DEVICE_LIMIT'; readonly limit: number }
  | { readonly code: 'WRONG_PROOF' }

/** The rules of who may join, all inputs explicit: no I/O, no clock, no randomness. */
export const PairingCoordinator = {
  /**
   * Whether a device may become a member beside those there are. A device that comes back is updated, but only with proof of
   * its key; a new one needs a free place.
   * @param existingDevices the devices with this id or address
   * @param deviceCount how many devices there are in all
   */
  canRegisterDevice(
    { nodeId, ip, provesKey }: RegistrationRequest,
    existingDevices: readonly Device[],
    deviceCount: number,
    rules: Pick<DeviceRules, 'deviceLimit' | 'refuseSharedAddress'>,
  ): Decision<RegistrationDecision, RegistrationError> {
    const known = existingDevices.find((device) => device.id === nodeId)
    if (known !== undefined && !provesKey) return refuse({ code: 'WRONG_PROOF' })
    const isMember = known !== undefined && known.revokedAt === null
    if (!isMember && deviceCount >= rules.deviceLimit)
      return refuse({ code: 'DEVICE_LIMIT', limit: rules.deviceLimit })
    const neighbour =
      existingDevices.find(
        (device) => device.id !== nodeId && device.hostname === ip && device.revokedAt === null,
      ) ?? null
    if (neighbour !== null && !isMember && rules.refuseSharedAddress)
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
