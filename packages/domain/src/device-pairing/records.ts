import type { Instant } from '../kernel.ts'
import type { DeviceId, JoinKeyDigest, PeerTokenDigest, SecretDigest, SessionDigest } from './ids.ts'

/** What a device may do: `app` signs apps in, `runner` enrols runners. */
export type DeviceRole = 'app' | 'runner'

/** What an app on a device may do at machines beside looking. *Type* implies the others. */
export type AppRight = 'type' | 'approve' | 'send'

/** A device that joined the mesh. */
export interface Device {
  readonly id: DeviceId
  /** how people call it */
  readonly name: string
  /** the address it joined from. For people: it identifies nothing */
  readonly hostname: string
  readonly port: number | null
  /** Ed25519, base64url; null for a device that has shown none, which can never come back under its id */
  readonly publicKey: string | null
  readonly roles: readonly DeviceRole[]
  /** the machine that the mesh began with: it holds no token, and is not revoked */
  readonly isFirst: boolean
  readonly createdAt: Instant
  readonly updatedAt: Instant
  readonly lastSeenAt: Instant
  /** null while it is one; kept for a while after, so that what it enrolled stays out */
  readonly revokedAt: Instant | null
  /** the operator's words about it; empty: none */
  readonly note: string
  /** of the join key that it came with, or the operator's */
  readonly tags: readonly string[]
  /** the most that its apps may do at any machine; null: what each machine gives */
  readonly appRights: readonly AppRight[] | null
  /** where it was heard from last; null until it was used after joining */
  readonly lastAddress: string | null
  /** the end of its peer token that was told as near; null: none was */
  readonly toldEnd: Instant | null
  /** when it is removed unless it is used before; null: it is not about to be */
  readonly removalAt: Instant | null
}

/** What a device authenticates with. The secret itself was made by the device and is known to it alone. */
export interface PeerToken {
  readonly token: PeerTokenDigest
  readonly nodeId: DeviceId
  readonly permissions: readonly DeviceRole[]
  readonly createdAt: Instant
  readonly expiresAt: Instant
  readonly revokedAt: Instant | null
}

/** Lets machines join without a person at the console. Its text is shown once, when it is made. */
export interface JoinKey {
  readonly key: JoinKeyDigest
  /** the operator's words for it */
  readonly name: string
  /** each device that comes with it gets these */
  readonly tags: readonly string[]
  /** false: good for one device */
  readonly isReusable: boolean
  readonly createdAt: Instant
  readonly expiresAt: Instant
  /** devices that came with it */
  readonly useCount: number
  readonly lastUsedAt: Instant | null
  readonly revokedAt: Instant | null
}

/** What an operator may want to be called for. */
export const NOTICE_KINDS = [
  'device-asks',
  'device-joined',
  'device-ended',
  'machine-offline',
  'guessing',
] as const
export type NoticeKind = (typeof NOTICE_KINDS)[number]

/** The kinds of notices that are sent; there is one table. */
export interface NoticeTable {
  readonly on: readonly NoticeKind[]
}

/** A browser of the operator that is called. */
export interface Watcher {
  /** SHA-256 of its endpoint, lower-case hex */
  readonly id: string
  /** where its push service takes messages; it is secret, since it is all that ringing needs */
  readonly endpoint: string
  /** how it calls itself, for people */
  readonly label: string
  readonly createdAt: Instant
}

/** A signed-in device, for as long as a working day. */
export interface DeviceSession {
  readonly session: SessionDigest
  /** names it in public; opens nothing */
  readonly handle: string
  readonly nodeId: DeviceId
  readonly createdAt: Instant
  readonly expiresAt: Instant
  readonly revokedAt: Instant | null
}

/** Which device's peer token enrolled a runner: when that device goes, so does the runner. */
export interface Enrolment {
  readonly runnerId: string
  readonly nodeId: DeviceId
  readonly at: Instant
}

const HANDLE_DIGITS = 12

/** A secret's public name: the beginning of its digest, which is too little to be of use and enough to tell it apart. */
export const handleOf = (digest: SecretDigest): string => digest.slice(0, HANDLE_DIGITS)

/** The founding name of a device session's public handle. */
export const sessionHandleOf = (digest: SessionDigest): string => `dsn_${handleOf(digest)}`
