import { shownLinkCode } from '@latchkey/domain/linking/code'
import type { Link, LinkSessionId, PhoneNumber } from '@latchkey/domain/linking/link'
import { foundingCode, type LinkReason } from '@latchkey/domain/linking/reasons'
import type { LinkRules } from '@latchkey/domain/linking/rules'
import type { FactOf } from '@latchkey/protocol/call'
import type { LinkRefusalReply, LinkState, linkingFacts } from '@latchkey/protocol/linking'
import type { Log } from '../log/log.ts'
import { newCorrelationId } from './link-report.ts'
import type { LinkEnd, LinkObserver, LinkSession } from './link-session.ts'
import { linkSnapshot, type SnapshotBase } from './link-snapshot.ts'
import { companyRoom, type MarketplaceServer } from './marketplace-peer.ts'

type Facts = typeof linkingFacts

/** A reason as a page is told it. */
export const refusalOf = (
  reason: LinkReason,
  retryAt: number | null = null,
  deviceLeft = false,
): LinkRefusalReply => ({
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
  readonly rules: LinkRules
  readonly region: string
  readonly clock: () => number
}

/** Tells all pages of a company, and no others, how its account stands: once for each change. */
export class MarketplaceNotifier implements LinkObserver {
  /** the last facts, so that another change is not told as a new QR or code */
  readonly #told = new Map<LinkSessionId, { readonly qr: string | null; readonly code: string | null }>()
  #server: MarketplaceServer | null = null

  constructor(private readonly parts: Parts) {}

  attach(server: MarketplaceServer): void {
    this.#server = server
  }

  /** The whole picture for one page, or for all. */
  picture(link: Link, page: Pick<SnapshotBase, 'consented' | 'company'>): LinkState {
    const base = { ...page, region: this.parts.region, serverTime: Math.floor(this.parts.clock()) }
    return linkSnapshot(link, base, this.parts.rules)
  }

  changed({ id, machine: { link } }: LinkSession): void {
    // An attempt that runs was agreed to; each page knows the name of its company already.
    this.#tell(id, 'link-state', this.picture(link, { consented: true, company: null }))
    const before = this.#told.get(id)
    const qr = 'qr' in link ? link.qr.text : null
    const code = link.status === 'code_shown' ? link.code : null
    this.#told.set(id, { qr, code })
    if (qr === null && code === null) this.#told.delete(id)
    if ('qr' in link && qr !== before?.qr) {
      const { expiresAt } = link.qr
      this.#tell(id, 'qr-update', { qr: link.qr.text, expiresIn: this.#secondsTo(expiresAt), expiresAt })
    }
    if (link.status === 'code_shown' && code !== before?.code) {
      const { expiresAt, phone } = link
      const shown = { code: shownLinkCode(link.code), phoneNumber: phone, expiresAt }
      this.#tell(id, 'pairing-code', { ...shown, expiresIn: this.#secondsTo(expiresAt) })
    }
  }

  failed({ id }: LinkSession, { method, reason, retryAt, leavesDevice }: LinkEnd): void {
    const refusal = refusalOf(reason, retryAt, leavesDevice)
    this.parts.log.info('linking.ended', { linkSessionId: id, reason, correlationId: refusal.correlationId })
    this.#tell(id, method === 'code' ? 'pairing-code-error' : 'error', refusal)
  }

  linked({ id }: LinkSession, phone: PhoneNumber): void {
    this.parts.log.info('linking.linked', { linkSessionId: id })
    this.#tell(id, 'whatsapp-connected', {
      success: true,
      phone,
      sessionId: id,
      message: 'WhatsApp is linked.',
    })
  }

  lost(): void {}

  #tell<Name extends keyof Facts & string>(id: LinkSessionId, name: Name, fact: FactOf<Facts, Name>): void {
    this.#server?.to(companyRoom(id)).emit(name, fact)
  }

  #secondsTo(at: number): number {
    return Math.max(0, Math.round((at - this.parts.clock()) / 1_000))
  }
}
