import type { PairingRefusal } from '@latchkey/domain/device-pairing/refusals'
import { secondsLeft } from '@latchkey/domain/limits/budget'
import { type DeviceProblemCode, deviceProblems } from '@latchkey/protocol/device-pairing'
import type { z } from 'zod'
import { HttpProblem } from '../http/problem.ts'

/** Why a device or the operator did not get what they asked for, in the words of the wire. */
export type DeviceRefusal =
  | PairingRefusal
  | { readonly code: Exclude<DeviceProblemCode, PairingRefusal['code']> }

const WHY: Readonly<Record<DeviceProblemCode, string>> = {
  MALFORMED_REQUEST: 'the request does not look as it should',
  MALFORMED_TOKEN: 'a join token has 43 base64url characters',
  MALFORMED_PIN: 'a PIN has six digits',
  MALFORMED_NODE_ID: 'a node id has 26 letters a to z and digits 2 to 7',
  MALFORMED_KEY:
    'a public key has 43 base64url characters, a proof 86, a hash 64 hex digits, a join key ljk_ and 43 characters',
  WRONG_PROOF: 'the proof is not the signature of this key over this request',
  TOKEN_UNKNOWN: 'this join token is unknown',
  TOKEN_EXPIRED: 'the time of this join token is over: make a new link',
  PAIRING_CANCELLED: 'the operator has ended this pairing',
  TOO_MANY_ATTEMPTS: 'the PIN was wrong too often: this pairing is over',
  TOKEN_USED: 'another device has come with this token: make a new link',
  DEVICE_NOT_CONNECTED: 'no device has opened the link yet',
  ALREADY_REGISTERED: 'this pairing has been completed',
  NODE_ID_MISMATCH: 'another device has opened the link than the one named',
  WRONG_PIN: 'this is not the PIN that the device shows',
  DEVICE_LIMIT: 'all places are taken: revoke a device first',
  IP_CONFLICT: 'another device has this address',
  TOO_MANY_PAIRINGS: 'too many pairings are under way: finish or cancel one',
  RATE_LIMITED: 'too many attempts: wait',
  NODE_UNKNOWN: 'there is no such node',
  NODE_REVOKED: 'this node has been revoked already',
  FIRST_NODE: 'the mesh began with this machine: it cannot be revoked. Stop its runner, or revoke its apps',
  JOIN_KEY_UNKNOWN: 'there is no such join key: copy it again',
  JOIN_KEY_ENDED: 'this join key was revoked, or its time is over: make a new one',
  JOIN_KEY_SPENT: 'this join key was good for one device, and another one has joined with it: make a new one',
  TOO_MANY_JOIN_KEYS: 'there are as many join keys as there may be: revoke one first',
  SECRET_USED: 'these secrets were used before: make new ones and ask again',
  USER_CODE_UNKNOWN: 'no request waits for this code',
  NOT_SIGNED_IN: 'open the link that the broker printed',
  NOT_A_NODE: 'this token is unknown, too old, or was revoked',
}

/**
 * The refusal as problem details. What a client may act on travels as members of its own.
 * @param waitMs how long it stays refused, where waiting helps
 */
export function deviceProblem(refusal: DeviceRefusal, waitMs?: number): HttpProblem {
  const { code } = refusal
  return new HttpProblem(deviceProblems[code], code, WHY[code], {
    members: membersOf(refusal),
    ...(waitMs !== undefined && { retryAfterSeconds: secondsLeft(waitMs) }),
  })
}

function membersOf(refusal: DeviceRefusal): Readonly<Record<string, string | number>> {
  if ('attemptsLeft' in refusal) return { attemptsLeft: refusal.attemptsLeft }
  if ('from' in refusal) return { from: refusal.from, to: refusal.to }
  if ('existingDevice' in refusal) return { node: refusal.existingDevice }
  if ('limit' in refusal) return { limit: refusal.limit }
  return 'max' in refusal ? { limit: refusal.max } : {}
}

/** The problem code of each malformed field. */
type Malformed = Extract<DeviceProblemCode, `MALFORMED_${string}`>
const FIELDS: Readonly<Record<string, Malformed>> = {
  token: 'MALFORMED_TOKEN',
  id: 'MALFORMED_TOKEN',
  pin: 'MALFORMED_PIN',
  device_node_id: 'MALFORMED_NODE_ID',
  key: 'MALFORMED_KEY',
  publicKey: 'MALFORMED_KEY',
  proof: 'MALFORMED_KEY',
  peerHash: 'MALFORMED_KEY',
  sessionHash: 'MALFORMED_KEY',
}

/** Parses a body by its schema. Throws a problem that names the malformed field. */
export function readBody<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const parsed = schema.safeParse(body ?? {})
  if (parsed.success) return parsed.data
  const [field] = parsed.error.issues.map(({ path }) => String(path[0]))
  throw deviceProblem({ code: FIELDS[field ?? ''] ?? 'MALFORMED_REQUEST' })
}
