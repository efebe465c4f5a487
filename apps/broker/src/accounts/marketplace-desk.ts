import type { ClientAddresses } from '../http/client-address.ts'
import { failureFields, type Log } from '../log/log.ts'
import { safe } from '../shell/safe.ts'
import type { AccountCounters } from './account-counters.ts'
import type { CompanyTokens, TokenRefusal } from './company-tokens.ts'
import type { MarketplaceNotifier } from './marketplace.notifier.ts'
import type { MarketplaceUseCases } from './marketplace.use-cases.ts'
import {
  companyRoom,
  type MarketplacePeer,
  type MarketplaceServer,
  type MarketplaceSocket,
} from './marketplace-peer.ts'

interface Parts {
  readonly tokens: CompanyTokens
  readonly addresses: ClientAddresses
  readonly notifier: MarketplaceNotifier
  readonly useCases: MarketplaceUseCases
  readonly counters: AccountCounters
  readonly clock: () => number
  readonly log: Log
}

/** Receives the pages of companies: binds who they are at the handshake, shows them where things stand, notices their end. */
export class MarketplaceDesk {
  constructor(private readonly parts: Parts) {}

  /** No handler runs and no session is made for a connection without a good token. */
  open(server: MarketplaceServer): void {
    this.parts.notifier.attach(server)
    server.use(async (socket, next) => {
      const code = await this.#refusalOf(socket)
      if (code !== null) this.parts.counters.refused(code)
      next(code === null ? undefined : Object.assign(new Error(code), { data: { code } }))
    })
  }

  /** In the room before the first picture is made: nothing that happens meanwhile is missed. */
  welcome(socket: MarketplaceSocket): void {
    const { data } = socket
    this.parts.useCases.enter(data)
    const ends = setTimeout(
      () => socket.disconnect(true),
      Math.min(Math.max(0, data.expiresAt - this.parts.clock()), 2 ** 31 - 1),
    )
    socket.on('disconnect', () => {
      clearTimeout(ends)
      this.parts.useCases.leave(data)
    })
    safe(this.parts.log, 'linking.greeting-failed', async () => {
      await socket.join(companyRoom(data.sessionId))
      socket.emit('link-state', await this.parts.useCases.arrive(data))
    })()
  }

  /** Why a connection is refused; null when it is one of a company's page. Never rejects. */
  async #refusalOf(socket: MarketplaceSocket): Promise<TokenRefusal | 'INTERNAL' | null> {
    try {
      return await this.#identify(socket)
    } catch (problem) {
      this.parts.log.error('linking.handshake-failed', failureFields(problem))
      return 'INTERNAL'
    }
  }

  async #identify(socket: MarketplaceSocket): Promise<TokenRefusal | null> {
    const token = tokenOf(socket)
    if (token === null) return 'TOKEN_MISSING'
    const read = await this.parts.tokens.read(token)
    if (!read.ok) return read.code
    const { salon_id: salonId, company_id: companyId, company = null, consent = null } = read.claims
    Object.assign(socket.data, {
      sessionId: await this.parts.useCases.sessionOf(companyId, salonId, company),
      company,
      consent,
      address: this.parts.addresses.of(socket.request),
      expiresAt: read.expiresAt,
    } satisfies MarketplacePeer)
    return null
  }
}

const TOKEN_CHARS_MAX = 4_096

/** The header first, then what a browser can send. Never the address: logs and histories keep those. */
function tokenOf({ handshake }: MarketplaceSocket): string | null {
  const [, bearer] = /^Bearer (\S+)$/.exec(handshake.headers.authorization ?? '') ?? []
  const token: unknown = bearer ?? handshake.auth['token']
  return typeof token === 'string' && token !== '' && token.length <= TOKEN_CHARS_MAX ? token : null
}
