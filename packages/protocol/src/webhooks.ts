import { WEBHOOK_EVENT_TYPES } from '@latchkey/domain/webhooks/event'
import { z } from 'zod'
import { count, momentMs } from './fields.ts'

/**
 * Webhooks, by the Standard Webhooks specification: `POST` with `webhook-id`, `webhook-timestamp` (seconds) and
 * `webhook-signature` (`v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`; several, with a space between, while a secret is
 * being replaced). A receiver answers 2xx within ten seconds, and drops an id that it had.
 */
export const webhookEventType = z.enum(WEBHOOK_EVENT_TYPES)

/** What a receiver gets. Types and fields are only added. */
export const webhookBody = z.object({
  type: webhookEventType,
  /** ISO 8601: when it happened */
  timestamp: z.iso.datetime(),
  data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
})

const URL_CHARACTERS_MAX = 2_048
const NAME_CHARACTERS_MAX = 200
const OVERLAP_HOURS_MAX = 168
const PAGE_MAX = 200
const PAGE_DEFAULT = 50

const url = z.string().min(1).max(URL_CHARACTERS_MAX)
const name = z.string().min(1).max(NAME_CHARACTERS_MAX)
/** null: everything, types of later releases too */
const types = z.array(webhookEventType).min(1).max(WEBHOOK_EVENT_TYPES.length).nullable()

/** `POST /webhooks`. */
export const makeWebhookRequest = z.strictObject({ url, name, types: types.default(null) })

/** `PATCH /webhooks/{id}`. Switched on again, its failures are forgotten. Switched off, it gives up what waits for it. */
export const changeWebhookRequest = z.strictObject({
  url: url.optional(),
  name: name.optional(),
  types: types.optional(),
  on: z.boolean().optional(),
})

export const webhookView = z.object({
  id: z.string(),
  url: z.string(),
  name: z.string(),
  types: z.array(webhookEventType).nullable(),
  /** `off`: by the operator; `failed`: it took nothing for three days, or answered 410 */
  status: z.enum(['on', 'off', 'failed']),
  /** since when it is off or failed; null while it is on */
  statusSince: momentMs.nullable(),
  /** since when each delivery has failed; null: the last one did not */
  failingSince: momentMs.nullable(),
  /** exact to a minute */
  lastDeliveredAt: momentMs.nullable(),
  madeAt: momentMs,
  /** events that wait for it */
  pending: count,
  /** events that were given up */
  dead: count,
  /** secrets that sign at this moment: two during a rotation */
  secrets: count,
})
export type WebhookView = z.output<typeof webhookView>

export const webhooksReply = z.object({ webhooks: z.array(webhookView) })
export const webhookReply = z.object({ webhook: webhookView })
/** With the secret, which is told now and never again: `whsec_` and base64. */
export const webhookSecretReply = z.object({ webhook: webhookView, secret: z.string() })

/** `POST /webhooks/{id}/rotate`: a new secret; those before stay good for so long. */
export const rotateWebhookRequest = z.strictObject({
  overlapHours: z.number().int().min(0).max(OVERLAP_HOURS_MAX).default(24),
})

/** `POST /webhooks/{id}/test`: the event that is on its way. */
export const webhookTestReply = z.object({ eventId: z.string() })

/** `GET /webhooks/{id}/deliveries`: the newest first. */
export const deliveriesQuery = z.strictObject({
  status: z.enum(['pending', 'delivered', 'dead']).optional(),
  /** the `next` of the page before */
  before: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
})

export const deliveryView = z.object({
  eventId: z.string(),
  type: webhookEventType,
  /** events of one subject are delivered in their order */
  subject: z.string(),
  at: momentMs,
  status: z.enum(['pending', 'delivered', 'dead']),
  attempts: count,
  /** when it is tried next; null when it is not */
  dueAt: momentMs.nullable(),
  lastAt: momentMs.nullable(),
  /** what the last attempt came to: a status of HTTP, `timeout`, `unreachable`, `not-allowed`; null before the first */
  lastOutcome: z.string().nullable(),
  /** the body of the request, byte for byte */
  body: z.string(),
})
export const deliveriesReply = z.object({
  deliveries: z.array(deliveryView),
  /** `before` of the next page; null when this is the last */
  next: z.number().int().positive().nullable(),
})

/** `POST /webhooks/{id}/replay`: one event, or all that were given up since a moment (milliseconds since the epoch). */
export const replayRequest = z.union([
  z.strictObject({ eventId: z.string().min(1).max(100) }),
  z.strictObject({ since: momentMs }),
])
export const replayReply = z.object({ replayed: count })
