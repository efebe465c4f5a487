import type { Instant } from '../kernel.ts'
import type { AccountSessionId, PhoneNumber } from './account.ts'
import type { AccountLease } from './lease.ts'

/** The record of one company’s session, beside its sealed credentials. */
export interface AccountRecord {
  readonly sessionId: AccountSessionId
  /** whose it is, by the token; null in records from before that was kept, until a page of the company comes */
  readonly companyId: string | null
  /** set while the credentials of an account are kept; a digest would do for comparing, but the page shows it */
  readonly phone: PhoneNumber | null
  readonly linkedAt: Instant | null
  /** when somebody of the company agreed to the risks, and by which wording */
  readonly consent: { readonly at: Instant; readonly wording: string } | null
  readonly lease: AccountLease | null
  /** to be unlinked at WhatsApp once there is a connection; set while that is pending */
  readonly unlinkAskedAt: Instant | null
  /** how the operator's lists call the company; missing or null: by its id */
  readonly companyName?: string | null
  /** through which its connections go; missing or null: directly */
  readonly proxy?: AccountProxy | null
}

/** The proxy of one account. */
export interface AccountProxy {
  /** its address with its secrets, sealed: base64url */
  readonly sealed: string
  /** scheme, host and port alone */
  readonly shown: string
}

export const newAccountRecord = (sessionId: AccountSessionId): AccountRecord => ({
  sessionId,
  companyId: null,
  phone: null,
  linkedAt: null,
  consent: null,
  lease: null,
  unlinkAskedAt: null,
})
