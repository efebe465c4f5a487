/**
 * Why linking refuses or ends: the finer words of the contract. Pages own the texts; the wire carries the word and a
 * correlation id.
 */
export const AccountReason = {
  PHONE_REQUIRED: 'PHONE_REQUIRED',
  PHONE_INVALID: 'PHONE_INVALID',
  PHONE_TOO_SHORT: 'PHONE_TOO_SHORT',
  PHONE_TOO_LONG: 'PHONE_TOO_LONG',
  COUNTRY_UNKNOWN: 'COUNTRY_UNKNOWN',
  /** linked to another company, or linking there: said without saying so */
  NUMBER_UNAVAILABLE: 'NUMBER_UNAVAILABLE',
  /** the phone that answered is not the one that was asked for */
  NUMBER_MISMATCH: 'NUMBER_MISMATCH',
  CONSENT_REQUIRED: 'CONSENT_REQUIRED',
  INVALID_REQUEST: 'INVALID_REQUEST',
  REQUEST_IN_PROGRESS: 'REQUEST_IN_PROGRESS',
  COOLDOWN: 'COOLDOWN',
  ALREADY_LINKED: 'ALREADY_LINKED',
  OTHER_NODE: 'OTHER_NODE',
  WA_REFUSED: 'WA_REFUSED',
  WA_RATE_LIMITED: 'WA_RATE_LIMITED',
  WA_NO_ANSWER: 'WA_NO_ANSWER',
  WA_UNREACHABLE: 'WA_UNREACHABLE',
  CODE_EXPIRED: 'CODE_EXPIRED',
  QR_EXPIRED: 'QR_EXPIRED',
  PASSKEY_REQUIRED: 'PASSKEY_REQUIRED',
  /** the phone's own WhatsApp is too old for linked devices */
  PHONE_OUTDATED: 'PHONE_OUTDATED',
  ACCOUNT_BLOCKED: 'ACCOUNT_BLOCKED',
  CLIENT_OUTDATED: 'CLIENT_OUTDATED',
  LOGGED_OUT: 'LOGGED_OUT',
  REPLACED: 'REPLACED',
  /** linked on the phone, and lost here: the phone still lists a device that will never answer */
  NOT_SAVED: 'NOT_SAVED',
  /** the broker is going down, or has just come up */
  RESTART: 'RESTART',
  INTERNAL: 'INTERNAL',
} as const
export type AccountReason = (typeof AccountReason)[keyof typeof AccountReason]

/** Reasons that the founding contract knows by a coarser word. */
const FOUNDING: Partial<Record<AccountReason, string>> = {
  PHONE_INVALID: 'INVALID_PHONE_FORMAT',
  PHONE_TOO_SHORT: 'INVALID_PHONE_FORMAT',
  PHONE_TOO_LONG: 'INVALID_PHONE_FORMAT',
  COUNTRY_UNKNOWN: 'INVALID_PHONE_FORMAT',
  NOT_SAVED: 'INTERNAL',
  RESTART: 'INTERNAL',
}

/** The founding word for a reason: what a page that knows only those switches on. */
export const foundingCode = (reason: AccountReason): string => FOUNDING[reason] ?? reason

/** A refusal of linking: why, and, where waiting helps, from when on a new try may succeed. */
export interface AccountRefusal {
  readonly reason: AccountReason
  /** milliseconds since the epoch; null when waiting changes nothing, or no time is known */
  readonly retryAt: number | null
}

export const refusalFor = (reason: AccountReason, retryAt: number | null = null): AccountRefusal => ({
  reason,
  retryAt,
})
