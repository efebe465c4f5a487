import type { Instant } from '../kernel.ts'
import type { PairingEvent } from './events.ts'
import type { DeviceId, JoinTokenDigest } from './ids.ts'
import type { PairingState } from './pairing-state.ts'
import type { Device, DeviceSession, Enrolment, JoinKey, NoticeTable, PeerToken, Watcher } from './records.ts'

/** Every kind of record of device pairing, by the name of its key. */
export interface MeshRecords {
  /** by the digest of its join token */
  pairing: PairingState
  /** by device id */
  node: Device
  /** by the token's digest */
  peerToken: PeerToken
  /** by the secret's digest */
  session: DeviceSession
  /** by runner id */
  enrolment: Enrolment
  /** by the digest of its text */
  joinKey: JoinKey
  /** by the digest of its endpoint */
  watcher: Watcher
  /** id '': there is one */
  noticeTable: NoticeTable
}
export type MeshKind = keyof MeshRecords

/** What a store finds out from its records, by the name of its question. Read like records, never written. */
export interface MeshAnswers {
  /** id '': how many there are. Pairings count while they are under way and in time. */
  census: {
    readonly openPins: number
    readonly openConsents: number
    readonly nodes: number
    readonly everNodes: number
    /** join keys that are still good */
    readonly joinKeys: number
    /** browsers of the operator that are called */
    readonly watchers: number
  }
  /** id: an address. The devices that are known by it. */
  neighbours: readonly Device[]
  /** id: an IPv4 address, or any address of an IPv6 /64. Requests for consent under way from there. */
  requestsFrom: number
  /** id: the digest of a user code. The pairing under way that has it. */
  userCode: PairingState
  /** id: a device. What it holds that is not revoked, and what it enrolled. */
  holdings: {
    readonly tokens: readonly PeerToken[]
    readonly sessions: readonly DeviceSession[]
    readonly runners: readonly string[]
  }
}

/** All that a decision may ask to see. */
export interface MeshReadings extends MeshRecords, MeshAnswers {}
export type MeshReading = keyof MeshReadings

/** Names one reading. */
export interface MeshKey {
  readonly kind: MeshReading
  readonly id: string
}

/** What a decision sees: the readings it named, as they stand together at one moment. Reading an unnamed one throws. */
export interface MeshView {
  get<K extends MeshReading>(kind: K, id: string): MeshReadings[K] | undefined
  has(kind: MeshReading, id: string): boolean
}

/** One write of a decision. */
export type MeshWrite =
  | { readonly put: 'pairing'; readonly value: PairingState }
  | { readonly put: 'node'; readonly value: Device }
  /** a secret is made once: the store throws when its digest exists, so that no token changes its owner */
  | { readonly make: 'peerToken'; readonly value: PeerToken }
  | { readonly make: 'session'; readonly value: DeviceSession }
  /** changes the deadline or the revocation of one that is there, never whose it is */
  | { readonly put: 'peerToken'; readonly value: PeerToken }
  | { readonly put: 'session'; readonly value: DeviceSession }
  | { readonly put: 'enrolment'; readonly value: Enrolment }
  | { readonly drop: 'enrolment'; readonly id: string }
  | { readonly put: 'joinKey'; readonly value: JoinKey }
  | { readonly put: 'watcher'; readonly value: Watcher }
  | { readonly drop: 'watcher'; readonly id: string }
  | { readonly put: 'noticeTable'; readonly value: NoticeTable }

/** A decision either wants to see more first, or says what to write, what to remember and what to answer. */
export type MeshOutcome<Answer> =
  | { readonly need: readonly MeshKey[] }
  | {
      readonly writes: readonly MeshWrite[]
      readonly events?: readonly PairingEvent[]
      readonly answer: Answer
    }

/** Pure. May be run several times by one transaction; must not have effects. `now` is the store's time. */
export type MeshDecide<Answer> = (view: MeshView, now: Instant) => MeshOutcome<Answer>

/** One decision and the readings it starts from: `repository.run(operation)`. */
export interface MeshOperation<Answer> {
  readonly keys: readonly MeshKey[]
  readonly decide: MeshDecide<Answer>
}

/** An event with its place in the order of all. */
export interface RememberedEvent {
  readonly number: number
  readonly event: PairingEvent
}

/** A pairing, and when its token was made. */
export interface ListedPairing {
  readonly startedAt: Instant
  readonly state: PairingState
}

/** How long and how much is remembered. */
export interface PurgeRules {
  readonly endedKeptMs: number
  readonly revokedKeptMs: number
  /** of each kind: those that changed the mesh, and those that anybody can cause */
  readonly eventsMax: number
}

/** What the clean-up has done. */
export interface Purged {
  /** pairings that were over and had not been told so, with their new state */
  readonly failed: readonly PairingState[]
  /** pairings, tokens, sessions, devices and events that are forgotten */
  readonly purged: number
}

/**
 * Where pairings, devices and what they hold are kept. The founding port loads, decides outside and saves: between the two,
 * two verifications of two devices could both find the last free place. Here decision and commit are one, as everywhere
 * in this house; the founding verbs are operations over it (`founding-repository.ts`).
 */
export interface PairingRepository {
  /**
   * Reads the named records together, runs `decide` (again with more when it asks, again from fresh records after a
   * lost race), and writes all of its outcome with its events, or nothing. Rejects only when the store itself failed.
   */
  run<Answer>(operation: MeshOperation<Answer>): Promise<Answer>
  /** All devices that are not revoked, the oldest first. */
  listDevices(): Promise<readonly Device[]>
  /** Pairings, whatever became of them, the newest first. */
  listPairings(limit: number): Promise<readonly ListedPairing[]>
  /** Peer tokens, however they stand, the newest first. */
  listTokens(limit: number): Promise<readonly PeerToken[]>
  /** Device sessions, however they stand, the newest first. */
  listSessions(limit: number): Promise<readonly DeviceSession[]>
  listEnrolments(): Promise<readonly Enrolment[]>
  /** Join keys, however they stand, the newest first. */
  listJoinKeys(limit: number): Promise<readonly JoinKey[]>
  /** The oldest first. */
  listWatchers(): Promise<readonly Watcher[]>
  /** The newest first. */
  listEvents(query: {
    readonly limit: number
    readonly nodeId?: DeviceId
    readonly token?: JoinTokenDigest
  }): Promise<readonly RememberedEvent[]>
  /**
   * Fails overdue pairings (with their events), and forgets: ended pairings after `endedKeptMs`, revoked and expired
   * tokens, sessions, join keys and devices after `revokedKeptMs` (a device with enrolments stays), events beyond the newest
   * `eventsMax` of their kind.
   */
  purge(kept: PurgeRules): Promise<Purged>
}
