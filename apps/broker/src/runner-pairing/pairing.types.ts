/**
 * The types that the founding documents name, for an application that has the services: one import for all of them. A code's
 * entry, a session, the budget of an app session, one attempt, why pairing refuses.
 */
export { PairingErrorCode } from '@latchkey/domain/pairing-errors'
export type { PairingCodeEntry, PairingSession } from '@latchkey/domain/runner-pairing/records'
export type { PairingHistoryEntry } from '../audit/pairing-history.service.ts'
export type { RateLimitEntry } from '../limits/rate-limit.service.ts'
export { PairingError } from '../shell/pairing-error.ts'
export type { ValidationResult } from './pairing-code.service.ts'
