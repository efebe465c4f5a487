import type { Calls, ReplyOf, RequestOf } from '@latchkey/protocol/call'
import { type HandshakeAuth, pairingFacts, type Refusal } from '@latchkey/protocol/runner-pairing'
import {
  type ControlSocket,
  type ControlSocketOptions,
  openControlSocket,
  refusalOf,
} from './control-socket.ts'
import { Retry } from './retry.ts'
import type { Platform } from './transport.ts'

/** Radios and VPNs need about this long after a wake-up before a first try can succeed (agentboard PR #97). */
const SETTLE_MS = 750

/** What the owner of a control connection is told. */
export interface ControlEvents {
  /** The broker is reached and has taken the greeting. */
  brokerReached(): void
  /** There is no connection: it was lost, or a try failed. The next try follows after `delayMs`. */
  brokerAway(code: string, message: string, delayMs: number): void
  /** The broker refused, and trying again does not help: no try follows until `tryNow`. */
  turnedAway(code: string, message: string): void
  /** `status` has changed. */
  changed(): void
}

type SocketOptions<C extends Calls> = ControlSocketOptions<C, typeof pairingFacts>

export interface ControlKeeperOptions<C extends Calls> {
  readonly brokerUrl: string
  readonly platform: Pick<Platform, 'nowMs' | 'after' | 'randomBytes'>
  readonly calls: C
  readonly auth: () => HandshakeAuth
  /** the runner that this connection concerns; null while none is known */
  readonly runnerId: () => string | null
  readonly onFact: Omit<SocketOptions<C>['onFact'], 'broker:restarting'>
  readonly asks?: SocketOptions<C>['asks']
  /** Speaks first on each connection. It answers null once the connection is up, else the broker's refusal. */
  readonly greet?: (control: ControlSocket<C>) => Promise<Refusal | null>
  /** codes of refusals that another try does not change */
  readonly finalCodes: ReadonlySet<string>
  readonly connectWithinMs: number
  readonly answerWithinMs: number
  readonly events: ControlEvents
}

export type ControlStatus =
  | { readonly status: 'up' }
  | {
      readonly status: 'down'
      /** why the last try failed; null while none has failed since the last connection */
      readonly failure: {
        readonly kind: 'unreachable' | 'timeout' | 'refused'
        readonly message: string
      } | null
      /** null while a try is running, or none will be made */
      readonly nextTryAtMs: number | null
    }

/** Keeps one control connection to the broker until `close`, for an app or a runner. */
export class ControlKeeper<C extends Calls> {
  readonly #options: ControlKeeperOptions<C>
  readonly #open: typeof openControlSocket
  readonly #retry: Retry
  #socket: ControlSocket<C> | null = null
  #isUp = false
  #failure: (ControlStatus & { readonly status: 'down' })['failure'] = null
  /** The try that counts: the result of an older one, begun before the machine slept, is dropped. */
  #tryNumber = 0
  /** the broker's own wish for the next try, once */
  #comeBackInMs: number | null = null
  #isTurnedAway = false
  #closed = false

  /** @param open opens one connection */
  constructor(options: ControlKeeperOptions<C>, open = openControlSocket) {
    this.#options = options
    this.#open = open
    this.#retry = new Retry(options.platform, () => void this.#connect())
  }

  get status(): ControlStatus {
    return this.#isUp
      ? { status: 'up' }
      : { status: 'down', failure: this.#failure, nextTryAtMs: this.#retry.nextTryAtMs }
  }

  get isUp(): boolean {
    return this.#isUp
  }

  start(): void {
    void this.#connect()
  }

  /** As `ControlSocket.call`, on the present connection. NETWORK_ERROR when there is none. */
  call<Name extends keyof C & string>(
    name: Name,
    request: RequestOf<C, Name>,
    withinMs?: number,
  ): Promise<ReplyOf<C, Name> | Refusal> {
    return this.#socket?.call(name, request, withinMs) ?? Promise.resolve(notConnected())
  }

  /** Ends waiting: the next try is now. */
  tryNow(): void {
    if (this.#closed || this.#socket !== null) return
    if (this.#retry.nextTryAtMs === null && !this.#isTurnedAway) return
    this.#isTurnedAway = false
    this.#retry.after(0)
  }

  /** After a sleep: the try that was running or waited for is dropped, and a new one made soon. */
  settleAndTry(): void {
    if (this.#closed || this.#socket !== null) return
    this.#tryNumber += 1
    this.#retry.after(SETTLE_MS)
  }

  /** The connection is dead, though it looks open: a new one now. */
  replace(): void {
    if (this.#socket !== null) this.#lost(LOST, 0)
  }

  /** The connection is useless: it is closed, and a new one follows with back-off. */
  fail(why: { readonly code: string; readonly message: string }): void {
    if (this.#socket !== null) this.#lost(why)
  }

  close(): void {
    this.#closed = true
    this.#retry.stop()
    this.#drop()
  }

  async #connect(): Promise<void> {
    const number = ++this.#tryNumber
    const isStale = () => number !== this.#tryNumber
    const { auth, runnerId, greet, onFact, events, ...options } = this.#options
    events.changed()
    const opening = await this.#open({
      ...options,
      auth: auth(),
      runnerId: runnerId(),
      facts: pairingFacts,
      onFact: {
        ...onFact,
        'broker:restarting': ({ comeBackInMs }) => {
          this.#comeBackInMs = comeBackInMs
        },
      },
      onEnd: () => isStale() || this.#lost(LOST),
    })
    if (isStale()) {
      if (opening.ok) opening.socket.close()
      return
    }
    if (!opening.ok) {
      this.#failure = { kind: opening.kind, message: opening.message }
      return this.#failed({ code: opening.code, message: opening.message })
    }
    this.#socket = opening.socket
    const refusal = greet === undefined ? null : await greet(opening.socket)
    if (isStale()) return
    if (refusal !== null) return this.#refused(refusal)
    this.#isUp = true
    this.#failure = null
    this.#retry.succeeded()
    events.brokerReached()
    events.changed()
  }

  #refused(refusal: Refusal): void {
    if (refusal.remainingBanTime !== undefined) this.#comeBackInMs = refusal.remainingBanTime * 1_000
    this.#drop()
    this.#failed(refusal)
  }

  #failed(why: { readonly code: string; readonly message: string }): void {
    this.#isTurnedAway = this.#options.finalCodes.has(why.code)
    if (!this.#isTurnedAway) return this.#waitForNextTry(why)
    this.#options.events.turnedAway(why.code, why.message)
    this.#options.events.changed()
  }

  #lost(why: { readonly code: string; readonly message: string }, delayMs?: number): void {
    this.#drop()
    this.#waitForNextTry(why, delayMs)
  }

  #waitForNextTry(
    { code, message }: { readonly code: string; readonly message: string },
    delayMs?: number,
  ): void {
    const { events } = this.#options
    const hintMs = this.#comeBackInMs
    this.#comeBackInMs = null
    const waitMs =
      delayMs !== undefined
        ? this.#retry.after(delayMs)
        : hintMs === null
          ? this.#retry.afterFailure()
          : this.#retry.afterHint(hintMs)
    events.brokerAway(code, message, waitMs)
    events.changed()
  }

  /** Closes the connection, and drops the result of a try that is running. */
  #drop(): void {
    this.#tryNumber += 1
    this.#isUp = false
    const socket = this.#socket
    this.#socket = null
    socket?.close()
  }
}

const LOST = { code: 'NETWORK_ERROR', message: 'the connection to the broker was lost' }
const notConnected = (): Refusal => refusalOf('NETWORK_ERROR', 'not connected to the broker')
