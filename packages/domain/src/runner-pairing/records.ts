import type { Brand, Instant } from '../kernel.ts'
import type { PairingCode } from './code.ts'

/** Names a runner: a key's fingerprint for ours, free text for a foreign one. */
export type RunnerId = Brand<string, 'RunnerId'>

/** The public handle of one app (a hash of its credential): never the credential itself. */
export type AppSessionId = Brand<string, 'AppSessionId'>

/** Names one broker process among those that share a store: 128 random bits, made when it starts. */
export type InstanceId = Brand<string, 'InstanceId'>

/** Long enough for every id scheme met in the wild, short enough that a million of them stay small. */
const ID_CHARS_MAX = 200

/** Control characters would break logs, lone surrogates do not survive UTF-8. */
const NOT_IN_IDS = /[\p{Cc}\p{Cs}]/u

/** Not every caller is checked by a compiler: anything may be handed in. */
const isId = (text: unknown): text is string =>
  typeof text === 'string' && text.length > 0 && text.length <= ID_CHARS_MAX && !NOT_IN_IDS.test(text)

/** Null unless the text is 1 to 200 characters without control characters or lone surrogates. */
export const parseRunnerId = (text: unknown): RunnerId | null => (isId(text) ? (text as RunnerId) : null)

/** Null unless the text is 1 to 200 characters without control characters or lone surrogates. */
export const parseAppSessionId = (text: unknown): AppSessionId | null =>
  isId(text) ? (text as AppSessionId) : null

/** Null unless the text is 32 lower-case hex digits. */
export const parseInstanceId = (text: string): InstanceId | null =>
  /^[0-9a-f]{32}$/.test(text) ? (text as InstanceId) : null

/** Where a runner stands. Deadlines are stored, so that a late clean-up changes no answer. */
export type Presence =
  /** made by a founding operation, never connected: neither online nor gone */
  | { readonly status: 'unseen' }
  /**
   * Connected; a lease that ran out means away, and a grace later gone. Held by `node`, it lives by that broker instance's lease and
   * `leaseUntil` is only how far that reached at the last write; without one, by the founding heartbeats alone.
   */
  | {
      readonly status: 'online'
      readonly leaseUntil: Instant
      readonly heartbeatAt: Instant
      readonly node?: InstanceId
    }
  /** `node` holds a connection that says nothing any more; a word of it before `graceUntil` brings it back */
  | {
      readonly status: 'silent'
      readonly node: InstanceId
      readonly since: Instant
      readonly graceUntil: Instant
    }
  /** its connection was lost; the same process may come back before `graceUntil`, which `node` watches over */
  | {
      readonly status: 'suspended'
      readonly since: Instant
      readonly graceUntil: Instant
      readonly node?: InstanceId
    }
  /** ended; `gen` has been raised, its pairings are void */
  | { readonly status: 'gone'; readonly at: Instant }

/** The one code a runner holds. Unused it dies at `expiresAt`; once used it lives until its runner goes. */
export interface HeldCode {
  readonly code: PairingCode
  readonly createdAt: Instant
  readonly expiresAt: Instant
  readonly usedCount: number
  /** the apps that found it lately and are not known to have finished; none when left out */
  readonly foundBy?: readonly CodeFinder[]
}

/** An app that found a code. */
export interface CodeFinder {
  readonly appSessionId: AppSessionId
  readonly at: Instant
}

/** Everything decided about one runner. */
export interface RunnerRecord {
  readonly runnerId: RunnerId
  /** which connection may speak for it: grows for ever, also over a loss of the store */
  readonly epoch: number
  /** which generation of pairings is valid: raised whenever a life of the runner ends or begins */
  readonly gen: number
  /** names the process (128 random bits); null for a foreign runner that sends none */
  readonly incarnation: string | null
  /** base64url; once shown, only a signature by it speaks for the runner */
  readonly publicKey: string | null
  /** how people call it */
  readonly label: string
  readonly presence: Presence
  readonly code: HeldCode | null
  /** SHA-256, hex, of the route tickets it would accept */
  readonly routeTickets: readonly string[]
}

/** The holder of a code. A live claim counts only while its runner’s record holds the same code. */
export type CodeClaim =
  | { readonly status: 'live'; readonly runnerId: RunnerId }
  /** dead: answered with CODE_EXPIRED, and not given out again before `until` */
  | {
      readonly status: 'tombstone'
      readonly until: Instant
      /** who had it: its own runner guesses nothing by proposing it again. Left out by older releases. */
      readonly runnerId?: RunnerId
    }

/** One app's right to reach one runner: valid while `gen` is the runner's and it was used within the idle limit. */
export interface AppSession {
  readonly appSessionId: AppSessionId
  readonly runnerId: RunnerId
  readonly gen: number
  readonly pairedAt: Instant
  readonly usedAt: Instant
  /** the pairing's public name (16 random bytes as text); null when a founding operation made the session */
  readonly pid: string | null
  /** how the app called itself and where it was when it paired; unset when a founding operation made the session */
  readonly seen?: { readonly label: string; readonly address: string }
}

/** One broker process. While its lease holds, the runners it is connected to are there. */
export interface BrokerInstance {
  readonly nodeId: InstanceId
  /** where other broker instances reach it, as `http://host:port`; null when no address is set */
  readonly address: string | null
  /** where people's browsers reach this very process; null when only through what stands before all of them */
  readonly publicUrl: string | null
  readonly startedAt: Instant
  /** when it was taken or renewed last; older releases do not say */
  readonly renewedAt?: Instant
  readonly leaseUntil: Instant
  /** for the console: how it was when it renewed its lease */
  readonly summary: {
    readonly host: string
    readonly version: string
    readonly runners: number
    readonly apps: number
    readonly terminals: number
  }
}

/** What lets an operator in, by the digest of what they hold; never the thing itself. */
export type OperatorGrant =
  /** signed in */
  | { readonly status: 'signed-in'; readonly until: Instant }
  /** a console URL that has been used: it must not be used again while its signature is good */
  | { readonly status: 'spent'; readonly until: Instant }

/** The founding view of a code (seed 000). Times in milliseconds since the epoch. */
export interface PairingCodeEntry {
  readonly code: string
  readonly runnerId: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly usedCount: number
  readonly isActive: boolean
}

/** The founding view of a pairing (seed 002). `pairedAt` in milliseconds since the epoch. */
export interface PairingSession {
  readonly appSessionId: string
  readonly runnerId: string
  readonly pairedAt: number
  readonly isActive: boolean
}

/** What a runner is before anything is known of it. */
export const unseenRunner = (runnerId: RunnerId): RunnerRecord => ({
  runnerId,
  epoch: 0,
  gen: 0,
  incarnation: null,
  publicKey: null,
  label: '',
  presence: { status: 'unseen' },
  code: null,
  routeTickets: [],
})
