import type { Account, AccountSessionId, PhoneNumber } from '@latchkey/domain/accounts/account'
import { shownAccountCode } from '@latchkey/domain/accounts/code'
import { type AccountReason, foundingCode } from '@latchkey/domain/accounts/reasons'
import type { AccountRules } from '@latchkey/domain/accounts/rules'
import type { AccountRefusalReply, AccountState, accountFacts } from '@latchkey/protocol/accounts'
import type { FactOf } from '@latchkey/protocol/call'
import type { Log } from '../log/log.ts'
import { newCorrelationId } from './account-report.ts'
import type { AccountEnd, AccountObserver, AccountSession } from './account-session.ts'
import { accountSnapshot, type SnapshotBase } from './account-snapshot.ts'
import { companyRoom, type MarketplaceServer } from './marketplace-peer.ts'

type Facts = typeof accountFacts

/** A reason as a page is told it. */
export const refusalOf = (
  reason: AccountReason,
  retryAt: number | null = null,
  deviceLeft = false,
): AccountRefusalReply => ({
  success: false,
  error: foundingCode(reason),
  code: foundingCode(reason),
  reason,
  message: `WhatsApp linking: ${reason.toLowerCase().replaceAll('_', ' ')}.`,
  ...(retryAt === null ? {} : { retryAt: Math.ceil(retryAt) }),
  ...(deviceLeft ? { deviceLeft } : {}),
  correlationId: newCorrelationId(),
})

interface Parts {
  readonly log: Log
  readonly rules: AccountRules
  readonly region: string
  readonly clock: () => number
}

/** Tells all pages of a company, and no others, how its account stands: once for each change. */
export class MarketplaceNotifier implements AccountObserver {
  /** the last facts, so that another change is not told as a new QR or code */
  readonly #told = new Map<AccountSessionId, { readonly qr: string | null; readonly code: string | null }>()
  #server: MarketplaceServer | null = null

  constructor(private readonly parts: Parts) {}

  attach(server: MarketplaceServer): void {
    this.#server = server
  }

  /** The whole picture for one page, or for all. */
  picture(account: Account, page: Pick<SnapshotBase, 'consented' | 'company'>): AccountState {
    const base = { ...page, region: this.parts.region, serverTime: Math.floor(this.parts.clock()) }
    return accountSnapshot(account, base, this.parts.rules)
  }

  changed({ id, machine: { account } }: AccountSession): void {
    // A request that runs was agreed to; each page knows the name of its company already.
    this.#tell(id, 'link-state', this.picture(account, { consented: true, company: null }))
    const before = this.#told.get(id)
    const qr = 'qr' in account ? account.qr.text : null
    const code = account.status === 'code_shown' ? account.code : null
    this.#told.set(id, { qr, code })
    if (qr === null && code === null) this.#told.delete(id)
    if ('qr' in account && qr !== before?.qr) {
      const { expiresAt } = account.qr
      this.#tell(id, 'qr-update', { qr: account.qr.text, expiresIn: this.#secondsTo(expiresAt), expiresAt })
    }
    if (account.status === 'code_shown' && code !== before?.code) {
      const { expiresAt, phone } = account
      const shown = { code: shownAccountCode(account.code), phoneNumber: phone, expiresAt }
      this.#tell(id, 'pairing-code', { ...shown, expiresIn: this.#secondsTo(expiresAt) })
    }
  }

  failed({ id }: AccountSession, { method, reason, retryAt, leavesDevice }: AccountEnd): void {
    const refusal = refusalOf(reason, retryAt, leavesDevice)
    this.parts.log.info('linking.ended', { linkSessionId: id, reason, correlationId: refusal.correlationId })
    this.#tell(id, method === 'code' ? 'pairing-code-error' : 'error', refusal)
  }

  linked({ id }: AccountSession, phone: PhoneNumber): void {
    this.parts.log.info('linking.linked', { linkSessionId: id })
    this.#tell(id, 'whatsapp-connected', {
      success: true,
      phone,
      sessionId: id,
      message: 'WhatsApp is linked.',
    })
  }

  lost(): void {}

  #tell<Name extends keyof Facts & string>(
    id: AccountSessionId,
    name: Name,
    fact: FactOf<Facts, Name>,
  ): void {
    this.#server?.to(companyRoom(id)).emit(name, fact)
  }

  #secondsTo(at: number): number {
    return Math.max(0, Math.round((at - this.parts.clock()) / 1_000))
  }
}
