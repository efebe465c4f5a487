import { randomBytes } from 'node:crypto'
import type { AccountSessionId } from '@latchkey/domain/accounts/account'
import type { Log } from '../log/log.ts'

/** One unexpected failure, as an error tracker gets it. Nothing in it can hold a number, a code, a QR, a token or a key. */
export interface AccountFailure {
  readonly component: 'linking'
  readonly operation: string
  readonly linkSessionId: AccountSessionId
  readonly library: string
  readonly statusCode: number | null
  readonly correlationId: string
  /** groups failures: one for each operation and code */
  readonly fingerprint: readonly string[]
}

/** Where unexpected failures go besides the log. Must not wait and must not throw; linking goes on whatever it does. */
export type Capture = (failure: AccountFailure) => void

/** One alert for all sessions: what only the operator can mend. */
const ALERTED_TOGETHER: ReadonlySet<string> = new Set(['client-outdated'])
const ALERT_AGAIN_AFTER_MS = 60 * 60_000

/** Names one failure for the page and the log alike. */
export const newCorrelationId = (): string => randomBytes(4).toString('hex')

interface Parts {
  readonly log: Log
  readonly capture: Capture
  /** name and version of the client library */
  readonly library: string
  readonly clock: () => number
}

/** Tells the log and the error tracker of unexpected failures, once each. */
export class AccountReport {
  readonly #alertedAtMs = new Map<string, number>()

  constructor(private readonly parts: Parts) {}

  failed(linkSessionId: AccountSessionId, operation: string, statusCode: number | null): void {
    if (this.#isKnown(operation)) return
    const correlationId = newCorrelationId()
    const code = statusCode === null ? 'none' : String(statusCode)
    // An error of the log is what the error tracker hears of; the library's version belongs to it.
    this.parts.log.error('linking.failed', {
      linkSessionId,
      operation,
      code,
      correlationId,
      reason: this.parts.library,
    })
    try {
      this.parts.capture({
        component: 'linking',
        operation,
        linkSessionId,
        library: this.parts.library,
        statusCode,
        correlationId,
        fingerprint: ['linking', operation, code],
      })
    } catch {
      this.parts.log.warn('linking.capture-failed', { correlationId })
    }
  }

  #isKnown(operation: string): boolean {
    if (!ALERTED_TOGETHER.has(operation)) return false
    const now = this.parts.clock()
    const isKnown =
      now - (this.#alertedAtMs.get(operation) ?? Number.NEGATIVE_INFINITY) < ALERT_AGAIN_AFTER_MS
    if (!isKnown) this.#alertedAtMs.set(operation, now)
    return isKnown
  }
}
