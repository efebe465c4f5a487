import type { ReplyOf, RequestOf } from '@latchkey/protocol/call'
import {
  appCalls,
  type HandshakeAuth,
  pairingFacts,
  type Refusal,
  terminalCalls,
} from '@latchkey/protocol/runner-pairing'
import type { Failure, LinkFacts } from './app/link-state.ts'
import { delayAfterHintMs, fractionOf } from './backoff.ts'
import { type ControlSocket, openControlSocket, refusalOf } from './control-socket.ts'
import { Retry } from './retry.ts'
import type { Platform } from './transport.ts'

export const calls = { ...appCalls, ...terminalCalls }
export type AppCalls = typeof calls

const CONNECT_WITHIN_MS = 8_000
const ANSWER_WITHIN_MS = 5_000
/** Radios and VPNs need about this long after a wake-up before a first try can succeed (agentboard PR #97). */
const SETTLE_MS = 750

export interface ControlKeeperOptions {
  readonly brokerUrl: string
  readonly platform: Platform
  readonly auth: () => HandshakeAuth
  /** the machine that this link is about; null while none is known */
  readonly runnerId: () => string | null
  readonly onCredential: (credential: string) => void
  readonly onRunner: (fact: {
    readonly online: boolean
    readonly paired: boolean
    readonly untilMs: number | null
  }) => void
  readonly onUp: () => void
  /** the broker does not take the peer token: no try is made until `tryNow` */
  readonly onNotANode: () => void
  readonly onDown: () => void
  /** something that the link's state depends on has changed */
  readonly changed: () => void
}

/** Keeps one control connection to the broker, for as long as it is wanted. */
export class ControlKeeper {
  readonly #options: ControlKeeperOptions
  readonly #retry: Retry
  #socket: ControlSocket<AppCalls> | null = null
  #failure: Failure | null = null
  /** The try that counts: an older one, begun before the machine slept, is let go when it ends. */
  #tryNumber = 0
  #comeBackInMs: number | null = null
  /** nothing is tried by itself: somebody has to want it */
  #isTurnedAway = false
  #closed = false

  constructor(options: ControlKeeperOptions) {
    this.#options = options
    this.#retry = new Retry(options.platform, () => void this.#connect())
  }

  get facts(): LinkFacts['control'] {
    return this.#socket === null
      ? { status: 'down', failure: this.#failure, nextTryAtMs: this.#retry.nextTryAtMs }
      : { status: 'up' }
  }

  start(): void {
    void this.#connect()
  }

  call<Name extends keyof AppCalls & string>(
    name: Name,
    request: RequestOf<AppCalls, Name>,
    timeoutMs: number = ANSWER_WITHIN_MS,
  ): Promise<ReplyOf<AppCalls, Name> | Refusal> {
    return (
      this.#socket?.call(name, request, timeoutMs) ??
      Promise.resolve(refusalOf('NETWORK_ERROR', 'not connected to the broker'))
    )
  }

  /** Ends waiting: the next try is now. */
  tryNow(): void {
    if (this.#closed || this.#socket !== null) return
    if (this.#retry.nextTryAtMs === null && !this.#isTurnedAway) return
    this.#isTurnedAway = false
    this.#retry.after(0)
  }

  /** After a sleep: whatever try was running or waited for belongs to another time. */
  settleAndTry(): void {
    if (this.#closed || this.#socket !== null) return
    this.#tryNumber += 1
    this.#retry.after(SETTLE_MS)
  }

  /** The connection is open in name only: a new one now. */
  replace(): void {
    if (this.#closed || this.#socket === null) return
    this.#socket.close()
    this.#lost(0)
  }

  close(): void {
    this.#closed = true
    this.#tryNumber += 1
    this.#retry.stop()
    this.#socket?.close()
    this.#socket = null
  }

  async #connect(): Promise<void> {
    const number = ++this.#tryNumber
    this.#options.changed()
    const opening = await openControlSocket({
      brokerUrl: this.#options.brokerUrl,
      auth: this.#options.auth(),
      runnerId: this.#options.runnerId(),
      calls,
      facts: pairingFacts,
      timeoutMs: CONNECT_WITHIN_MS,
      onFact: {
        'app:session': ({ clientToken }) => this.#options.onCredential(clientToken),
        'runner:online': () => this.#options.onRunner({ online: true, paired: true, untilMs: null }),
        'runner:offline': ({ paired, until }) =>
          this.#options.onRunner({ online: false, paired, untilMs: until ?? null }),
        'broker:restarting': ({ comeBackInMs }) => {
          this.#comeBackInMs = comeBackInMs
        },
      },
      onEnd: () => number === this.#tryNumber && this.#lost(null),
    })
    if (number !== this.#tryNumber) {
      if (opening.ok) opening.socket.close()
      return
    }
    if (opening.ok) {
      this.#socket = opening.socket
      this.#failure = null
      this.#retry.succeeded()
      this.#options.onUp()
    } else {
      this.#failure = { kind: opening.kind, message: opening.message }
      this.#isTurnedAway = opening.kind === 'refused' && opening.code === 'INVALID_SECRET'
      if (this.#isTurnedAway) this.#options.onNotANode()
      else this.#retry.afterFailure()
    }
    this.#options.changed()
  }

  #lost(delayMs: number | null): void {
    this.#socket = null
    this.#tryNumber += 1
    const hintMs = this.#comeBackInMs
    this.#comeBackInMs = null
    if (delayMs !== null) this.#retry.after(delayMs)
    else if (hintMs === null) this.#retry.afterFailure()
    else this.#retry.after(delayAfterHintMs(hintMs, fractionOf(this.#options.platform.randomBytes(4))))
    this.#options.onDown()
    this.#options.changed()
  }
}
