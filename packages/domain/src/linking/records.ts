import type { Instant } from '../kernel.ts'
import type { LinkLease } from './lease.ts'
import type { LinkSessionId, PhoneNumber } from './link.ts'

/** The record of one company’s session, beside its sealed credentials. */
export interface LinkRecord {
  readonly sessionId: LinkSessionId
  /** whose it is, by the token; null in records from before that was kept, until a page of the company comes */
  readonly companyId: string | null
  /** set while the credentials of a link are kept; a digest would do for comparing, but the page shows it */
  readonly phone: PhoneNumber | null
  readonly linkedAt: Instant | null
  /** when somebody of the company agreed to the risks, and by which wording */
  readonly consent: { readonly at: Instant; readonly wording: string } | null
  readonly lease: LinkLease | null
  /** to be unlinked at WhatsApp once there is a connection; set while that is pending */
  readonly unlinkAskedAt: Instant | null
}

export const newLinkRecord = (sessionId: LinkSessionId): LinkRecord => ({
  sessionId,
  companyId: null,
  phone: null,
  linkedAt: null,
  consent: null,
  lease: null,
  unlinkAskedAt: null,
})
