import type { Link } from '@latchkey/domain/linking/link'
import type { LinkRules } from '@latchkey/domain/linking/rules'
import type { LinkState } from '@latchkey/protocol/linking'

/** The fields that a page gets beside the account’s state. */
export interface SnapshotBase {
  readonly consented: boolean
  readonly company: string | null
  readonly region: string
  readonly serverTime: number
}

/** Everything a page shows of a link, whole. */
export function linkSnapshot(link: Link, base: SnapshotBase, rules: LinkRules): LinkState {
  return {
    state: link.status,
    method: methodOf(link),
    qr: 'qr' in link ? { text: link.qr.text, expiresAt: link.qr.expiresAt } : null,
    code:
      link.status === 'code_shown'
        ? {
            code: link.code,
            phoneNumber: link.phone,
            expiresAt: link.expiresAt,
            renewableAt: link.shownAt + rules.newCodeAfterMs,
            isDoubtful: link.isDoubtful,
          }
        : null,
    phoneNumber: 'phone' in link ? link.phone : 'attempt' in link ? link.attempt.phone : null,
    reason: 'reason' in link ? link.reason : expiryReason(link),
    retryAt: retryAtOf(link),
    deviceLeft: link.status === 'failed' && link.leavesDevice,
    ...base,
  }
}

function methodOf(link: Link): LinkState['method'] {
  if ('attempt' in link) return link.attempt.method
  return 'method' in link ? link.method : null
}

function expiryReason(link: Link): LinkState['reason'] {
  if (link.status === 'replaced') return 'REPLACED'
  if (link.status !== 'expired') return null
  return link.method === 'qr' ? 'QR_EXPIRED' : 'CODE_EXPIRED'
}

function retryAtOf(link: Link): number | null {
  if ('retryAt' in link) return link.retryAt === null ? null : Math.ceil(link.retryAt)
  return link.status === 'stopped' && link.until !== null ? link.until : null
}
