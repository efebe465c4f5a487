import { z } from 'zod'
import { call } from './call.ts'
import { hex128, momentMs } from './fields.ts'

/**
 * What the broker may ask of a runner about the apps that it knows, in the operator's name. The runner decides and answers
 * by the acknowledgement. Everything here takes access away or gives a name: a broker that could unlock, or read a PIN,
 * could let itself in.
 */

/** With names as long as they may be these fit into one message; `latchkey apps` on the machine knows more. */
export const LISTED_APPS_MAX = 100
/** An app that is paired more often than that shows its latest pairings. */
export const LISTED_SESSIONS_MAX = 4
const LABEL_CHARACTERS_MAX = 64
/** 16 bytes in hex, given by the runner */
const appId = hex128

/** One app, as the runner knows it. */
export const listedApp = z.object({
  app: appId,
  label: z.string(),
  mayType: z.boolean(),
  /** may answer questions of agents, may send files; implied by `mayType`. Older runners do not say */
  mayApprove: z.boolean().optional(),
  maySend: z.boolean().optional(),
  /** held: its keys were used twice, and open nothing any more */
  standing: z.enum(['welcome', 'held']),
  /** false: the broker can read what it says and hears, and speak in its name; absent: it seals */
  sealed: z.boolean().optional(),
  createdAt: momentMs,
  lastSeenAt: momentMs,
  /** the app sessions in which it has come in since the runner started, so that the broker's list and this one can be joined */
  sessions: z.array(z.string()).max(LISTED_SESSIONS_MAX).optional(),
})
export type ListedApp = z.output<typeof listedApp>

/** Why no new app is let in: too many wrong PINs, or an order of the owner. */
export const lockReason = z.enum(['guessing', 'owner'])

export const appsOrder = z.discriminatedUnion('command', [
  z.object({ command: z.literal('apps') }),
  z.object({
    command: z.literal('rename'),
    app: appId,
    label: z.string().trim().min(1).max(LABEL_CHARACTERS_MAX),
  }),
  z.object({ command: z.literal('revoke'), app: appId }),
  z.object({ command: z.literal('revoke-all') }),
  z.object({ command: z.literal('lock') }),
])
export type AppsOrder = z.output<typeof appsOrder>

export const appsAnswer = z.discriminatedUnion('ok', [
  /** how it stands once the order was carried out, the app seen last first */
  z.object({
    ok: z.literal(true),
    apps: z.array(listedApp).max(LISTED_APPS_MAX),
    locked: lockReason.nullable(),
  }),
  z.object({ ok: z.literal(false), code: z.enum(['NO_SUCH_APP', 'FAILED']), message: z.string().max(512) }),
])
export type AppsAnswer = z.output<typeof appsAnswer>

/** Broker to runner. Only the acknowledgement answers; the broker does not wait long for it. */
export const runnerAsks = {
  'runner:apps': call(appsOrder, appsAnswer),
}
