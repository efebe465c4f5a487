import { listedApp, lockReason } from '@latchkey/protocol/runner-apps'
import { statusFields } from '@latchkey/protocol/terminal/attention'
import { listedShare } from '@latchkey/protocol/terminal/shares'
import { z } from 'zod'

const fleetRights = z.object({ type: z.boolean(), approve: z.boolean(), send: z.boolean() })

/** What the owner's commands say to a running runner, and what it answers: one JSON line each way. */
export const controlRequest = z.discriminatedUnion('command', [
  z.object({ command: z.literal('apps') }),
  /** `app`: its id, the first characters of it, or its name */
  z.object({ command: z.literal('revoke'), app: z.string() }),
  z.object({ command: z.literal('revoke-all') }),
  z.object({ command: z.literal('rename'), app: z.string(), label: z.string() }),
  /** gives an app these rights and no others; `type` implies the others */
  z.object({
    command: z.literal('rights'),
    app: z.string(),
    type: z.boolean(),
    approve: z.boolean(),
    send: z.boolean(),
  }),
  z.object({ command: z.literal('lock') }),
  z.object({ command: z.literal('unlock') }),
  z.object({ command: z.literal('pin') }),
  /** lets in the app that waits and cannot seal; `pin` is the number that `pin` answered */
  z.object({ command: z.literal('accept'), pin: z.string() }),
  z.object({ command: z.literal('status') }),
  /** for a runner without a screen: what its pairing URL ends in */
  z.object({ command: z.literal('fragment') }),
  /** begins or ends the recording of a terminal, by its number or its name */
  z.object({ command: z.literal('record'), terminal: z.string(), on: z.boolean() }),
  z.object({ command: z.literal('recordings') }),
  /** makes a link to a terminal, by its number or its name */
  z.object({
    command: z.literal('share'),
    terminal: z.string(),
    type: z.boolean(),
    history: z.boolean(),
    forMs: z.number(),
    guestsMax: z.number(),
  }),
  z.object({ command: z.literal('shares') }),
  /** ends a link, by its id or the first characters of it; null: all of them */
  z.object({ command: z.literal('unshare'), share: z.string().nullable() }),
  z.object({ command: z.literal('fleet') }),
  /** the most that devices of this machine's owner may do without a PIN; null: they need one */
  z.object({ command: z.literal('fleet-allow'), allowed: fleetRights.nullable() }),
  /** belongs to no owner from now on; devices that came by the owner's word are out at once */
  z.object({ command: z.literal('fleet-leave') }),
  /** what each terminal's program is doing */
  z.object({ command: z.literal('terminals') }),
])
export type ControlRequest = z.output<typeof controlRequest>

const moment = z.number()
export const shownPin = z.object({
  pin: z.string(),
  label: z.string(),
  address: z.string(),
  expiresAt: moment,
  viewOnly: z.boolean(),
  /** with `viewOnly`: rights of an app that otherwise only looks */
  approve: z.boolean().default(false),
  send: z.boolean().default(false),
  /** it cannot seal: its owner says yes with `accept`, and there is nothing to type */
  unsealed: z.boolean().default(false),
})

export const controlAnswer = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    apps: z.array(listedApp).optional(),
    /** the apps that were revoked or renamed */
    changed: z.array(listedApp).optional(),
    pin: shownPin.nullable().optional(),
    locked: lockReason.nullable().optional(),
    /** pairing code, keys and one-time secret; null before the broker has taken a code */
    fragment: z.string().nullable().optional(),
    /** those that run, or the one that was begun or ended: the name of its file */
    recordings: z.array(z.object({ name: z.string(), terminal: z.number() })).optional(),
    /** every link, or those that were made or ended, with the name of their terminal */
    shares: z.array(z.object({ ...listedShare.shape, name: z.string() })).optional(),
    /** the owner of this machine, and the newest list seen of the owner's devices; null without an owner */
    fleet: z
      .object({
        owner: z.string(),
        allowed: fleetRights.nullable(),
        number: z.number(),
        issuedAt: moment.nullable(),
        goodUntil: moment.nullable(),
        devices: z.array(z.object({ label: z.string(), rights: fleetRights })),
        machines: z.array(z.string()),
      })
      .nullable()
      .optional(),
    /** where pages for apps are, as this machine knows */
    brokerUrl: z.string().optional(),
    terminals: z.array(z.object({ ...statusFields, name: z.string() })).optional(),
  }),
  z.object({
    ok: z.literal(false),
    code: z.enum([
      'NO_SUCH_APP',
      'AMBIGUOUS',
      'MALFORMED',
      'FAILED',
      'NO_SUCH_TERMINAL',
      'NO_SUCH_SHARE',
      'NO_OWNER',
    ]),
    message: z.string(),
  }),
])
export type ControlAnswer = z.output<typeof controlAnswer>

export const CONTROL_SOCKET = 'control.sock'
export const CONTROL_LINE_BYTES_MAX = 4_096
