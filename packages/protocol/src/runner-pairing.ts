import { PairingErrorCode } from '@latchkey/domain/pairing-errors'
import { z } from 'zod'
import { call } from './call.ts'
import { appRight } from './device-pairing.ts'
import { digestHex, hex128, momentMs } from './fields.ts'
import { shownCode } from './shown.ts'

/** The control wire of runner pairing: Socket.IO, default namespace, the founding event names. */

/** Longest id that a client may bring along, as the domain takes it. Ours are 26 (runner) and 43 (app session) characters. */
const ID_CHARACTERS_MAX = 200
const id = z.string().min(1).max(ID_CHARACTERS_MAX)
/** Typed by people, so its form is judged by the domain's parser, which answers INVALID_FORMAT; here only its size. */
const typedCode = z.string().max(2_048)
/** A runner that knows more apps deposits those that came last. */
export const ROUTE_TICKETS_MAX = 256
/** A runner that knows apps of more devices names those that came last. */
export const DEVICES_MAX = 256
/** So many at a time; a runner that has more says so again. */
export const REVOKED_MAX = 64
const base64urlText = z
  .string()
  .regex(/^[A-Za-z0-9_-]+$/)
  .max(256)

/** A ticket says whom it admits, signed: the longest names that are allowed, in UTF-8 and base64url. */
export const TICKET_CHARS_MAX = 4_096
const ticketText = z
  .string()
  .regex(/^[A-Za-z0-9_-]+$/)
  .max(TICKET_CHARS_MAX)
/** Admits one terminal connection: single use, 30 seconds. */
const ticket = z.object({
  ticket: ticketText,
  expiresAt: momentMs,
  /** where it is shown without a detour, when the runner's broker has an address of its own; else where one is already */
  terminalUrl: z
    .string()
    .regex(/^wss?:\/\/[^/?#]+\/terminal$/)
    .max(256)
    .optional(),
  /** the broker takes an app's first messages together with the ticket (`terminal/first-frame.ts`) */
  takesEarly: z.literal(true).optional(),
  /** the next time the broker takes what the app shows on its control connection in place of a ticket (`terminal/first-frame.ts`) */
  takesCredential: z.literal(true).optional(),
})
/** The broker's ticket for one terminal connection. */
export type TerminalTicket = z.output<typeof ticket>
/** One routed pair of ends: 16 random bytes in hex (PROTOCOL rp1 3.3). */
const pid = hex128

/** The answer to a refused call, in the acknowledgement and in the `fails` event alike. */
export const refusal = z.object({
  success: z.literal(false),
  error: z.enum(PairingErrorCode),
  code: z.enum(PairingErrorCode),
  message: z.string(),
  /** seconds until the next try may be made, with RATE_LIMITED */
  remainingBanTime: z.number().int().nonnegative().optional(),
})
export type Refusal = z.output<typeof refusal>

const succeeded = z.literal(true)

export const runnerCalls = {
  /** Asks for the nonce that the next `runner:register` of this connection signs. */
  'runner:challenge': call(z.object({}).optional(), z.object({ success: succeeded, nonce: base64urlText }), {
    succeeds: 'runner:challenge:response',
    fails: 'runner:challenge:error',
  }),
  'runner:register': call(
    z.object({
      runnerId: id,
      pairingCode: typedCode,
      /** the enrolment secret, or a device's peer token; a known runner's signature may stand in for it */
      secret: z.string().max(512).optional(),
      /** 128 random bits of this process, in hex: the same value back within the grace is the same process */
      incarnation: hex128.optional(),
      /** X25519 ‖ Ed25519 public keys, 64 bytes */
      publicKey: base64urlText.optional(),
      nonce: base64urlText.optional(),
      /** Ed25519 over `registrationMessage` */
      signature: base64urlText.optional(),
      /** how the machine calls itself, for people */
      label: z.string().max(64).optional(),
      /** SHA-256, in hex, of the text of each route ticket that this runner would let in without a code */
      routeTickets: z.array(digestHex).max(ROUTE_TICKETS_MAX).optional(),
      /** the devices whose apps this runner knows: the broker tells it which are revoked, now and from now on */
      deviceIds: z.array(id).max(DEVICES_MAX).optional(),
    }),
    z.object({
      success: succeeded,
      runnerId: z.string(),
      pairingCode: shownCode,
      message: z.string(),
      expiresAt: momentMs,
      serverTime: momentMs,
      epoch: z.number().int(),
      /** the same code and pairings as before the connection was lost */
      resumed: z.boolean(),
      /** those of `deviceIds` that the operator revoked */
      revokedDeviceIds: z.array(z.string()).optional(),
      terminal: ticket,
    }),
    { succeeds: 'runner:register:success', fails: 'runner:register:error' },
  ),
  'runner:heartbeat': call(
    z.object({ runnerId: id }),
    z.object({ success: succeeded, serverTime: momentMs }),
  ),
  /** A new code for a living runner: same pairings. */
  'runner:rotate': call(
    z.object({ pairingCode: typedCode, routeTickets: z.array(digestHex).max(ROUTE_TICKETS_MAX).optional() }),
    z.object({ success: succeeded, pairingCode: shownCode, expiresAt: momentMs, serverTime: momentMs }),
    { succeeds: 'runner:rotate:success', fails: 'runner:rotate:error' },
  ),
  /** The list of route tickets has changed: an app came or went, a key or a one-time secret was replaced. */
  'runner:route-tickets': call(
    z.object({ routeTickets: z.array(digestHex).max(ROUTE_TICKETS_MAX) }),
    z.object({ success: succeeded }),
  ),
  /**
   * The machine's owner turned these apps away: their pairings end here too, at once. Only a second wall: the runner refuses
   * their keys by itself, whatever becomes of this.
   */
  'runner:revoke': call(
    z.object({ appSessionIds: z.array(id).min(1).max(REVOKED_MAX) }),
    z.object({ success: succeeded }),
  ),
}

export const appCalls = {
  'app:pair': call(
    z.union([z.object({ pairingCode: typedCode }), z.object({ runnerId: id, routeTicket: base64urlText })]),
    z.object({
      success: succeeded,
      runnerId: z.string(),
      pairedAt: momentMs,
      message: z.string(),
      runnerLabel: z.string(),
      pid,
      terminal: ticket,
    }),
    { succeeds: 'app:pair:success', fails: 'app:pair:error' },
  ),
  'app:pairing:status': call(
    z.object({}).optional(),
    z.object({
      success: succeeded,
      paired: z.boolean(),
      runnerId: z.string().optional(),
      runnerLabel: z.string().optional(),
      runnerOnline: z.boolean().optional(),
      /** when the runner was last heard of, by the store's clock */
      runnerLastSeenAt: momentMs.optional(),
      pairedAt: momentMs.optional(),
      message: z.string(),
    }),
    { succeeds: 'app:pairing:status:response', fails: 'app:pairing:status:error' },
  ),
  'app:unpair': call(
    z.object({}).optional(),
    z.object({ success: succeeded, runnerId: z.string().optional(), message: z.string() }),
    { succeeds: 'app:unpair:success', fails: 'app:unpair:error' },
  ),
}

/** Either end asks for another ticket when its terminal connection was lost and its control connection was not. */
export const terminalCalls = {
  'terminal:ticket': call(
    z.object({}).optional(),
    z.object({ success: succeeded, terminal: ticket, pid: pid.optional() }),
    {
      succeeds: 'terminal:ticket:response',
      fails: 'terminal:ticket:error',
    },
  ),
}

/** The broker's facts, told unasked. Past tense in meaning; the founding names are kept. */
export const pairingFacts = {
  /** the app session's credential: keep it, send it as `auth.clientToken` */
  'app:session': z.object({ clientToken: z.string() }),
  /** to a paired app that connects while its machine is online: all that it needs for a channel, unasked */
  'terminal:ready': z.object({ runnerId: z.string(), runnerLabel: z.string(), pid, terminal: ticket }),
  'runner:online': z.object({ runnerId: z.string() }),
  /** `paired: true` until the grace ends at `until`; then `paired: false`: a new code is needed */
  'runner:offline': z.object({ runnerId: z.string(), paired: z.boolean(), until: momentMs.optional() }),
  'runner:app:paired': z.object({
    appSessionId: z.string(),
    pid,
    address: z.string(),
    label: z.string(),
    /** the device that the app signed in as; absent for a stranger */
    deviceId: z.string().optional(),
    /**
     * the most that the operator lets apps of this device do here beside looking; absent: what the machine gives. It only takes
     * away: a broker that lies widens nothing
     */
    rights: z.array(appRight).optional(),
  }),
  /** `revoked`: the operator revoked the device that the app is on; the runner turns the app's key away, too */
  'runner:app:unpaired': z.object({ appSessionId: z.string(), revoked: z.boolean().optional() }),
  /** the operator revoked this device, wherever its apps are now: the runner turns their keys away */
  'runner:device:revoked': z.object({ deviceId: z.string() }),
  /** asks the runner for `runner:rotate` */
  'runner:code:renew': z.object({ reason: z.enum(['age', 'guessing', 'operator']) }),
  /** another connection speaks for this runner now: stop, do not reconnect */
  'runner:superseded': z.object({ runnerId: z.string() }),
  /** the broker is going down: come back after about this many milliseconds */
  'broker:restarting': z.object({ comeBackInMs: z.number().int().nonnegative() }),
}

/** The client's part of the Socket.IO handshake. */
export const handshakeAuth = z.object({
  token: z.string().max(512).optional(),
  clientToken: z.string().max(512).optional(),
  /** how the app calls itself, for the person at the machine */
  label: z.string().max(64).optional(),
  protocol: z.number().int().optional(),
})
export type HandshakeAuth = z.output<typeof handshakeAuth>
