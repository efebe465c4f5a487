import type { Account } from '@latchkey/domain/accounts/account'
import type { AccountRules } from '@latchkey/domain/accounts/rules'
import type { AccountState } from '@latchkey/protocol/accounts'

/** The fields that a page gets beside the account’s state. */
export interface SnapshotBase {
  readonly consented: boolean
  readonly company: string | null
  readonly region: string
  readonly serverTime: number
}

/** Everything a page shows of an account, whole. */
export function accountSnapshot(account: Account, base: SnapshotBase, rules: AccountRules): AccountState {
  return {
    state: account.status,
    method: methodOf(account),
    qr: 'qr' in account ? { text: account.qr.text, expiresAt: account.qr.expiresAt } : null,
    code:
      account.status === 'code_shown'
        ? {
            code: account.code,
            phoneNumber: account.phone,
            expiresAt: account.expiresAt,
            renewableAt: account.shownAt + rules.newCodeAfterMs,
            isDoubtful: account.isDoubtful,
          }
        : null,
    phoneNumber: 'phone' in account ? account.phone : 'request' in account ? account.request.phone : null,
    reason: 'reason' in account ? account.reason : expiryReason(account),
    retryAt: retryAtOf(account),
    deviceLeft: account.status === 'failed' && account.leavesDevice,
    ...base,
  }
}

function methodOf(account: Account): AccountState['method'] {
  if ('request' in account) return account.request.method
  return 'method' in account ? account.method : null
}

function expiryReason(account: Account): AccountState['reason'] {
  if (account.status === 'replaced') return 'REPLACED'
  if (account.status !== 'expired') return null
  return account.method === 'qr' ? 'QR_EXPIRED' : 'CODE_EXPIRED'
}

function retryAtOf(account: Account): number | null {
  if ('retryAt' in account) return account.retryAt === null ? null : Math.ceil(account.retryAt)
  return account.status === 'stopped' && account.until !== null ? account.until : null
}
