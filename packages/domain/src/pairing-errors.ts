/**
 * Why pairing refuses, in the founding words. The value is the name, on every wire and in every answer.
 * An object instead of a TypeScript `enum`, so that the source stays plain JavaScript with types.
 */
export const PairingErrorCode = {
  INVALID_FORMAT: 'INVALID_FORMAT',
  CODE_NOT_FOUND: 'CODE_NOT_FOUND',
  CODE_EXPIRED: 'CODE_EXPIRED',
  DUPLICATE_CODE: 'DUPLICATE_CODE',
  RUNNER_OFFLINE: 'RUNNER_OFFLINE',
  INVALID_SECRET: 'INVALID_SECRET',
  RATE_LIMITED: 'RATE_LIMITED',
  SESSION_NOT_FOUND: 'SESSION_NOT_FOUND',
  NOT_PAIRED: 'NOT_PAIRED',
  NETWORK_ERROR: 'NETWORK_ERROR',
  TIMEOUT: 'TIMEOUT',
} as const
export type PairingErrorCode = (typeof PairingErrorCode)[keyof typeof PairingErrorCode]
