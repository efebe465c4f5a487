import {
  type AccountMachine,
  type AccountMethod,
  type AccountSessionId,
  newAccountMachine,
  type PhoneNumber,
  requestOf,
  wakeAt,
} from '@latchkey/domain/accounts/account'
import { step } from '@latchkey/domain/accounts/account-machine'
import { closingOf } from '@latchkey/domain/accounts/close-cause'
import type { AccountEffect, AccountInput } from '@latchkey/domain/accounts/effects'
import {
  admitCode,
  admitQr,
  markLinked,
  markUnlinked,
  pauseCodes,
  pauseConnections,
} from '@latchkey/domain/accounts/operations'
import type { AccountStore, WhatsAppLibrary, WhatsAppSocket } from '@latchkey/domain/accounts/ports'
import type { AccountReason } from '@latchkey/domain/accounts/reasons'
import type { AccountProxy } from '@latchkey/domain/accounts/records'
import type { AccountRules } from '@latchkey/domain/accounts/rules'
import type { Circumstances } from '@latchkey/domain/accounts/step'
import { instant } from '@latchkey/domain/kernel'
import { failureFields, type Log } from '../log/log.ts'
import type { AccountCounters } from './account-counters.ts'
import type { AccountReport } from './account-report.ts'
import type { CredentialSeal } from './credential-seal.ts'
import { openProxy } from './proxies.ts'
import { LeaseLost, sealedShelf } from './shelf.ts'

/** Timers longer than this overflow; the machine is asked again then. */
const TIMER_MS_MAX = 2 ** 31 - 1
/** What tells a store that refuses to open credentials from a WhatsApp that does: tried again a few times, then stopped. */
const UNREADABLE_CREDENTIALS = 500

/** Why something ended, as those who watch are told it. */
export interface AccountEnd {
  /** of the request that ended; null when it was an account */
  readonly method: AccountMethod | null
  readonly reason: AccountReason
  /** milliseconds since the epoch */
  readonly retryAt: number | null
  /** the phone still lists a device that does not exist */
  readonly leavesDevice: boolean
}

/** Hears of every change, in the turn in which it happens. */
export interface AccountObserver {
  changed(session: AccountSession): void
  failed(session: AccountSession, failure: AccountEnd): void
  linked(session: AccountSession, phone: PhoneNumber): void
  /** a write was refused because another broker instance has the session */
  lost(session: AccountSession): void
}

/** What all sessions of a broker instance share. */
export interface AccountSessionParts {
  readonly store: AccountStore
  readonly library: WhatsAppLibrary
  readonly seal: CredentialSeal
  readonly counters: AccountCounters
  readonly report: AccountReport
  readonly rules: AccountRules
  /** what phones list this broker's devices as, unless a request says another name; null: the library's own words */
  readonly deviceName: string | null
  /** milliseconds since the epoch, by the store's time */
  readonly clock: () => number
  readonly log: Log
  /** a keyed digest that stands for a number in the records, the same for both of its spellings */
  readonly phoneKey: (phone: PhoneNumber) => string
}

/**
 * One company's session on this broker instance: the machine, its one timer, its one connection. Inputs are taken at once; what they make
 * necessary outside is done one after the other, so that an old connection is closed before a new one is opened.
 */
export class AccountSession {
  readonly id: AccountSessionId
  /** the lease under which credentials are written */
  epoch = 0
  /** what the address of the request's asker is counted as */
  askedFrom = ''
  /** what the phone is to list the device as, by the request; null: as the broker is set */
  deviceName: string | null = null
  /** through which its next connection goes: as the record had it when the lease was taken or renewed */
  proxy: AccountProxy | null = null
  readonly #parts: AccountSessionParts
  readonly #observer: AccountObserver
  #machine: AccountMachine = newAccountMachine
  #socket: { readonly generation: number; readonly socket: WhatsAppSocket } | null = null
  #timer: NodeJS.Timeout | null = null
  #work: Promise<void> = Promise.resolve()
  #commands: Promise<unknown> = Promise.resolve()
  #phone: PhoneNumber | null = null
  #isGone = false
  /** when the status changed last, milliseconds since the epoch; null: never since this broker has the session */
  since: number | null = null

  constructor(id: AccountSessionId, parts: AccountSessionParts, observer: AccountObserver) {
    this.id = id
    this.#parts = parts
    this.#observer = observer
  }

  get machine(): AccountMachine {
    return this.#machine
  }
  get at(): Circumstances {
    const { clock, rules } = this.#parts
    return { now: instant(Math.floor(clock())), rules, chance: Math.random() }
  }
  /** how many timers it has: one or none */
  get timerCount(): number {
    return this.#timer === null ? 0 : 1
  }
  get hasSocket(): boolean {
    return this.#socket !== null
  }

  /** Runs commands one after the other: between a look at the session and what follows from it nothing comes. */
  exclusively<T>(command: () => Promise<T>): Promise<T> {
    const done = this.#commands.then(command, command)
    this.#commands = done.catch(() => {})
    return done
  }

  /** Takes an input. What it makes necessary begins in this turn. */
  take(input: AccountInput): void {
    if (this.#isGone) return
    const before = this.#machine
    const method = requestOf(before.account)?.method ?? null
    const { machine, effects } = step(before, input, this.at)
    this.#machine = machine
    if (machine.account.status !== before.account.status) this.since = Math.floor(this.#parts.clock())
    this.#noteNumber(machine)
    for (const effect of effects) this.#do(effect, method)
    this.#setTimer()
    if (machine.account !== before.account) this.#observer.changed(this)
  }

  /** Waits until everything that was begun is done. */
  async settled(): Promise<void> {
    let seen: Promise<void> | null = null
    while (seen !== this.#work) {
      seen = this.#work
      await seen
    }
  }

  /** Takes nothing more. To be called after `leave`. */
  dispose(): void {
    this.#isGone = true
    this.#setTimer()
  }

  #noteNumber({ account }: AccountMachine): void {
    if ('phone' in account && account.phone !== null) this.#phone = account.phone
  }

  #setTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    const at = this.#isGone ? null : wakeAt(this.#machine, this.#parts.rules)
    this.#timer = null
    if (at === null) return
    // A timer may fire a little early; the machine is asked by the clock, and would go on waiting.
    const ms = Math.min(TIMER_MS_MAX, Math.max(0, Math.ceil(at - this.#parts.clock())) + 1)
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.take({ type: 'due' })
    }, ms)
  }

  #do(effect: AccountEffect, method: AccountMethod | null): void {
    const { counters, report } = this.#parts
    // The number this is about, whatever comes before it is done.
    const number = this.#phone
    // The connection waits too: it may have ended by then, and still has rows to keep.
    const socket = this.#socket?.socket ?? null
    switch (effect.do) {
      case 'count':
        return counters.count(effect.what)
      case 'capture':
        return report.failed(this.id, effect.operation, effect.statusCode)
      case 'tell-error':
        return this.#observer.failed(this, { ...effect, method })
      case 'tell-linked':
        return this.#observer.linked(this, effect.phone)
      case 'charge':
        return this.#later(() => this.#charge(effect.generation, effect.phone))
      case 'ask-code':
        return this.#later(async () => this.#askForCode(effect.generation, effect.phone))
      case 'open':
        return this.#later(() => this.#open(effect.generation, effect.as, effect.method))
      case 'close':
        return this.#later(() => this.#close(effect.generation))
      case 'save':
        return this.#later(() => this.#save(socket, effect.generation, effect.phone))
      case 'log-out':
        return this.#later(() => this.#logOut(socket, number))
      case 'forget':
        return this.#later(() => this.#forget(number))
      case 'cool-down':
        return this.#later(() => this.#coolDown(effect.of, number))
    }
  }

  #later(work: () => Promise<void> | undefined): void {
    this.#work = this.#work.then(work).catch((problem: unknown) => {
      if (problem instanceof LeaseLost) return this.#observer.lost(this)
      this.#parts.log.error('linking.step-failed', { linkSessionId: this.id, ...failureFields(problem) })
    })
  }

  #socketOf(generation: number): WhatsAppSocket | null {
    return this.#socket?.generation === generation ? this.#socket.socket : null
  }

  async #open(generation: number, as: 'fresh' | 'linked', method: AccountMethod | null): Promise<void> {
    await this.#closeAny()
    // A newer step may have overtaken this one while the former connection was closed.
    if (generation !== this.#machine.generation || this.#isGone) return
    const { store, seal, counters, rules, library } = this.#parts
    if (as === 'fresh' && !(await store.writeCredentials(this.id, this.epoch, [], { replace: true })))
      throw new LeaseLost()
    const epoch = () => this.epoch
    const onWritten = (tookMs: number) => counters.written(tookMs)
    let isOver = false
    try {
      const socket = await library.open({
        as,
        method,
        shelf: sealedShelf({ store, seal, sessionId: this.id, epoch, onWritten }),
        qrMs: method === 'code' ? rules.codeModeQrMs : null,
        deviceName: this.deviceName ?? this.#parts.deviceName,
        proxy: this.proxy === null ? null : openProxy(seal, this.id, this.proxy),
        on: (said) => {
          if (said.event === 'closed') {
            isOver = true
            this.#endLater(generation)
          }
          this.take({ type: 'socket', generation, said })
        },
        onWriteFailed: () => this.take({ type: 'write-failed', generation }),
      })
      this.#socket = { generation, socket }
      // It may have ended already, for lack of credentials, or a newer step has replaced it.
      if (isOver || generation !== this.#machine.generation || this.#isGone) await this.#closeAny()
    } catch (problem) {
      this.#parts.log.warn('linking.cannot-open', { linkSessionId: this.id, ...failureFields(problem) })
      const closing = closingOf(UNREADABLE_CREDENTIALS, '')
      this.take({ type: 'socket', generation, said: { event: 'closed', closing } })
    }
  }

  /** A connection that ended by itself may still be writing: what comes next has to wait for that. */
  #endLater(generation: number): void {
    const ended = this.#socketOf(generation)
    if (ended === null) return
    this.#socket = null
    this.#later(() => ended.end())
  }

  async #close(generation: number): Promise<void> {
    if (this.#socket !== null && this.#socket.generation <= generation) await this.#closeAny()
  }

  async #closeAny(): Promise<void> {
    const open = this.#socket
    this.#socket = null
    await open?.socket.end()
  }

  /**
   * Credentials first, then the claim of the number: a claim without credentials would lock the number for no account.
   */
  async #save(socket: WhatsAppSocket | null, generation: number, phone: PhoneNumber): Promise<void> {
    try {
      await socket?.flush()
      const claim = { sessionId: this.id, phoneKey: this.#parts.phoneKey(phone), phone }
      const answer = await this.#parts.store.run(markLinked(claim, this.epoch))
      if (answer === 'linked') return this.take({ type: 'saved', generation })
      const reason = answer === 'taken' ? 'NUMBER_UNAVAILABLE' : 'OTHER_NODE'
      this.take({ type: 'not-saved', generation, reason })
    } catch (problem) {
      this.#parts.log.warn('linking.not-saved', { linkSessionId: this.id, ...failureFields(problem) })
      this.take({ type: 'not-saved', generation, reason: 'NOT_SAVED' })
    }
  }

  async #logOut(socket: WhatsAppSocket | null, number: PhoneNumber | null): Promise<void> {
    await socket?.logOut()
    await this.#closeAny()
    await this.#forget(number)
  }

  async #forget(number: PhoneNumber | null): Promise<void> {
    const { store, phoneKey } = this.#parts
    if (!(await store.writeCredentials(this.id, this.epoch, [], { replace: true }))) throw new LeaseLost()
    await this.#parts.store.run(markUnlinked(this.id, number === null ? null : phoneKey(number), this.epoch))
  }

  /** WhatsApp has answered: from now on the request counts. */
  async #charge(generation: number, phone: PhoneNumber | null): Promise<void> {
    const { phoneKey, log } = this.#parts
    const { id: sessionId, askedFrom: address } = this
    const operation =
      phone === null ? admitQr(sessionId) : admitCode({ sessionId, phoneKey: phoneKey(phone), address })
    try {
      const admitted = await this.#parts.store.run(operation)
      if (admitted.ok) return
      const { reason, retryAt } = admitted.refusal
      const until = retryAt === null ? null : instant(retryAt)
      this.take({ type: 'not-admitted', generation, reason, retryAt: until })
    } catch (problem) {
      log.warn('linking.not-charged', { linkSessionId: sessionId, ...failureFields(problem) })
      this.take({ type: 'not-admitted', generation, reason: 'INTERNAL', retryAt: null })
    }
  }

  /** Unless it was not admitted, or given up, since it was decided. */
  #askForCode(generation: number, phone: PhoneNumber): void {
    if (this.#machine.account.status !== 'code_wanted' || this.#machine.generation !== generation) return
    this.#socketOf(generation)?.askForCode(phone)
  }

  async #coolDown(of: 'codes' | 'connections', number: PhoneNumber | null): Promise<void> {
    const { phoneKey, log } = this.#parts
    const operation =
      of === 'codes' && number !== null
        ? pauseCodes({ sessionId: this.id, phoneKey: phoneKey(number) })
        : pauseConnections(this.id)
    try {
      this.take({ type: 'cooled', until: await this.#parts.store.run(operation) })
    } catch (problem) {
      log.warn('linking.pause-not-kept', { linkSessionId: this.id, ...failureFields(problem) })
      this.take({ type: 'cooled', until: null })
    }
  }
}
