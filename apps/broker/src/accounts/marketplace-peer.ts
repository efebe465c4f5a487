import { createHash } from 'node:crypto'
import type { AccountSessionId } from '@latchkey/domain/accounts/account'
import type { DefaultEventsMap, Namespace, Socket } from 'socket.io'

/** The other end of a page’s connection: the claims of its token, bound at the handshake. */
export interface MarketplacePeer {
  readonly sessionId: AccountSessionId
  readonly company: string | null
  /** the wording it agreed to elsewhere, by its token */
  readonly consent: string | null
  /** after the trusted proxy */
  readonly address: string
  /** a connection ends with its token, milliseconds since the epoch */
  readonly expiresAt: number
}

export type MarketplaceSocket = Socket<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, MarketplacePeer>
export type MarketplaceServer = Namespace<
  DefaultEventsMap,
  DefaultEventsMap,
  DefaultEventsMap,
  MarketplacePeer
>

/** All pages of one company, on every broker. */
export const companyRoom = (sessionId: AccountSessionId): string => `company:${sessionId}`

/** The company's one session, by the founding rule. Identities come from the token alone. */
export const sessionIdOf = (salonId: string): AccountSessionId => `company_${salonId}` as AccountSessionId

const DIGEST_CHARS = 16

/**
 * For a company whose salon id another company has too. No salon id has a dot, so no other company has this session id.
 */
export function ownSessionIdOf(companyId: string, salonId: string): AccountSessionId {
  const digest = createHash('sha256').update(companyId).digest('hex').slice(0, DIGEST_CHARS)
  return `${sessionIdOf(salonId)}.${digest}` as AccountSessionId
}
