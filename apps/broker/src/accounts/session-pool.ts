import {
  type AccountMethod,
  type AccountSessionId,
  linkedPhone,
  type PhoneNumber,
  requestOf,
} from '@latchkey/domain/accounts/account'
import { judgeCancel, judgeRetry, judgeStart, judgeUnlink } from '@latchkey/domain/accounts/account-machine'
import { isHeld, LEASE_MS } from '@latchkey/domain/accounts/lease'
import {
  admitCode,
  admitQr,
  holdSession,
  isOrphan,
  keepNumber,
  lookedAt,
  noteUnlinkAsked,
  readSession,
  releaseSession,
} from '@latchkey/domain/accounts/operations'
import { type AccountReason, type AccountRefusal, refusalFor } from '@latchkey/domain/accounts/reasons'
import type { AccountRecord } from '@latchkey/domain/accounts/records'
import { accept, type Decision, instant, refuse } from '@latchkey/domain/kernel'
import { failureFields } from '../log/log.ts'
import { type AccountObserver, AccountSession, type AccountSessionParts } from './account-session.ts'
import { LETS_GO_AT, LeaseWatch, RENEWS_AT } from './lease-watch.ts'
import { resealProxy } from './proxies.ts'
import { reseal } from './shelf.ts'

export interface PoolOptions {
  readonly parts: AccountSessionParts
  /** names this process: no two that ever lived have the same */
  readonly nodeId: string
  readonly leaseMs?: number
  /** sessions restored at once, so that a restart is no storm at WhatsApp */
  readonly restoredAtOnce?: number
}

/** A request to link. */
export interface StartRequest {
  readonly sessionId: AccountSessionId
  readonly method: AccountMethod
  /** of the code; null with a QR */
  readonly phone: PhoneNumber | null
  /** what the client's address is counted as */
  readonly address: string
  /** what the phone is to list the device as, where a QR is scanned; null: as the broker is set */
  readonly deviceName?: string | null
}

interface Held {
  readonly session: AccountSession
  /** when the lease was last taken or renewed, by the process's own clock; null while it is not held */
  renewedAtMs: number | null
}

const RESTORED_AT_ONCE = 5
/** Between two restored sessions, at most: they would log in in the same second otherwise. */
const RESTORE_JITTER_MS = 400
const NOBODY: AccountObserver = { changed: () => {}, failed: () => {}, linked: () => {}, lost: () => {} }

/**
 * All sessions of this broker instance: one for each company, however many ask at once, and none that another instance
 * holds. Knows no Socket.IO; an observer shows them to people.
 */
export class SessionPool {
  readonly #parts: AccountSessionParts
  readonly #nodeId: string
  readonly #leaseMs: number
  readonly #restoredAtOnce: number
  readonly #held = new Map<AccountSessionId, Held>()
  #observer: AccountObserver = NOBODY
  readonly #watch: LeaseWatch
  /** what waits for a session's connection to be open or lost */
  readonly #opening = new Map<AccountSessionId, () => void>()
  #isStopped = false
  /** linked sessions found in the store and not yet opened again */
  #toRestore = 0

  constructor({ parts, nodeId, leaseMs = LEASE_MS, restoredAtOnce = RESTORED_AT_ONCE }: PoolOptions) {
    this.#parts = parts
    this.#nodeId = nodeId
    this.#leaseMs = leaseMs
    this.#restoredAtOnce = restoredAtOnce
    this.#watch = new LeaseWatch({
      leaseMs,
      check: () => this.#letGoOfOld(),
      renew: () => this.#renew(),
      search: () => this.#adoptOrphans(),
      onProblem: (problem) => parts.log.warn('linking.store-away', failureFields(problem)),
    })
    parts.counters.sessions = () =>
      [...this.#held.values()].map(({ session }) => session.machine.account.status)
    parts.counters.leasesHeld = () => this.#leases().length
  }

  /** One observer for all sessions; it tells its pages by itself. */
  observe(observer: AccountObserver): void {
    this.#observer = observer
  }

  /** Restores linked accounts without a holder, and goes on looking for such. */
  begin(): void {
    this.#watch.begin()
  }

  /** How far restoring has come. */
  get progress(): { readonly held: number; readonly toRestore: number } {
    return { held: this.#leases().length, toRestore: this.#toRestore }
  }

  /** The session if it is on this broker instance. */
  find(sessionId: AccountSessionId): AccountSession | null {
    return this.#held.get(sessionId)?.session ?? null
  }

  /** Whether this broker instance holds the session’s lease, and so knows its true state. */
  isHere(sessionId: AccountSessionId): boolean {
    return this.#held.get(sessionId)?.renewedAtMs != null
  }

  /** Begins a request, or says why not. The answer to a request for a code comes to the observer. */
  start(request: StartRequest): Promise<Decision<null, AccountRefusal>> {
    const { sessionId, method, phone, address, deviceName = null } = request
    return this.#alone(sessionId, async (session) => {
      if (this.#isStopped) return refuse(refusalFor('RESTART'))
      const judged = judgeStart(session.machine, { method, phone }, session.at)
      if (!judged.ok) return judged
      if (judged.value === 'running') return accept(null)
      // What the session was before is to be gone: forgotten credentials must not be found again.
      await session.settled()
      const held = await this.#hold(sessionId)
      if (held === null) return refuse(refusalFor('OTHER_NODE'))
      // Linked in the store and not here: it is about to be restored.
      if (held.phone !== null && linkedPhone(session.machine.account) === null) {
        this.#restore(session, held)
        return refuse(refusalFor('ALREADY_LINKED'))
      }
      // Counted only once WhatsApp has answered; that it would be refused then is said at once.
      const admitted = await this.#parts.store.run(
        lookedAt(
          phone === null
            ? admitQr(sessionId)
            : admitCode({ sessionId, phoneKey: this.#parts.phoneKey(phone), address }),
        ),
      )
      if (!admitted.ok) return admitted
      session.askedFrom = address
      session.deviceName = deviceName
      session.take({ type: 'start', method, phone })
      return accept(null)
    })
  }

  /** Ends the running request; whatever else the session is doing goes on. Refused while another broker instance has the session. */
  cancel(sessionId: AccountSessionId): Promise<Decision<null, AccountRefusal>> {
    // After earlier requests: one that is still being judged would go on after its end was answered.
    return this.#alone(sessionId, async (session) => {
      if (!this.isHere(sessionId)) {
        const { lease } = await this.#parts.store.run(readSession(sessionId))
        const isElsewhere = isHeld(lease, instant(this.#parts.clock()))
        return isElsewhere ? refuse(refusalFor('OTHER_NODE')) : accept(null)
      }
      const judged = judgeCancel(session.machine)
      if (judged.ok) session.take({ type: 'cancel' })
      return judged
    })
  }

  /** Tries an account that is stopped, or waits for its next connection, now. */
  retry(sessionId: AccountSessionId): Promise<Decision<null, AccountRefusal>> {
    return this.#alone(sessionId, async (session) => {
      const held = await this.#hold(sessionId)
      if (held === null) return refuse(refusalFor('OTHER_NODE'))
      const judged = judgeRetry(session.machine, session.at)
      if (!judged.ok) return judged
      if (judged.value === 'running') return accept(null)
      // A connection to WhatsApp like any other that a page asks for.
      const admitted = await this.#parts.store.run(admitQr(sessionId))
      if (admitted.ok) session.take({ type: 'retry' })
      return admitted
    })
  }

  /**
   * Unlinks: `pending` when WhatsApp can only be told later, `deviceLeft` when it never will be and the phone lists the device on.
   * Refused while another broker instance has the session, and while it is being linked.
   */
  unlink(
    sessionId: AccountSessionId,
  ): Promise<Decision<{ readonly pending: boolean; readonly deviceLeft?: boolean }, AccountRefusal>> {
    return this.#alone(sessionId, async (session) => {
      const held = await this.#hold(sessionId)
      if (held === null) return refuse(refusalFor('OTHER_NODE'))
      if (held.phone !== null && linkedPhone(session.machine.account) === null) this.#restore(session, held)
      const judged = judgeUnlink(session.machine)
      if (!judged.ok) return judged
      const { status } = session.machine.account
      if (status === 'reconnecting') await this.#parts.store.run(noteUnlinkAsked(sessionId))
      session.take({ type: 'unlink' })
      const isLeft = status === 'stopped' || status === 'replaced'
      const pending = session.machine.account.status === 'unlinking'
      return accept({ pending, ...(isLeft ? { deviceLeft: true } : {}) })
    })
  }

  /** Whether any page of the company looks on. */
  watch(sessionId: AccountSessionId, isWatched: boolean): void {
    const session = this.find(sessionId)
    if (session === null) return
    session.take({ type: 'watched', isWatched })
    if (!isWatched && !isActive(session)) this.#tidy(sessionId)
  }

  /** Lets go of everything: requests are told, accounts stay linked. Nothing of it is open or pending afterwards. */
  async stop(): Promise<void> {
    this.#isStopped = true
    for (const goOn of this.#opening.values()) goOn()
    await this.#watch.stop()
    await Promise.all([...this.#held.values()].map((held) => this.#letGo(held, 'RESTART')))
  }

  #entry(sessionId: AccountSessionId): Held {
    const found = this.#held.get(sessionId)
    if (found !== undefined) return found
    const session = new AccountSession(sessionId, this.#parts, {
      changed: (changed) => {
        this.#observer.changed(changed)
        this.#opening.get(sessionId)?.()
        if (!isActive(changed)) this.#tidy(sessionId)
      },
      failed: (...failure) => this.#observer.failed(...failure),
      linked: (...linked) => this.#observer.linked(...linked),
      lost: (lost) => {
        const held = this.#held.get(lost.id)
        if (held !== undefined) this.#letGoSafely(held, 'OTHER_NODE')
      },
    })
    const held: Held = { session, renewedAtMs: null }
    this.#held.set(sessionId, held)
    return held
  }

  /** Takes or renews the lease of a session; null while another broker instance has it. */
  async #hold(sessionId: AccountSessionId): Promise<AccountRecord | null> {
    const held = this.#entry(sessionId)
    const askedAtMs = performance.now()
    const answer = await this.#parts.store.run(holdSession(sessionId, this.#nodeId, this.#leaseMs))
    if (answer === null) return null
    const isNew = held.renewedAtMs === null || held.session.epoch !== answer.lease.epoch
    // An epoch that grew under a connection means that the lease had ended: the connection belongs to the old one.
    if (isNew && held.session.hasSocket) {
      await this.#letGo(held, 'OTHER_NODE')
      return null
    }
    held.session.epoch = answer.lease.epoch
    held.session.proxy = answer.record.proxy ?? null
    held.renewedAtMs = askedAtMs
    return answer.record
  }

  #restore(session: AccountSession, record: AccountRecord): void {
    if (record.phone === null) return
    session.take({ type: 'restore', phone: record.phone })
    if (record.unlinkAskedAt !== null) session.take({ type: 'unlink' })
  }

  #leases(): readonly Held[] {
    return [...this.#held.values()].filter(({ renewedAtMs }) => renewedAtMs !== null)
  }

  /** A broker instance that slept, or lost its store, must not go on with what may be somebody else's. */
  #letGoOfOld(): void {
    for (const held of this.#leases())
      if (held.renewedAtMs !== null && performance.now() - held.renewedAtMs >= this.#leaseMs * LETS_GO_AT)
        this.#letGoSafely(held, 'OTHER_NODE')
  }

  async #renew(): Promise<void> {
    for (const held of this.#leases()) {
      const { session, renewedAtMs } = held
      if (renewedAtMs === null || performance.now() - renewedAtMs < this.#leaseMs * RENEWS_AT) continue
      if (!isActive(session)) this.#tidy(session.id)
      else if ((await this.#hold(session.id)) === null) await this.#letGo(held, 'OTHER_NODE')
    }
  }

  /** Linked accounts without a holder, a few at once: those of an ended broker instance, and all after a restart. */
  async #adoptOrphans(): Promise<void> {
    const now = instant(this.#parts.clock())
    const queue = (await this.#parts.store.sessions()).filter(
      (record) => isOrphan(record, now) && !this.isHere(record.sessionId),
    )
    this.#toRestore = queue.length
    const worker = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined && !this.#isStopped; next = queue.shift()) {
        await this.#adopt(next.sessionId)
        this.#toRestore--
        await this.#opened(next.sessionId)
        await pause(Math.random() * Math.min(RESTORE_JITTER_MS, this.#leaseMs / 10))
      }
    }
    await Promise.all(Array.from({ length: this.#restoredAtOnce }, worker))
  }

  /** Waits until a session's connection is open or lost: those that are being opened are as many as there are workers. */
  async #opened(sessionId: AccountSessionId): Promise<void> {
    const isOpening = () => {
      const account = this.find(sessionId)?.machine.account
      return account?.status === 'reconnecting' && account.retryAt === null
    }
    while (isOpening() && !this.#isStopped)
      await new Promise<void>((resolve) => this.#opening.set(sessionId, resolve))
  }

  #adopt(sessionId: AccountSessionId): Promise<void> {
    return this.#alone(sessionId, async (session) => {
      const record = await this.#hold(sessionId)
      if (record === null || record.phone === null) return
      const { store, seal, log } = this.#parts
      try {
        const resealed = await reseal(store, seal, sessionId, session.epoch)
        await resealProxy(store, seal, record)
        if (resealed > 0) log.info('linking.resealed', { linkSessionId: sessionId, count: resealed })
      } catch (problem) {
        // Told again, and stopped, by the connection that cannot be opened; nothing is overwritten.
        log.warn('linking.cannot-reseal', { linkSessionId: sessionId, ...failureFields(problem) })
      }
      await this.#parts.store.run(keepNumber(sessionId, this.#parts.phoneKey(record.phone)))
      this.#restore(session, record)
    })
  }

  /** Runs a command on a session while no other does; on the one that is there when its turn has come. */
  #alone<T>(sessionId: AccountSessionId, command: (session: AccountSession) => Promise<T>): Promise<T> {
    const { session } = this.#entry(sessionId)
    return session.exclusively(() => {
      const { session: current } = this.#entry(sessionId)
      return current === session ? command(session) : this.#alone(sessionId, command)
    })
  }

  /** A session with neither request nor account needs no lease; it stays here for the pages that look at it. */
  #tidy(sessionId: AccountSessionId): void {
    const held = this.#held.get(sessionId)
    if (held === undefined) return
    const { session } = held
    const isHere = () => this.#held.get(sessionId) === held
    session
      .exclusively(async () => {
        await session.settled()
        if (!isHere() || isActive(session)) return
        if (held.renewedAtMs !== null) await this.#parts.store.run(releaseSession(sessionId, session.epoch))
        held.renewedAtMs = null
        if (session.machine.unwatchedSince === null || isActive(session) || !isHere()) return
        session.dispose()
        this.#held.delete(sessionId)
      })
      .catch((problem: unknown) => this.#parts.log.warn('linking.not-released', failureFields(problem)))
  }

  /** Ends a session here; its lease goes back unless it is somebody else's already. */
  async #letGo(held: Held, reason: AccountReason): Promise<void> {
    const { session } = held
    const isHeld = held.renewedAtMs !== null
    held.renewedAtMs = null
    session.take({ type: 'leave', reason })
    session.dispose()
    this.#held.delete(session.id)
    this.#opening.get(session.id)?.()
    await session.settled()
    if (isHeld) await this.#parts.store.run(releaseSession(session.id, session.epoch)).catch(() => null)
  }

  #letGoSafely(held: Held, reason: AccountReason): void {
    this.#letGo(held, reason).catch((problem: unknown) =>
      this.#parts.log.warn('linking.not-let-go', failureFields(problem)),
    )
  }
}

const isActive = ({ machine: { account } }: AccountSession): boolean =>
  requestOf(account) !== null || linkedPhone(account) !== null

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
