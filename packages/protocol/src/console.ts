import { z } from 'zod'
import { devicesView, pairingView } from './device-pairing.ts'
import { count, momentMs } from './fields.ts'
import { limitsView } from './limits.ts'
import { vapidPublicKey } from './push.ts'

/** What the operator's console is told: `GET /console/events`, Server-Sent Events, each `data:` one of these as JSON. */

export const runnerView = z.object({
  runnerId: z.string(),
  label: z.string(),
  status: z.enum(['online', 'suspended', 'gone', 'unseen']),
  /** by the broker's own measure of its connection, milliseconds there and back; null when unknown */
  roundTripMs: z.number().nonnegative().nullable(),
  lastSeenAt: momentMs.nullable(),
  /** the broker that holds its connection; null when none does */
  node: z.string().nullable().optional(),
  /** live terminal channels through this broker */
  channels: count,
  apps: z.array(
    z.object({
      appSessionId: z.string(),
      label: z.string(),
      address: z.string(),
      connected: z.boolean(),
      pairedAt: momentMs,
    }),
  ),
})
export type RunnerView = z.output<typeof runnerView>

/** `GET /machines`. */
export const machinesReply = z.object({ serverTime: momentMs, machines: z.array(runnerView) })

export const activityView = z.object({
  at: momentMs,
  outcome: z.string(),
  appSessionId: z.string(),
  runnerId: z.string().nullable(),
  runnerLabel: z.string().nullable(),
  maskedCode: z.string(),
  errorCode: z.string().nullable(),
  /** the subject that was charged, as `address:192.0.2.7` */
  subject: z.string().optional(),
})
export type ActivityView = z.output<typeof activityView>

export const healthView = z.object({
  startedAt: momentMs,
  store: z.object({ kind: z.string(), lastCallMs: z.number().nonnegative(), ok: z.boolean() }),
  /** the servers that the store is made of, as each answered last; `tookMs` is null before the first answer, and without one */
  servers: z
    .array(z.object({ name: z.string(), ok: z.boolean(), tookMs: z.number().nonnegative().nullable() }))
    .optional(),
  eventLoopLagMs: z.number().nonnegative(),
  version: z.string(),
})
export type HealthView = z.output<typeof healthView>

/** One broker instance of those that share a store, as it was when it renewed its lease last. */
export const instanceView = z.object({
  nodeId: z.string(),
  /** the one that sent this */
  isHere: z.boolean(),
  host: z.string(),
  /** where other broker instances reach it; null where no address is set */
  address: z.string().nullable(),
  version: z.string(),
  startedAt: momentMs,
  /** control connections that speak for runners */
  runners: count,
  /** control connections of apps */
  apps: count,
  /** terminal sockets */
  terminals: count,
})
export type InstanceView = z.output<typeof instanceView>

/** The whole picture first, and again whenever something in it changed (at most four times a second). */
export const consoleEvent = z.object({
  serverTime: momentMs,
  host: z.string(),
  signedInUntil: momentMs,
  health: healthView,
  runners: z.array(runnerView),
  activity: z.array(activityView),
  /** the broker instances that live, the sender of this first */
  nodes: z.array(instanceView).optional(),
  limits: limitsView.optional(),
  devices: devicesView.optional(),
  /** device pairings under way, and those that ended within the hour; the newest first */
  pairings: z.array(pairingView).optional(),
})
export type ConsoleEvent = z.output<typeof consoleEvent>

/** `POST /operator/sign-in`: the one-time token of the printed URL, in a body so that no log has it. */
export const signInRequest = z.object({ token: z.string().min(1).max(256) })
export const signInReply = z.object({
  signedInUntil: momentMs,
  /**
   * The half of the session that the page keeps, and sends with each request as `PAGE_KEY_HEADER`. Browsers send a cookie to
   * every port of a host; what a page keeps belongs to its own port alone.
   */
  pageKey: z.string().optional(),
})
export const PAGE_KEY_HEADER = 'x-latchkey-page'

/** What a page needs to know before anything else: `GET /broker.json`. No secret in it. */
export const brokerInfo = z.object({
  name: z.literal('latchkey'),
  version: z.string(),
  protocol: z.number().int(),
  /** what the code field shows as an example of: which symbols codes may have */
  alphabet: z.string(),
  /** the key that push subscriptions are made with (RFC 8292); null where push is off, absent from older brokers */
  pushKey: vapidPublicKey.nullable().optional(),
  /** the command `latchkey` is installed there; false where the broker runs from a clone */
  installed: z.boolean().optional(),
})

/** RFC 9457 problem details, with the machine code. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().optional(),
  code: z.string(),
  /** with WRONG_PIN: how often it may still be typed */
  attemptsLeft: z.number().int().optional(),
  /** with a step that a device pairing does not allow: the states between which there is no way */
  from: z.string().optional(),
  to: z.string().optional(),
  /** with IP_CONFLICT: the name of the device that has this address */
  node: z.string().optional(),
  /** with DEVICE_LIMIT and TOO_MANY_PAIRINGS: how many there may be */
  limit: z.number().int().optional(),
})
export type Problem = z.output<typeof problem>
