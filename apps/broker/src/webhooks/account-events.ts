import type { AccountSessionId } from '@latchkey/domain/accounts/account'
import { adviceFor, isStopped } from '@latchkey/domain/accounts/advice'
import type { AccountObserver, AccountSession } from '../accounts/account-session.ts'
import type { Log } from '../log/log.ts'
import type { Told, WebhookOutbox } from './webhook-outbox.ts'

/** A phone that changes its network is back within seconds, WhatsApp within minutes: longer is worth a look. */
export const RECONNECTING_LONG_MS = 10 * 60_000

interface Parts {
  readonly outbox: WebhookOutbox
  readonly log: Log
  readonly longMs?: number
}

/** Tells webhooks of accounts: each new state once, without number, code or QR. Rings when reconnecting takes long. */
export class AccountEvents implements AccountObserver {
  readonly #states = new Map<AccountSessionId, string>()
  readonly #waits = new Map<AccountSessionId, NodeJS.Timeout>()

  constructor(private readonly parts: Parts) {}

  changed({ id, machine: { account } }: AccountSession): void {
    const { status } = account
    if (this.#states.get(id) === status) return
    this.#states.set(id, status)
    if (status === 'idle') this.#states.delete(id)
    if (status === 'code_wanted') this.#tell(id, 'account.code.asked', {})
    if (status === 'qr') this.#tell(id, 'account.qr.asked', {})
    const reason = 'reason' in account ? account.reason : null
    const data = { state: status, reason, advice: adviceFor(account) }
    this.#tell(id, 'account.state', data)
    if (isStopped(account)) this.#tell(id, 'account.stopped', data)
    this.#watchReconnecting(id, status === 'reconnecting')
  }

  failed(): void {}
  linked(): void {}
  lost(): void {}

  stop(): void {
    for (const wait of this.#waits.values()) clearTimeout(wait)
    this.#waits.clear()
  }

  #watchReconnecting(id: AccountSessionId, isReconnecting: boolean): void {
    const waiting = this.#waits.get(id)
    if (!isReconnecting) {
      clearTimeout(waiting)
      this.#waits.delete(id)
    } else if (waiting === undefined) {
      const longMs = this.parts.longMs ?? RECONNECTING_LONG_MS
      this.#waits.set(id, setTimeout(() => this.#ring(id, longMs), longMs).unref())
    }
  }

  #ring(id: AccountSessionId, longMs: number): void {
    this.parts.log.error('linking.reconnecting-long', { linkSessionId: id, ms: longMs })
    this.#tell(id, 'account.reconnecting.long', { ms: longMs })
  }

  #tell(accountId: AccountSessionId, type: Told['type'], data: Told['data']): void {
    this.parts.outbox.tell({ type, subject: `account:${accountId}`, data: { accountId, ...data } })
  }
}
