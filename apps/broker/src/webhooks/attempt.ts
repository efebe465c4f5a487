import { instant } from '@latchkey/domain/kernel'
import type { WebhookRules } from '@latchkey/domain/webhooks/rules'
import { post } from '../push/post.ts'
import { type LookUp, wayTo } from '../push/way-to-endpoint.ts'
import { BROKER_VERSION } from '../version.ts'
import type { WebhookSecrets } from './webhook-secrets.ts'
import type { Attempt } from './webhook-sender.ts'

interface Parts {
  readonly secrets: WebhookSecrets
  readonly rules: WebhookRules
  /** origins that the operator trusts, though they are private or speak http */
  readonly targets: readonly string[]
  readonly lookUp: LookUp
  readonly clock: () => number
}

/** A look-up asks two name servers' worth of tries before it gives up. */
const LOOK_UP_MS_MAX = 8_000

export const attemptMsMax = ({ answerWithinMs }: WebhookRules): number => LOOK_UP_MS_MAX + answerWithinMs

/**
 * One POST to an endpoint. The name is looked up anew each time, and the connection goes to the addresses that were judged. No redirect
 * is followed and no body of an answer is read.
 */
export const attempting =
  ({ secrets, rules, targets, lookUp, clock }: Parts): Attempt =>
  async ({ endpoint, eventId, body }) => {
    try {
      const way = await wayTo(endpoint.url, targets, lookUp)
      if (way === 'not-public') return { kind: 'not-allowed' }
      if (way === 'unreachable') return { kind: 'unreachable' }
      const headers = {
        'content-type': 'application/json',
        'user-agent': `latchkey/${BROKER_VERSION}`,
        ...secrets.headers(endpoint, { eventId, body }, instant(Math.floor(clock()))),
      }
      const answered = await post(way, headers, Buffer.from(body), rules.answerWithinMs)
      if (typeof answered === 'string') return { kind: answered }
      return { kind: 'answered', status: answered.status, retryAfterMs: waitIn(answered.retryAfter) }
    } catch {
      return { kind: 'unreachable' }
    }
  }

/** In seconds; the form with a date is rare, and our own times are good enough then. */
const waitIn = (retryAfter: string | undefined): number | null =>
  retryAfter !== undefined && /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) * 1_000 : null
