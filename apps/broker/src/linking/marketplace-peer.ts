import type { LinkSessionId } from '@latchkey/domain/linking/link'
import type { DefaultEventsMap, Namespace, Socket } from 'socket.io'

/** Who is at the other end of a page's connection: what its token says, bound at the handshake. */
export interface MarketplacePeer {
  readonly sessionId: LinkSessionId
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
export const companyRoom = (sessionId: LinkSessionId): string => `company:${sessionId}`

/** The company's one session, by the founding rule. Identities come from the token alone. */
export const sessionIdOf = (salonId: string): LinkSessionId => `company_${salonId}` as LinkSessionId
