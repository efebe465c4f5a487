import { failIfOver } from '@latchkey/domain/device-pairing/deciding'
import { isLasting, type PairingEvent } from '@latchkey/domain/device-pairing/events'
import { isJoinKeyGood } from '@latchkey/domain/device-pairing/join-keys'
import {
  isOpen,
  isRequestFrom,
  methodOf,
  type PairingState,
} from '@latchkey/domain/device-pairing/pairing-state'
import type {
  ListedPairing,
  MeshAnswers,
  MeshKey,
  MeshWrite,
  Purged,
  PurgeRules,
  RememberedEvent,
} from '@latchkey/domain/device-pairing/ports'
import type {
  Device,
  DeviceSession,
  Enrolment,
  JoinKey,
  NoticeTable,
  PeerToken,
  Watcher,
} from '@latchkey/domain/device-pairing/records'
import { assertNever, type Instant, invariant, later } from '@latchkey/domain/kernel'
import type { Reading } from '../device-pairing/settle-mesh.ts'

/** The records of device pairing in maps, and what a decision may ask of them. */
export class MemoryMesh {
  readonly pairings = new Map<string, ListedPairing>()
  readonly nodes = new Map<string, Device>()
  readonly tokens = new Map<string, PeerToken>()
  readonly sessions = new Map<string, DeviceSession>()
  readonly enrolments = new Map<string, Enrolment>()
  readonly joinKeys = new Map<string, JoinKey>()
  readonly watchers = new Map<string, Watcher>()
  #noticeTable: NoticeTable | undefined
  events: RememberedEvent[] = []
  #lastNumber = 0

  read({ kind, id }: MeshKey, now: Instant): Reading {
    switch (kind) {
      case 'pairing':
        return this.pairings.get(id)?.state
      case 'node':
        return this.nodes.get(id)
      case 'peerToken':
        return this.tokens.get(id)
      case 'session':
        return this.sessions.get(id)
      case 'enrolment':
        return this.enrolments.get(id)
      case 'joinKey':
        return this.joinKeys.get(id)
      case 'watcher':
        return this.watchers.get(id)
      case 'noticeTable':
        return this.#noticeTable
      case 'census':
        return this.#census(now)
      case 'neighbours':
        return [...this.nodes.values()].filter(({ hostname }) => hostname === id)
      case 'requestsFrom':
        return this.#states().filter(
          (state) => isOpen(state) && now < state.expiresAt && isRequestFrom(id)(state),
        ).length
      case 'userCode':
        return this.#states().find(
          (state) =>
            state.status === 'DeviceConnected' &&
            state.claim.method === 'consent' &&
            state.claim.userCode === id,
        )
      case 'holdings':
        return this.#holdings(id)
      default:
        return assertNever(kind)
    }
  }

  apply(write: MeshWrite, now: Instant): void {
    if ('drop' in write) {
      if (write.drop === 'watcher') this.watchers.delete(write.id)
      else this.enrolments.delete(write.id)
      return
    }
    if ('make' in write) return this.#make(write)
    switch (write.put) {
      case 'pairing': {
        const { token } = write.value
        const startedAt = this.pairings.get(token)?.startedAt ?? now
        return void this.pairings.set(token, { startedAt, state: write.value })
      }
      case 'node':
        return void this.nodes.set(write.value.id, write.value)
      case 'peerToken':
        return void this.tokens.set(write.value.token, write.value)
      case 'session':
        return void this.sessions.set(write.value.session, write.value)
      case 'enrolment':
        return void this.enrolments.set(write.value.runnerId, write.value)
      case 'joinKey':
        return void this.joinKeys.set(write.value.key, write.value)
      case 'watcher':
        return void this.watchers.set(write.value.id, write.value)
      case 'noticeTable':
        this.#noticeTable = write.value
        return
      default:
        return assertNever(write)
    }
  }

  #make(write: Extract<MeshWrite, { readonly make: string }>): void {
    if (write.make === 'peerToken') {
      invariant(!this.tokens.has(write.value.token), 'a peer token is made once')
      this.tokens.set(write.value.token, write.value)
    } else {
      invariant(!this.sessions.has(write.value.session), 'a session is made once')
      this.sessions.set(write.value.session, write.value)
    }
  }

  remember(events: readonly PairingEvent[]): void {
    for (const event of events) this.events.push({ number: ++this.#lastNumber, event })
  }

  purge({ endedKeptMs, revokedKeptMs, eventsMax }: PurgeRules, now: Instant): Purged {
    const failed: PairingState[] = []
    for (const state of this.#states()) {
      const over = failIfOver(state, now)
      if (over === null) continue
      this.apply({ put: 'pairing', value: over.state }, now)
      this.remember(over.events)
      failed.push(over.state)
    }
    const before = this.#size()
    const endedBefore = later(now, -endedKeptMs)
    const revokedBefore = later(now, -revokedKeptMs)
    drop(this.pairings, ({ state }) => (endedAt(state) ?? now) <= endedBefore)
    drop(this.tokens, (token) => (token.revokedAt ?? token.expiresAt) <= revokedBefore)
    drop(this.sessions, (session) => (session.revokedAt ?? session.expiresAt) <= revokedBefore)
    drop(this.joinKeys, (key) => (key.revokedAt ?? key.expiresAt) <= revokedBefore)
    const enrolling = new Set([...this.enrolments.values()].map(({ nodeId }) => nodeId))
    const holding = new Set([...this.tokens.values(), ...this.sessions.values()].map(({ nodeId }) => nodeId))
    drop(
      this.nodes,
      ({ id, revokedAt }) => (revokedAt ?? now) <= revokedBefore && !enrolling.has(id) && !holding.has(id),
    )
    for (const lasting of [true, false]) {
      const alike = this.events.filter(({ event }) => isLasting(event) === lasting)
      const gone = new Set(alike.slice(0, Math.max(0, alike.length - eventsMax)))
      this.events = this.events.filter((each) => !gone.has(each))
    }
    return { failed, purged: before - this.#size() }
  }

  #states(): readonly PairingState[] {
    return [...this.pairings.values()].map(({ state }) => state)
  }

  #size(): number {
    const { pairings, nodes, tokens, sessions, joinKeys, events } = this
    return pairings.size + nodes.size + tokens.size + sessions.size + joinKeys.size + events.length
  }

  #census(now: Instant): MeshAnswers['census'] {
    const open = this.#states()
      .filter(isOpen)
      .filter(({ expiresAt }) => now < expiresAt)
    return {
      openPins: open.filter((state) => methodOf(state) === 'pin').length,
      openConsents: open.filter((state) => methodOf(state) === 'consent').length,
      nodes: [...this.nodes.values()].filter(({ revokedAt }) => revokedAt === null).length,
      everNodes: this.nodes.size,
      watchers: this.watchers.size,
      joinKeys: [...this.joinKeys.values()].filter((key) => isJoinKeyGood(key, now)).length,
    }
  }

  #holdings(nodeId: string): MeshAnswers['holdings'] {
    const held = <T extends { nodeId: string; revokedAt: Instant | null }>(all: Iterable<T>) =>
      [...all].filter((each) => each.nodeId === nodeId && each.revokedAt === null)
    return {
      tokens: held(this.tokens.values()),
      sessions: held(this.sessions.values()),
      runners: [...this.enrolments.values()]
        .filter((enrolment) => enrolment.nodeId === nodeId)
        .map(({ runnerId }) => runnerId),
    }
  }
}

const endedAt = (state: PairingState): Instant | null => {
  if (state.status === 'DeviceRegistered') return state.registeredAt
  return state.status === 'Failed' ? state.failedAt : null
}

function drop<T>(records: Map<string, T>, isPast: (record: T) => boolean): void {
  for (const [id, record] of records) if (isPast(record)) records.delete(id)
}
