import { type Instant, later } from '../kernel.ts'
import type { WebhookEndpoint } from './endpoint.ts'
import type { WebhookRules } from './rules.ts'

/** The way of one event to one endpoint. */
export interface Delivery {
  readonly endpointId: string
  /** the event's place in the order of all */
  readonly number: number
  readonly subject: string
  /** `dead`: given up; a replay makes it pending again */
  readonly status: 'pending' | 'delivered' | 'dead'
  readonly attempts: number
  /** when it is tried next, while it is pending */
  readonly dueAt: Instant
  readonly lastAt: Instant | null
  /** what the last attempt came to, in few words: `200`, `timeout` */
  readonly lastOutcome: string | null
}

/** What an attempt came to. */
export type Attempted =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfterMs: number | null }
  /** `not-allowed`: the address is none that webhooks may reach; it may be resolved to another later */
  | { readonly kind: 'timeout' | 'unreachable' | 'not-allowed' }

const GONE = 410
const LAST_DELIVERED_RESOLUTION_MS = 60_000

export const outcomeText = (attempted: Attempted): string =>
  attempted.kind === 'answered' ? String(attempted.status) : attempted.kind

/** A redirect is no success: the operator named another address. */
const isTaken = (attempted: Attempted): boolean =>
  attempted.kind === 'answered' && attempted.status >= 200 && attempted.status < 300

/**
 * What becomes of a delivery and its endpoint after an attempt. A delivery that was settled meanwhile, or an endpoint
 * that was switched off, is left as it is.
 * @param chance from 0 to 1: spreads the next attempts of many deliveries
 */
export function settle(
  { delivery, endpoint }: { readonly delivery: Delivery; readonly endpoint: WebhookEndpoint },
  attempted: Attempted,
  { now, chance, rules }: { readonly now: Instant; readonly chance: number; readonly rules: WebhookRules },
): { readonly delivery: Delivery; readonly endpoint: WebhookEndpoint } {
  if (delivery.status !== 'pending') return { delivery, endpoint }
  const tried: Delivery = {
    ...delivery,
    attempts: delivery.attempts + 1,
    lastAt: now,
    lastOutcome: outcomeText(attempted),
  }
  if (isTaken(attempted))
    return { delivery: { ...tried, status: 'delivered' }, endpoint: worked(endpoint, now) }
  const waitMs = rules.retryAfterMs[delivery.attempts]
  return {
    delivery:
      waitMs === undefined
        ? { ...tried, status: 'dead' }
        : { ...tried, dueAt: later(now, waitFor(waitMs, attempted, chance, rules)) },
    endpoint: failed(endpoint, attempted, now, rules),
  }
}

const SPREAD = 0.2

/** The target's own wish counts where it is longer, up to a bound. */
function waitFor(waitMs: number, attempted: Attempted, chance: number, { pauseMaxMs }: WebhookRules): number {
  const wishMs = attempted.kind === 'answered' ? Math.min(attempted.retryAfterMs ?? 0, pauseMaxMs) : 0
  return Math.round(Math.max(wishMs, waitMs) * (1 + SPREAD * chance))
}

function worked(endpoint: WebhookEndpoint, now: Instant): WebhookEndpoint {
  const { failingSince, lastDeliveredAt } = endpoint
  const isNews = lastDeliveredAt === null || now >= later(lastDeliveredAt, LAST_DELIVERED_RESOLUTION_MS)
  return failingSince === null && !isNews
    ? endpoint
    : { ...endpoint, failingSince: null, lastDeliveredAt: now }
}

/** Switches an endpoint off that has taken nothing for too long, or says that it is gone for ever. */
function failed(
  endpoint: WebhookEndpoint,
  attempted: Attempted,
  now: Instant,
  { failingMaxMs }: WebhookRules,
): WebhookEndpoint {
  const failingSince = endpoint.failingSince ?? now
  const isGone = attempted.kind === 'answered' && attempted.status === GONE
  const isOver = endpoint.status.is === 'on' && (isGone || now >= later(failingSince, failingMaxMs))
  if (!isOver && endpoint.failingSince !== null) return endpoint
  return {
    ...endpoint,
    failingSince,
    ...(isOver ? { status: { is: 'failed', at: now, outcome: outcomeText(attempted) } } : {}),
  }
}
