import { type AccountSessionId, newAccountMachine } from '@latchkey/domain/accounts/account'
import { claimSession, noteConsent, readSession } from '@latchkey/domain/accounts/operations'
import { judgePhone, type ReadPhone } from '@latchkey/domain/accounts/phone'
import type { AccountStore } from '@latchkey/domain/accounts/ports'
import type { AccountRefusal } from '@latchkey/domain/accounts/reasons'
import type { AccountRecord } from '@latchkey/domain/accounts/records'
import { appSubjects } from '@latchkey/domain/limits/subjects'
import type { AccountRefusalReply, AccountState, accountCalls } from '@latchkey/protocol/accounts'
import type { RequestOf } from '@latchkey/protocol/call'
import type { AccountCounters } from './account-counters.ts'
import { type MarketplaceNotifier, refusalOf } from './marketplace.notifier.ts'
import { type MarketplacePeer, ownSessionIdOf, sessionIdOf } from './marketplace-peer.ts'
import type { SessionPool, StartRequest } from './session-pool.ts'

type Calls = typeof accountCalls
type Accepted = { readonly success: true }

const accepted: Accepted = { success: true }
const refused = ({ reason, retryAt }: AccountRefusal): AccountRefusalReply => refusalOf(reason, retryAt)

/** As for pairing: one IPv4 address, or the /64 of an IPv6 one. */
const budgetOf = ({ sessionId, address }: MarketplacePeer): string => appSubjects(sessionId, address).address

interface Parts {
  readonly counters: AccountCounters
  readonly pool: SessionPool
  readonly store: AccountStore
  readonly notifier: MarketplaceNotifier
  readonly region: string
  readonly readPhone: ReadPhone
}

/** The commands of a company’s pages. The company is bound to the connection. */
export class MarketplaceUseCases {
  readonly counters: AccountCounters
  /** pages that look at each session, on this broker */
  readonly #pages = new Map<AccountSessionId, number>()

  constructor(private readonly parts: Parts) {
    this.counters = parts.counters
  }

  readonly requestQr = async (
    request: RequestOf<Calls, 'request-qr'>,
    peer: MarketplacePeer,
    deviceName: string | null = null,
  ): Promise<Accepted | AccountRefusalReply> => {
    const { sessionId } = peer
    const address = budgetOf(peer)
    return this.#start(peer, request?.consent, { sessionId, method: 'qr', phone: null, address, deviceName })
  }

  /** The number is judged before anything else is touched. */
  readonly requestCode = async (
    request: RequestOf<Calls, 'request-pairing-code'>,
    peer: MarketplacePeer,
  ): Promise<Accepted | AccountRefusalReply> => {
    const judged = judgePhone(request.phoneNumber, this.parts.region, this.parts.readPhone)
    if (!judged.ok) return refusalOf(judged.refusal)
    const { sessionId } = peer
    const phone = judged.value.number
    const address = budgetOf(peer)
    return this.#start(peer, request.consent, { sessionId, method: 'code', phone, address })
  }

  readonly cancel = async (
    _request: unknown,
    { sessionId }: MarketplacePeer,
  ): Promise<Accepted | AccountRefusalReply> => {
    const done = await this.parts.pool.cancel(sessionId)
    this.#watch(sessionId)
    return done.ok ? accepted : refused(done.refusal)
  }

  readonly retry = async (
    _request: unknown,
    { sessionId }: MarketplacePeer,
  ): Promise<Accepted | AccountRefusalReply> => {
    const done = await this.parts.pool.retry(sessionId)
    this.#watch(sessionId)
    return done.ok ? accepted : refused(done.refusal)
  }

  readonly unlink = async (_request: unknown, { sessionId }: MarketplacePeer) => {
    const done = await this.parts.pool.unlink(sessionId)
    this.#watch(sessionId)
    return done.ok ? { ...accepted, ...done.value } : refused(done.refusal)
  }

  /** The session that a token means: of this company alone, also where another has the same salon id. */
  sessionOf(companyId: string, salonId: string, name: string | null = null): Promise<AccountSessionId> {
    const ids = { founding: sessionIdOf(salonId), ofItsOwn: ownSessionIdOf(companyId, salonId) }
    return this.parts.store.run(claimSession(companyId, ids, name))
  }

  enter({ sessionId }: MarketplacePeer): void {
    this.#count(sessionId, 1)
  }

  leave({ sessionId }: MarketplacePeer): void {
    this.#count(sessionId, -1)
  }

  /** What a page that has just come, or come back, has to show. */
  async arrive({ sessionId, company, consent }: MarketplacePeer): Promise<AccountState> {
    const record = await this.#record(sessionId)
    const page = { consented: record.consent !== null || consent !== null, company }
    const account = this.parts.pool.find(sessionId)?.machine.account ?? newAccountMachine.account
    const picture = this.parts.notifier.picture(account, page)
    // What this broker once knew of a session that another one has linked since says nothing.
    return record.phone !== null && !this.parts.pool.isHere(sessionId)
      ? { ...picture, state: 'elsewhere', reason: null, retryAt: null, phoneNumber: record.phone }
      : picture
  }

  async #start(
    peer: MarketplacePeer,
    given: string | undefined,
    request: StartRequest,
  ): Promise<Accepted | AccountRefusalReply> {
    const wording = given ?? peer.consent
    if (wording !== null) {
      await this.parts.store.run(noteConsent(peer.sessionId, wording))
    } else if ((await this.#record(peer.sessionId)).consent === null) return refusalOf('CONSENT_REQUIRED')
    const started = await this.parts.pool.start(request)
    this.#watch(peer.sessionId)
    return started.ok ? accepted : refused(started.refusal)
  }

  #record(sessionId: AccountSessionId): Promise<AccountRecord> {
    return this.parts.store.run(readSession(sessionId))
  }

  #count(sessionId: AccountSessionId, change: 1 | -1): void {
    const pages = (this.#pages.get(sessionId) ?? 0) + change
    if (pages > 0) this.#pages.set(sessionId, pages)
    else this.#pages.delete(sessionId)
    this.#watch(sessionId)
  }

  #watch(sessionId: AccountSessionId): void {
    this.parts.pool.watch(sessionId, this.#pages.has(sessionId))
  }
}
