import { z } from 'zod'
import { call } from './call.ts'

/**
 * Push. An app gives its subscription to the runner inside the sealed channel; the runner seals each notification for that
 * subscription (RFC 8291); the broker gets an address and an opaque body, and tells what the push service answered.
 */

/** Every sealed notification is so long, whatever it says. Push services take 4,096 bytes (RFC 8030, 7.2), some only half. */
export const PUSH_BODY_BYTES = 2_048
/** The longest endpoints of today have 500 characters. */
const ENDPOINT_CHARS_MAX = 1_024
/** a day: an older notification is of no use */
const TTL_SECONDS_MAX = 86_400
const WAIT_SECONDS_MAX = 86_400
/** RFC 8292: an uncompressed point of P-256, 65 bytes, in base64url */
export const vapidPublicKey = z.string().regex(/^[A-Za-z0-9_-]{87}$/)

export const pushEndpoint = z
  .string()
  .max(ENDPOINT_CHARS_MAX)
  .regex(/^https?:\/\/[!-~]+$/)

/** What became of one notification on its way to a push service. */
export const pushOutcome = z.enum([
  /** the push service took it */
  'taken',
  /** 404 or 410: the subscription has ended */
  'gone',
  'too-large',
  /** 429: the push service wants a pause */
  'slow-down',
  /** another refusal, a redirect included */
  'refused',
  /** the push service has a failure of its own */
  'failing',
  'timeout',
  'unreachable',
  /** neither https nor a public address, and no push server of the broker's own */
  'not-public',
  /** too many for this endpoint or from this runner: the broker wants a pause */
  'limited',
  /** push is switched off at this broker */
  'off',
])
export type PushOutcome = z.output<typeof pushOutcome>

export const pushCalls = {
  /** Sends one sealed notification on to a push service, and answers with what that service said. */
  'runner:push': call(
    z.object({
      endpoint: pushEndpoint,
      /** base64url of a body of `PUSH_BODY_BYTES` bytes, in the encoding aes128gcm */
      body: z
        .string()
        .regex(/^[A-Za-z0-9_-]+$/)
        .length(Math.ceil((PUSH_BODY_BYTES * 4) / 3)),
      /** how long the push service keeps it for a device that is away */
      ttlSeconds: z.number().int().min(0).max(TTL_SECONDS_MAX),
      urgency: z.enum(['normal', 'high']),
    }),
    z.object({
      success: z.literal(true),
      outcome: pushOutcome,
      /** the push service's own, where it answered */
      status: z.number().int().min(100).max(599).nullable(),
      /** from the broker to the push service and back */
      tookMs: z.number().int().nonnegative(),
      /** with `slow-down` and `limited` */
      retryAfterSeconds: z.number().int().min(0).max(WAIT_SECONDS_MAX).optional(),
    }),
  ),
}
