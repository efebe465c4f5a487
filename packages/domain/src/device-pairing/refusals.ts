import type { RegistrationError } from './coordinator.ts'
import type { PairingFailure } from './events.ts'
import type { PairingState, PairingStatus } from './pairing-state.ts'
import type { InvalidTransition, PairingError } from './transitions.ts'

/** Why somebody did not get on with a pairing. */
export type PairingRefusal =
  | { readonly code: 'TOKEN_UNKNOWN' | 'TOKEN_EXPIRED' | 'PAIRING_CANCELLED' | 'TOO_MANY_ATTEMPTS' }
  | {
      readonly code: 'TOKEN_USED' | 'DEVICE_NOT_CONNECTED' | 'ALREADY_REGISTERED'
      readonly from: PairingStatus
      readonly to: PairingStatus
    }
  | { readonly code: 'NODE_ID_MISMATCH' | 'SECRET_USED' }
  | { readonly code: 'JOIN_KEY_UNKNOWN' | 'JOIN_KEY_ENDED' | 'JOIN_KEY_SPENT' }
  | { readonly code: 'TOO_MANY_JOIN_KEYS'; readonly max: number }
  | { readonly code: 'WRONG_PIN'; readonly attemptsLeft: number }
  | { readonly code: 'TOO_MANY_PAIRINGS'; readonly max: number }
  | RegistrationError

const ENDED = {
  expired: 'TOKEN_EXPIRED',
  cancelled: 'PAIRING_CANCELLED',
  'too-many-attempts': 'TOO_MANY_ATTEMPTS',
} as const satisfies Readonly<Record<PairingFailure, PairingRefusal['code']>>

/** What a refused transition means to the one who asked for it. */
export function transitionRefused(state: PairingState, { from, to }: InvalidTransition): PairingRefusal {
  switch (state.status) {
    case 'TokenCreated':
      return { code: 'DEVICE_NOT_CONNECTED', from, to }
    case 'DeviceConnected':
    case 'PinVerified':
      return { code: 'TOKEN_USED', from, to }
    case 'DeviceRegistered':
      return { code: 'ALREADY_REGISTERED', from, to }
    case 'Failed':
      return { code: ENDED[state.reason] }
  }
}

/** What a refusal of the state machine means to the one who asked. */
export function refusedBy(state: PairingState, error: PairingError): PairingRefusal {
  switch (error.code) {
    case 'INVALID_TRANSITION':
      return transitionRefused(state, error)
    case 'TOKEN_EXPIRED':
      return { code: 'TOKEN_EXPIRED' }
    case 'INVALID_PIN':
      return { code: 'WRONG_PIN', attemptsLeft: 0 }
  }
}

/** A token is made once: whatever became of the pairing it began, it begins no other. */
export const tokenTaken = ({ status }: PairingState): PairingRefusal => ({
  code: 'TOKEN_USED',
  from: status,
  to: 'TokenCreated',
})
