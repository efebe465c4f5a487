import { z } from 'zod'
import { digestHex } from '../fields.ts'
import { pushEndpoint, pushOutcome, vapidPublicKey } from '../push.ts'

/** What an app and a machine say about push, inside the sealed channel. */

export const PUSH_MUTED_MAX = 64
export const PUSH_LANGUAGES = ['en', 'ru', 'zh'] as const

const terminal = z.number().int().min(0).max(0xffff)
const request = z.number().int().nonnegative().max(0xffffffff)
/** minutes since midnight */
const minute = z.number().int().min(0).max(1_439)

/** Where a browser wants to be called: as its `PushSubscription` says. */
const subscription = z.object({
  endpoint: pushEndpoint,
  /** an uncompressed point of P-256 */
  p256dh: vapidPublicKey,
  /** 16 bytes */
  auth: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
})
export type PushSubscriptionKeys = z.output<typeof subscription>

const rules = z.object({
  /** a program needs a person, or an agent asks */
  needsYou: z.boolean(),
  failed: z.boolean(),
  done: z.boolean(),
  /** null: none. From a minute to another of the same clock, over midnight where `from` is the later one */
  quiet: z
    .object({
      from: minute,
      to: minute,
      /** such as `Europe/Berlin`; one that the machine does not know means the machine's own clock */
      zone: z.string().max(64),
      /** what needs a person comes through all the same */
      exceptNeeds: z.boolean(),
    })
    .nullable(),
  muted: z.array(terminal).max(PUSH_MUTED_MAX),
})
export type PushRules = z.output<typeof rules>

/** app → runner: call this app so, from now on; without a subscription never. */
export const pushWantedFields = {
  subscription: subscription.nullable(),
  rules,
  language: z.enum(PUSH_LANGUAGES),
  /** origin of this app's pages: a tap on the notification opens one there */
  page: z
    .string()
    .max(256)
    .regex(/^https?:\/\/[!-~]+$/),
}

/** app → runner: call this app now, and say each step. `id` is in the notification, so that the app knows it again. */
export const pushTestFields = { request, id: z.string().regex(/^[0-9a-f]{32}$/) }

/** runner → app: after `welcome`, and whenever it changed. */
export const pushStandingFields = {
  /** SHA-256 of the endpoint that this app is called at; null: it is not called */
  endpoint: digestHex.nullable(),
  /** why the machine gave up a subscription: its push service says that it has ended, or its keys are none */
  dropped: z.enum(['gone', 'bad-keys', 'not-kept']).optional(),
}

/** runner → app: one step of a test has happened. `sent` is its end. */
export const pushTestedFields = {
  request,
  step: z.enum(['sealed', 'sent']),
  /** with `sent`; the machine adds what the broker cannot say */
  outcome: z.enum([...pushOutcome.options, 'not-subscribed', 'broker-away', 'broker-too-old']).optional(),
  status: z.number().int().nullable().optional(),
  tookMs: z.number().int().nonnegative().optional(),
  retryAfterSeconds: z.number().int().nonnegative().optional(),
}
