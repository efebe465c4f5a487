import { ByteReader, ByteWriter, decoded } from '@latchkey/protocol/bytes'
import { APP_ID_BYTES } from './messages.ts'
import { KEY_BYTES } from './primitives.ts'

/** The grant that a runner sends an app in message 6 (PROTOCOL rp1 3.4, payload 2). */
export interface Grant {
  /** 16 bytes: how the runner knows this app from now on */
  readonly appId: Uint8Array
  /** 32 secret bytes: the PSK with which it returns */
  readonly resumeKey: Uint8Array
  readonly permissions: Permissions
  /** milliseconds since the epoch, by the runner's clock; null = no end */
  readonly expiresAtMs: number | null
  /** the number of the newest revocation list */
  readonly revocationRev: number
}

export interface Permissions {
  readonly view: boolean
  readonly input: boolean
  readonly admin: boolean
  /** may answer questions of agents */
  readonly approve: boolean
  /** may send files to the machine */
  readonly send: boolean
}

export const Permission = { view: 1, input: 2, admin: 4, approve: 8, send: 16 } as const
/** A release that knows three bits refuses a grant with another one, so the last two go only to apps that name `KNOWS_RIGHTS`. */
const ALL_PERMISSIONS =
  Permission.view | Permission.input | Permission.admin | Permission.approve | Permission.send
const GRANT_BYTES = APP_ID_BYTES + KEY_BYTES + 1 + 8 + 4

export const encodeGrant = (grant: Grant): Uint8Array =>
  new ByteWriter(GRANT_BYTES)
    .put(grant.appId)
    .put(grant.resumeKey)
    .u8(permissionBits(grant.permissions))
    .u53(grant.expiresAtMs ?? 0)
    .u32(grant.revocationRev).bytes

/** Null when it is not a grant, or grants something this version does not know. */
export const decodeGrant = (bytes: Uint8Array): Grant | null =>
  decoded(() => {
    const reader = new ByteReader(bytes)
    const appId = Uint8Array.from(reader.bytes(APP_ID_BYTES))
    const resumeKey = Uint8Array.from(reader.bytes(KEY_BYTES))
    const bits = reader.u8()
    const expiresAtMs = reader.u53()
    const revocationRev = reader.u32()
    if (reader.left !== 0 || (bits & ~ALL_PERMISSIONS) !== 0) return null
    const permissions = {
      view: (bits & Permission.view) !== 0,
      input: (bits & Permission.input) !== 0,
      admin: (bits & Permission.admin) !== 0,
      approve: (bits & Permission.approve) !== 0,
      send: (bits & Permission.send) !== 0,
    }
    return {
      appId,
      resumeKey,
      permissions,
      expiresAtMs: expiresAtMs === 0 ? null : expiresAtMs,
      revocationRev,
    }
  })

const permissionBits = ({ view, input, admin, approve, send }: Permissions): number =>
  (view ? Permission.view : 0) |
  (input ? Permission.input : 0) |
  (admin ? Permission.admin : 0) |
  (approve ? Permission.approve : 0) |
  (send ? Permission.send : 0)

/** Capability bit: the app reads a grant that gives approve or send. */
export const KNOWS_RIGHTS = 1

/** Payload 1 of Noise: when the app speaks, by its clock, and what it can do. Nothing in it is secret. */
export interface Greeting {
  readonly atMs: number
  /** u16; bit 0 is `KNOWS_RIGHTS`, the others have no meaning yet */
  readonly capabilities: number
}

export const GREETING_BYTES = 10
export const encodeGreeting = (greeting: Greeting): Uint8Array =>
  new ByteWriter(GREETING_BYTES).u53(greeting.atMs).u16(greeting.capabilities).bytes

export const decodeGreeting = (bytes: Uint8Array): Greeting | null =>
  decoded(() => {
    const reader = new ByteReader(bytes)
    const greeting = { atMs: reader.u53(), capabilities: reader.u16() }
    return reader.left === 0 ? greeting : null
  })
