import { sha256 } from '@noble/hashes/sha2.js'
import { z } from 'zod'
import { concatenated, hex, lv, utf8 } from './bytes.ts'
import { digestHex, momentMs } from './fields.ts'
import { base32Of } from './runner-identity.ts'

/**
 * The wire of device pairing: HTTP with JSON bodies, and Server-Sent Events. What the operator asks for needs the console's
 * sign-in; what a device asks for needs the join token, which travels in bodies and in the join URL's fragment alone.
 *
 * `GET /join` answers with the page and changes nothing. Its token is in the fragment (`/join#<token>`); `?token=` is
 * still understood.
 */

/** RFC 3339, UTC: the founding form of a moment. */
const momentText = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

/** A device's name, for people. */
export const DEVICE_NAME_CHARS_MAX = 64
const deviceName = z.string().min(1).max(DEVICE_NAME_CHARS_MAX)

/** 32 random bytes, base64url: starts one pairing, lives five minutes. */
const joinToken = z.string().regex(/^[A-Za-z0-9_-]{43}$/)
/** A join key is this and 43 base64url characters: 32 random bytes, made by the broker. */
export const JOIN_KEY_PREFIX = 'ljk_'
const joinKey = z.string().regex(/^ljk_[A-Za-z0-9_-]{43}$/)
/** Six decimal digits. */
const pin = z.string().regex(/^[0-9]{6}$/)
/** 26 base 32 symbols: `deviceFingerprint` of the device's key. */
const deviceId = z.string().regex(/^[a-z2-7]{26}$/)
/** SHA-256 of the join token, hex: names a pairing where the token must not be known. */
const pairingId = digestHex

/** A peer token is this and 43 base64url characters, made by the device from 32 random bytes. */
export const PEER_TOKEN_PREFIX = 'mpt_'
/** The secret of a device session: this and 43 base64url characters, made by the device. */
export const SESSION_SECRET_PREFIX = 'mst_'

/** A user code in its plain form: upper case, without the spaces and dashes that it was typed with. */
export const userCodeMeant = (typed: string): string => typed.toUpperCase().replace(/[^A-Z0-9]/g, '')

/** Names a request for consent by its user code: SHA-256 of the code in its plain form, hex. */
export const userCodeHash = (typed: string): string => secretHash(userCodeMeant(typed))

/** The broker's record of a peer token or of a session's secret: SHA-256 of its text, hex. */
export const secretHash = (secret: string): string => hex(sha256(utf8(secret)))

/** A device's id: the first 26 base 32 symbols of SHA-256("latchkey node" ‖ its Ed25519 public key). */
export const deviceFingerprint = (publicKey: Uint8Array): string =>
  base32Of(sha256(concatenated(utf8('latchkey node'), publicKey)))

/** The message that a device signs with Ed25519 to join, each item after its length, so that none can be swapped. */
export const joinMessage = (said: {
  readonly token: string
  readonly publicKey: string
  readonly name: string
  readonly peerHash: string
  readonly sessionHash: string
}): Uint8Array => lv('latchkey join', said.token, said.publicKey, said.name, said.peerHash, said.sessionHash)

/** Why a device request was refused: `code` of its problem details (RFC 9457), with its HTTP status. */
export const deviceProblems = {
  MALFORMED_REQUEST: 422,
  MALFORMED_TOKEN: 422,
  MALFORMED_PIN: 422,
  MALFORMED_NODE_ID: 422,
  MALFORMED_KEY: 422,
  /** the signature is not of this key over this transcript */
  WRONG_PROOF: 403,
  /** there has never been such a token, or it was forgotten an hour after its end */
  TOKEN_UNKNOWN: 404,
  TOKEN_EXPIRED: 410,
  /** the operator said no */
  PAIRING_CANCELLED: 410,
  /** five PINs were wrong: this pairing is over, whatever is tried now */
  TOO_MANY_ATTEMPTS: 410,
  /** another device was first */
  TOKEN_USED: 409,
  /** no device has scanned yet; `from` and `to` name the states */
  DEVICE_NOT_CONNECTED: 409,
  ALREADY_REGISTERED: 409,
  /** `device_node_id` is not the device that scanned */
  NODE_ID_MISMATCH: 409,
  /** `attemptsLeft` says how often it may still be typed */
  WRONG_PIN: 403,
  DEVICE_LIMIT: 409,
  /** another device has this address; `node` is its name. Only where the operator switched the check on */
  IP_CONFLICT: 409,
  TOO_MANY_PAIRINGS: 429,
  RATE_LIMITED: 429,
  NODE_UNKNOWN: 404,
  NODE_REVOKED: 410,
  /** the machine that the mesh began with is no device that joined */
  FIRST_NODE: 409,
  /** there is no such join key */
  JOIN_KEY_UNKNOWN: 404,
  /** it was revoked, or its time is over */
  JOIN_KEY_ENDED: 410,
  /** it was good for one device, and that one has joined */
  JOIN_KEY_SPENT: 410,
  TOO_MANY_JOIN_KEYS: 409,
  /** one of the hashes is that of a secret which was somebody's already: make new ones */
  SECRET_USED: 409,
  /** no request waits for this user code */
  USER_CODE_UNKNOWN: 404,
  NOT_SIGNED_IN: 401,
  /** this peer token or session is unknown, expired or revoked */
  NOT_A_NODE: 401,
} as const satisfies Readonly<Record<string, number>>
export type DeviceProblemCode = keyof typeof deviceProblems

/** The rights of a device in the mesh: `runner` enrols runners, `app` signs apps in. */
export const deviceRole = z.enum(['app', 'runner'])

/** What apps on a device may do at machines beside looking. *Type* implies the others. */
export const appRight = z.enum(['type', 'approve', 'send'])

export const DEVICE_NOTE_CHARS_MAX = 500
const deviceNote = z.string().max(DEVICE_NOTE_CHARS_MAX)
/** Words by which machines are told apart: letters, digits, and `-_.:` within. */
const TAGS_MAX = 8
const deviceTags = z.array(z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N}_.:-]{0,31}$/u)).max(TAGS_MAX)

/** A device of the mesh as the operator sees it. */
export const listedDevice = z.object({
  id: z.string(),
  name: z.string(),
  /** the address it joined or was last heard from: for people, it identifies nothing */
  hostname: z.string(),
  port: z.number().int().nullable(),
  roles: z.array(deviceRole),
  /** the machine that the mesh began with: it holds no token and cannot be revoked */
  isFirst: z.boolean().optional(),
  joinedAt: momentMs,
  lastSeenAt: momentMs.nullable(),
  /** it has a live connection now */
  connected: z.boolean(),
  /** runners that it enrolled */
  runners: z.array(z.string()),
  /** how its peer token stands; `none` for the first machine alone */
  token: z.object({ status: z.enum(['none', 'valid', 'expired']), expiresAt: momentMs.nullable() }),
  /** the operator's words about it */
  note: z.string().optional(),
  tags: z.array(z.string()).optional(),
  /** the most that its apps may do at machines; null or absent: what each machine gives */
  appRights: z.array(appRight).nullable().optional(),
  /** where it was heard from last; `hostname` is where it joined */
  lastAddress: z.string().nullable().optional(),
  /** when it is removed unless it is used before */
  removalAt: momentMs.nullable().optional(),
})
export type ListedDevice = z.output<typeof listedDevice>

/** A pairing under way, or one that ended within the hour, as the operator sees it. Never a PIN, never a token. */
export const pairingView = z.object({
  id: pairingId,
  status: z.enum(['waiting', 'connected', 'verified', 'registered', 'failed']),
  /** `pin`: a device scanned the join URL. `consent`: it asked by RFC 8628 and waits for `POST /pairing/consent`. */
  method: z.enum(['pin', 'consent']),
  startedAt: momentMs,
  expiresAt: momentMs.nullable(),
  /** the device, once there is one: how it calls itself, where it is, who it would be */
  device: z.object({ name: z.string(), address: z.string(), nodeId: z.string().nullable() }).nullable(),
  /** with `consent`: `userCodeHash` of the code that the device shows, by which the operator's page finds this request */
  userCodeHash: digestHex.nullable().optional(),
  attemptsLeft: z.number().int().nullable(),
  /** devices that came with the same join URL after this one and were refused: another person has it. Counted up to 10 */
  turnedAway: z.number().int().optional(),
  /** why it failed */
  reason: z.enum(['expired', 'cancelled', 'too-many-attempts']).nullable(),
})
export type PairingView = z.output<typeof pairingView>

/** The part of the console's picture that this feature fills. */
export const devicesView = z.object({ limit: z.number().int(), nodes: z.array(listedDevice) })

/** `POST /pairing/start`, operator. */
export const startRequest = z.object({
  /** a name for the device, when the operator knows it beforehand; it wins over the device's own */
  name: deviceName.optional(),
})
export const startReply = z.object({
  token: joinToken,
  /** `<broker>/join#<token>` */
  qr_url: z.string(),
  expires_at: momentText,
  id: pairingId,
  expiresAt: momentMs,
  serverTime: momentMs,
})

/** `POST /pairing/connect`, a device. Its secrets never leave it: the broker gets their SHA-256, in hex. */
export const connectRequest = z.object({
  token: joinToken,
  /** Ed25519, 32 bytes, base64url */
  publicKey: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  /** Ed25519 over `joinMessage`, 64 bytes, base64url */
  proof: z.string().regex(/^[A-Za-z0-9_-]{86}$/),
  name: deviceName,
  peerHash: digestHex,
  sessionHash: digestHex,
})
export const connectReply = z.object({
  /** to be shown, and typed at the console. The same device that asks again is told the same. */
  pin,
  nodeId: deviceId,
  /** how it will be listed */
  name: z.string(),
  /** the broker it joins */
  host: z.string(),
  expiresAt: momentMs,
  serverTime: momentMs,
})

/** `POST /pairing/verify`, operator. */
export const verifyRequest = z.object({
  token: joinToken,
  pin,
  device_node_id: deviceId.optional(),
  /** what it may do; absent: all */
  roles: z.array(deviceRole).min(1).optional(),
  /** the most that its apps may do at machines; absent: what each machine gives */
  appRights: z.array(appRight).optional(),
})
export const verifyReply = z.object({
  success: z.literal(true),
  /** the device session's public handle: it opens nothing */
  session_token: z.string(),
  node: listedDevice,
})

/** `POST /pairing/cancel`, operator: the device is not theirs, or they changed their mind. */
export const cancelRequest = z.union([z.object({ token: joinToken }), z.object({ id: pairingId })])
export const cancelReply = z.object({ success: z.literal(true) })

/** `POST /pairing/consent`, operator: answers a device that asked by RFC 8628 and shows a user code. */
export const consentRequest = z.object({
  user_code: z.string().max(32),
  approve: z.boolean(),
  /** what it may do; absent: enrol runners, and nothing else */
  roles: z.array(deviceRole).min(1).optional(),
  /** the most that its apps may do at machines; absent: what each machine gives */
  appRights: z.array(appRight).optional(),
})
export const consentReply = z.object({ success: z.literal(true), id: pairingId })

/** `POST /pairing/follow`, a device: answered by Server-Sent Events, each `data:` one of these; ends after the last state. */
export const followRequest = z.object({ token: joinToken })
export const joinEvent = z.discriminatedUnion('status', [
  z.object({ status: z.literal('waiting'), expiresAt: momentMs, serverTime: momentMs }),
  z.object({ status: z.literal('connected'), expiresAt: momentMs, serverTime: momentMs }),
  /** it is a device of the mesh: peer token and session are good from now on */
  z.object({
    status: z.literal('registered'),
    node: z.object({ id: z.string(), name: z.string() }),
    serverTime: momentMs,
  }),
  z.object({
    status: z.literal('failed'),
    reason: z.enum(['expired', 'cancelled', 'too-many-attempts']),
    serverTime: momentMs,
  }),
])
export type JoinEvent = z.output<typeof joinEvent>

/** `GET /nodes`, operator. */
export const devicesReply = z.object({
  nodes: z.array(listedDevice),
  /** how many devices there may be */
  limit: z.number().int(),
})

/** `DELETE /devices/:id`, operator: everything that is void from now on. */
export const revokeReply = z.object({
  success: z.literal(true),
  node: z.object({ id: z.string(), name: z.string() }),
  revoked: z.object({
    /** peer tokens, by the first 12 characters of their hash */
    tokens: z.array(z.string()),
    /** device sessions, by public handle */
    sessions: z.array(z.string()),
    /** runners it had enrolled: they are closed, and may come back only when enrolled anew */
    runners: z.array(z.string()),
    /** live connections of it that this broker closed */
    connections: z.number().int(),
  }),
})
export type Revoked = z.output<typeof revokeReply>

/** `GET /devices/me`, a device, with `Authorization: Bearer` and its peer token or session secret; `PATCH` renames it. */
export const meReply = z.object({ node: listedDevice, host: z.string(), serverTime: momentMs })
export const renameRequest = z.object({ name: deviceName })
/** `PATCH /nodes/:id`, operator: absent fields stay. Answered by `meReply`. */
export const changeRequest = z.object({
  name: deviceName.optional(),
  note: deviceNote.optional(),
  tags: deviceTags.optional(),
  /** null: what each machine gives. Machines hear of it when its apps pair next */
  appRights: z.array(appRight).nullable().optional(),
})

/** `DELETE /nodes/me`, a device: it leaves the mesh, and its token is void. */
export const leaveReply = z.object({ success: z.literal(true) })

/** A join key as the operator sees it; `id` is SHA-256 of its text, hex. */
export const joinKeyView = z.object({
  id: digestHex,
  name: z.string(),
  tags: z.array(z.string()),
  reusable: z.boolean(),
  status: z.enum(['good', 'spent', 'expired', 'revoked']),
  createdAt: momentMs,
  expiresAt: momentMs,
  /** devices that came with it */
  uses: z.number().int(),
  lastUsedAt: momentMs.nullable(),
})
export type JoinKeyView = z.output<typeof joinKeyView>

/** `GET /operator/join-keys`: those that are good, and those that ended within a month. */
export const joinKeysReply = z.object({ keys: z.array(joinKeyView) })

const JOIN_KEY_LIFE_SECONDS_MAX = 365 * 86_400
/** `POST /operator/join-keys`. */
export const joinKeyRequest = z.object({
  name: deviceName,
  tags: deviceTags.optional(),
  /** absent: good for one device */
  reusable: z.boolean().optional(),
  /** absent: a day */
  lifeSeconds: z.number().int().min(60).max(JOIN_KEY_LIFE_SECONDS_MAX).optional(),
})
/** `secret` is the key's text. It is told here, and never again. */
export const joinKeyReply = z.object({ key: joinKeyView, secret: joinKey })
export const joinKeyRevoked = z.object({ key: joinKeyView })

/** `POST /pairing/key`, a machine: joins without a person at the console. */
export const keyedRequest = z.object({
  key: joinKey,
  /** Ed25519, 32 bytes, base64url */
  publicKey: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  /** Ed25519 over `joinMessage` with the key as its token and an empty `sessionHash` */
  proof: z.string().regex(/^[A-Za-z0-9_-]{86}$/),
  name: deviceName,
  peerHash: digestHex,
})
export const keyedReply = z.object({
  nodeId: deviceId,
  /** how it is listed */
  name: z.string(),
  /** the broker that it joined */
  host: z.string(),
  serverTime: momentMs,
})
