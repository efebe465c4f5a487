import type { ReplyOf, RequestOf } from '@latchkey/protocol/call'
import { pushCalls } from '@latchkey/protocol/push'
import { type AppsAnswer, type AppsOrder, runnerAsks } from '@latchkey/protocol/runner-apps'
import { type Refusal, runnerCalls, terminalCalls } from '@latchkey/protocol/runner-pairing'
import { ControlKeeper, type ControlKeeperOptions } from '../control-keeper.ts'
import { answering, openControlSocket, refusalOf } from '../control-socket.ts'
import { type Cancel, type Platform, repeat } from '../transport.ts'
import { PlaneKeeper } from './plane-keeper.ts'
import {
  CODE_SPENT,
  type Registered,
  type RunnerCalls,
  type RunnerControl,
  type RunnerCredentials,
  register,
  rotate,
} from './registration.ts'
import { Revocations } from './revocations.ts'
import type { AcceptChannel } from './terminal-plane.ts'

export type RunnerLinkEvent =
  | {
      readonly type: 'registered'
      readonly code: string
      /** epoch milliseconds, by the broker's clock, which says `serverTime` now */
      readonly expiresAt: number
      readonly serverTime: number
      /** the same code and pairings as before the connection was lost */
      readonly resumed: boolean
    }
  | { readonly type: 'code'; readonly code: string; readonly expiresAt: number; readonly serverTime: number }
  /** apps can reach this runner, or cannot */
  | { readonly type: 'link'; readonly status: 'online' | 'offline' }
  | {
      readonly type: 'paired'
      readonly appSessionId: string
      /** names this pairing, as in the opening of its channels */
      readonly pid: string
      readonly label: string
      readonly address: string
      /** the device that the app signed in as */
      readonly deviceId?: string
      /** the most that the operator lets it do here beside looking; absent: what this machine gives */
      readonly rights?: readonly ('type' | 'approve' | 'send')[]
    }
  /** `revoked`: its device is one no more, so its key shall open nothing here either */
  | { readonly type: 'unpaired'; readonly appSessionId: string; readonly revoked?: true }
  /** this device is one no more: no key of its apps shall open anything here */
  | { readonly type: 'device-revoked'; readonly deviceId: string }
  /** the last try failed and another follows */
  | { readonly type: 'waiting'; readonly code: string; readonly message: string; readonly delayMs: number }
  /** the link has ended by itself and does not come back */
  | { readonly type: 'failed'; readonly code: string; readonly message: string }

export interface RunnerLinkOptions {
  /** http(s) address of the broker */
  readonly brokerUrl: string
  readonly who: RunnerCredentials
  readonly freshCode: () => string
  readonly platform: Platform
  readonly accept: AcceptChannel
  /** What the operator asks about this machine's apps, through the broker; absent: such questions stay without answer. */
  readonly onAppsOrder?: (order: AppsOrder) => Promise<AppsAnswer>
  readonly onEvent: (event: RunnerLinkEvent) => void
}

export type PushRequest = RequestOf<typeof pushCalls, 'runner:push'>
export type PushReply = ReplyOf<typeof pushCalls, 'runner:push'>

/** A runner's connection to its broker, for as long as the process lives. */
export interface RunnerLink {
  /** A new code; does nothing while offline, when the next registration decides. */
  rotate(): void
  /** Tells the broker which route tickets open a way from now on; while offline the next registration does. */
  depositRouteTickets(): void
  /** Has the broker end the pairings of these app sessions; while it is not reached, as soon as it is. */
  revoke(appSessionIds: readonly string[]): void
  /** Has the broker send a sealed notification. NETWORK_ERROR: it was not sent. INVALID_FORMAT: this broker knows no push. */
  push(notification: PushRequest): Promise<PushReply | Refusal>
  /** Says goodbye: the code and its pairings end at once. */
  stop(): void
}

const HEARTBEAT_EVERY_MS = 10_000
const WITHIN_MS = 10_000
/** Refusals that trying again does not cure. */
const FINAL: ReadonlySet<string> = new Set(['INVALID_SECRET', 'INVALID_FORMAT'])

export function startRunnerLink(options: RunnerLinkOptions, openControl = openControlSocket): RunnerLink {
  const link = new Link(options, openControl)
  link.start()
  return link
}

class Link implements RunnerLink {
  readonly #options: RunnerLinkOptions
  readonly #keeper: ControlKeeper<RunnerCalls>
  readonly #revocations = new Revocations()
  #stopped = false
  #code: string | null = null
  /** the connection that is open; this runner may not be registered on it yet */
  #control: RunnerControl | null = null
  /** null unless this runner is registered */
  #planes: PlaneKeeper | null = null
  #heartbeat: Cancel = () => {}
  /** the deposit of route tickets that is under way; `isOld` once they have changed since it left */
  #deposit: { readonly control: RunnerControl; isOld: boolean } | null = null

  constructor(options: RunnerLinkOptions, openControl: typeof openControlSocket) {
    this.#options = options
    const { brokerUrl, platform, who, onAppsOrder, onEvent } = options
    const keeping: ControlKeeperOptions<RunnerCalls> = {
      brokerUrl,
      platform,
      calls: { ...runnerCalls, ...terminalCalls, ...pushCalls },
      auth: () => ({ label: who.label.slice(0, 64) }),
      runnerId: () => who.runnerId,
      onFact: {
        'runner:app:paired': ({ deviceId, rights, ...app }) =>
          onEvent({
            type: 'paired',
            ...app,
            ...(deviceId !== undefined && { deviceId }),
            ...(rights !== undefined && { rights }),
          }),
        'runner:app:unpaired': ({ appSessionId, revoked }) =>
          onEvent({ type: 'unpaired', appSessionId, ...(revoked === true && { revoked }) }),
        'runner:device:revoked': ({ deviceId }) => onEvent({ type: 'device-revoked', deviceId }),
        'runner:code:renew': () => this.rotate(),
        'runner:superseded': () => this.#end('SUPERSEDED', 'another process speaks for this runner now'),
      },
      ...(onAppsOrder !== undefined && {
        asks: { 'runner:apps': answering(runnerAsks['runner:apps'], onAppsOrder) },
      }),
      greet: (control) => this.#register(control),
      finalCodes: FINAL,
      connectWithinMs: WITHIN_MS,
      answerWithinMs: WITHIN_MS,
      events: {
        brokerReached: () => {},
        brokerAway: (code, message, delayMs) => {
          this.#endConnection()
          onEvent({ type: 'waiting', code, message, delayMs })
        },
        turnedAway: (code, message) => this.#end(code, message),
        changed: () => {},
      },
    }
    this.#keeper = new ControlKeeper(keeping, openControl)
  }

  start(): void {
    this.#keeper.start()
  }

  rotate(): void {
    const control = this.#control
    if (control === null) return
    void rotate(control, this.#options.freshCode).then((answer) => {
      if (!answer.success || control !== this.#control) return
      const { pairingCode: code, expiresAt, serverTime } = answer
      this.#code = code
      this.#options.onEvent({ type: 'code', code, expiresAt, serverTime })
    })
  }

  depositRouteTickets(): void {
    if (this.#control === null) return
    if (this.#deposit?.control === this.#control) this.#deposit.isOld = true
    else void this.#depositOver(this.#control)
  }

  /** One at a time: when all apps of a machine come back at once, the tickets change with each, and the newest are what counts. */
  async #depositOver(control: RunnerControl): Promise<void> {
    const { routeTickets } = this.#options.who
    if (routeTickets === undefined) return
    const deposit = { control, isOld: true }
    this.#deposit = deposit
    while (deposit.isOld && control === this.#control) {
      deposit.isOld = false
      await control.call('runner:route-tickets', { routeTickets: [...routeTickets()] })
    }
    if (this.#deposit === deposit) this.#deposit = null
  }

  revoke(appSessionIds: readonly string[]): void {
    this.#revocations.add(appSessionIds)
    if (this.#control !== null && this.#planes !== null) void this.#revocations.tell(this.#control)
  }

  async push(notification: PushRequest): Promise<PushReply | Refusal> {
    const control = this.#planes === null ? null : this.#control
    return control?.call('runner:push', notification) ?? refusalOf('NETWORK_ERROR', 'not registered')
  }

  stop(): void {
    this.#stopped = true
    this.#endConnection()
    this.#keeper.close()
  }

  async #register(control: RunnerControl): Promise<Refusal | null> {
    this.#control = control
    const answer = await register(control, this.#options.who, this.#code, this.#options.freshCode)
    if (this.#control !== control) return null
    if (answer.success) {
      this.#registered(control, answer)
      return null
    }
    // A code that all tries found spent is not tried again. Any other refusal says nothing about the code.
    if (CODE_SPENT.has(answer.code)) this.#code = null
    return answer
  }

  #registered(control: RunnerControl, answer: Registered): void {
    const { platform, who, onEvent } = this.#options
    const { pairingCode: code, expiresAt, serverTime, resumed } = answer
    this.#code = code
    onEvent({ type: 'registered', code, expiresAt, serverTime, resumed })
    for (const deviceId of answer.revokedDeviceIds ?? []) onEvent({ type: 'device-revoked', deviceId })
    this.#heartbeat = repeat(platform, HEARTBEAT_EVERY_MS, () => void this.#beat(control))
    this.#planes = new PlaneKeeper({
      ...this.#options,
      runnerId: who.runnerId,
      control,
      onStatus: (status) => onEvent({ type: 'link', status }),
    })
    void this.#planes.open(answer.terminal)
    // A new life has no pairings left to end.
    if (!resumed) this.#revocations.forget()
    void this.#revocations.tell(control)
  }

  async #beat(control: RunnerControl): Promise<void> {
    const answer = await control.call('runner:heartbeat', { runnerId: this.#options.who.runnerId })
    if (!answer.success && control === this.#control) this.#keeper.fail(answer)
  }

  /** Ends for good, with a reason that the owner is told. */
  #end(code: string, message: string): void {
    if (this.#stopped) return
    this.stop()
    this.#options.onEvent({ type: 'failed', code, message })
  }

  #endConnection(): void {
    this.#heartbeat()
    this.#control = null
    this.#planes?.stop()
    this.#planes = null
  }
}
