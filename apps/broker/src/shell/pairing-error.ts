import type { PairingErrorCode } from '@latchkey/domain/pairing-errors'

/** A service's refusal as the founding documents have it: thrown, its message the code alone, unless there is more to say. */
export class PairingError extends Error {
  readonly code: PairingErrorCode
  readonly details: string | undefined

  constructor(code: PairingErrorCode, details?: string, message: string = code) {
    super(message)
    this.name = 'PairingError'
    this.code = code
    this.details = details
  }

  /** `{success: false, error: {code, message, details?}}` */
  toJSON() {
    const details = this.details === undefined ? {} : { details: this.details }
    return { success: false as const, error: { code: this.code, message: this.message, ...details } }
  }
}
