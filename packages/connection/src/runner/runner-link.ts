import { type FactOf } from '@latchkey/protocol/call'
import { type AppsAnswer, type AppsOrder, runnerAsks } from '@latchkey/protocol/runner-apps'
import { pairingFacts, type Refusal, runnerCalls, terminalCalls } from '@latchkey/protocol/runner-pairing'
import { delayAfterHintMs, delayBeforeTryMs, fractionOf } from '../backoff.ts'
import { answering, type ControlOpening, openControlSocket } from '../control-socket.ts'
import type { Cancel, Platform } from '../transport.ts'
import { PlaneKeeper } from './plane-keeper.ts'
import {
  CALL_TIMEOUT_MS,
  CODE_SPENT,
  type Registered,
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

/** A runner's connection to its broker, for as long as the process lives. */
export interface RunnerLink {
  /** A new code; does nothing while offline, when the next registration decides. */
  rotate(): void
  /** Tells the broker which route tickets open a way from now on; while offline the next registration does. */
  depositRouteTickets(): void
  /** Has the broker end the pairings of these app sessions; while it is not reached, as soon as it is. */
  revoke(appSessionIds: readonly string[]): void
  /** Says goodbye: the code and its pairings end at once. */
  stop(): void
}

const HEARTBEAT_EVERY_MS = 10_000
/** Refusals that trying again does not cure. */
const FINAL: ReadonlySet<string> = new Set(['INVALID_SECRET', 'INVALID_FORMAT'])

export function startRunnerLink(options: RunnerLinkOptions): RunnerLink {
  const link = new Link(options)
  link.connect()
  return {
    rotate: () => void link.rotate(),
    depositRouteTickets: () => link.depositRouteTickets(),
    revoke: (appSessionIds) => link.revoke(appSessionIds),
    stop: () => link.stop(),
  }
}

class Link {
  readonly #options: RunnerLinkOptions
  #stopped = false
  #failures = 0
  #code: string | null = null
  #comeBackInMs: number | null = null
  #retry: Cancel = () => {}
  #heartbeat: Cancel = () => {}
  #control: RunnerControl | null = null
  #planes: PlaneKeeper | null = null
  readonly #revocations = new Revocations()

  constructor(options: RunnerLinkOptions) {
    this.#options = options
  }

  connect(): void {
    void this.#open().then((opening) => {
      if (!opening.ok)
        this.#failed(
          opening.kind === 'refused' ? (opening.code ?? 'REFUSED') : 'NETWORK_ERROR',
          opening.message,
        )
      else if (this.#stopped) opening.socket.close()
      else return this.#register(opening.socket)
    })
  }

  async rotate(): Promise<void> {
    const control = this.#control
    if (control === null) return
    const answer = await rotate(control, this.#options.freshCode)
    if (!answer.success || control !== this.#control) return
    this.#code = answer.pairingCode
    const { pairingCode: code, expiresAt, serverTime } = answer
    this.#options.onEvent({ type: 'code', code, expiresAt, serverTime })
  }

  depositRouteTickets(): void {
    const { routeTickets } = this.#options.who
    if (this.#control === null || routeTickets === undefined) return
    void this.#control.call('runner:route-tickets', { routeTickets: [...routeTickets()] }, CALL_TIMEOUT_MS)
  }

  revoke(appSessionIds: readonly string[]): void {
    this.#revocations.add(appSessionIds)
    if (this.#control !== null && this.#planes !== null) void this.#revocations.tell(this.#control)
  }

  stop(): void {
    this.#stopped = true
    this.#retry()
    this.#endConnection()
  }

  #open(): Promise<ControlOpening<typeof runnerCalls & typeof terminalCalls>> {
    const { brokerUrl, who, onAppsOrder } = this.#options
    return openControlSocket({
      brokerUrl,
      auth: { label: who.label.slice(0, 64) },
      runnerId: who.runnerId,
      calls: { ...runnerCalls, ...terminalCalls },
      facts: pairingFacts,
      onFact: {
        'runner:app:paired': (fact) => this.#paired(fact),
        'runner:app:unpaired': ({ appSessionId, revoked }) =>
          this.#options.onEvent({ type: 'unpaired', appSessionId, ...(revoked === true && { revoked }) }),
        'runner:device:revoked': ({ deviceId }) =>
          this.#options.onEvent({ type: 'device-revoked', deviceId }),
        'runner:code:renew': () => void this.rotate(),
        'runner:superseded': () => this.#end('SUPERSEDED', 'another process speaks for this runner now'),
        'broker:restarting': ({ comeBackInMs }) => {
          this.#comeBackInMs = comeBackInMs
        },
      },
      ...(onAppsOrder === undefined
        ? {}
        : { asks: { 'runner:apps': answering(runnerAsks['runner:apps'], onAppsOrder) } }),
      onEnd: () => this.#lost('NETWORK_ERROR', 'the connection to the broker was lost'),
      timeoutMs: CALL_TIMEOUT_MS,
    })
  }

  async #register(control: RunnerControl): Promise<void> {
    this.#control = control
    const answer = await register(control, this.#options.who, this.#code, this.#options.freshCode)
    if (this.#stopped || this.#control !== control) return control.close()
    if (!answer.success) return this.#refused(answer)
    this.#registered(control, answer)
  }

  #registered(control: RunnerControl, answer: Registered): void {
    this.#failures = 0
    this.#comeBackInMs = null
    this.#code = answer.pairingCode
    const { pairingCode: code, expiresAt, serverTime, resumed } = answer
    this.#options.onEvent({ type: 'registered', code, expiresAt, serverTime, resumed })
    for (const deviceId of answer.revokedDeviceIds ?? [])
      this.#options.onEvent({ type: 'device-revoked', deviceId })
    this.#beat(control)
    this.#planes = new PlaneKeeper({
      ...this.#options,
      runnerId: this.#options.who.runnerId,
      control,
      onStatus: (status) => this.#options.onEvent({ type: 'link', status }),
    })
    this.#planes.open(answer.terminal)
    // A new life has no pairings left to end.
    if (!resumed) this.#revocations.forget()
    void this.#revocations.tell(control)
  }

  #refused(refusal: Refusal): void {
    if (FINAL.has(refusal.code)) return this.#end(refusal.code, refusal.message)
    // A code that all tries found spoilt is not tried again; a broker that could not look it up says nothing about it.
    if (CODE_SPENT.has(refusal.code)) this.#code = null
    if (refusal.remainingBanTime !== undefined) this.#comeBackInMs = refusal.remainingBanTime * 1_000
    this.#lost(refusal.code, refusal.message)
  }

  #beat(control: RunnerControl): void {
    this.#heartbeat = this.#options.platform.after(HEARTBEAT_EVERY_MS, () => {
      const { runnerId } = this.#options.who
      void control.call('runner:heartbeat', { runnerId }, CALL_TIMEOUT_MS).then((answer) => {
        if (control !== this.#control) return
        if (answer.success) this.#beat(control)
        else this.#lost(answer.code, answer.message)
      })
    })
  }

  #paired(fact: FactOf<typeof pairingFacts, 'runner:app:paired'>): void {
    const { appSessionId, pid, label, address, deviceId } = fact
    const app = { appSessionId, pid, label, address, ...(deviceId !== undefined && { deviceId }) }
    this.#options.onEvent({ type: 'paired', ...app })
  }

  #lost(code: string, message: string): void {
    if (this.#stopped) return
    this.#endConnection()
    this.#failed(code, message)
  }

  #failed(code: string, message: string): void {
    if (this.#stopped) return
    const { platform, onEvent } = this.#options
    const fraction = fractionOf(platform.randomBytes(4))
    const hintMs = this.#comeBackInMs
    const delayMs =
      hintMs === null ? delayBeforeTryMs(this.#failures, fraction) : delayAfterHintMs(hintMs, fraction)
    this.#comeBackInMs = null
    this.#failures += 1
    onEvent({ type: 'waiting', code, message, delayMs })
    this.#retry = platform.after(delayMs, () => this.connect())
  }

  #end(code: string, message: string): void {
    if (this.#stopped) return
    this.stop()
    this.#options.onEvent({ type: 'failed', code, message })
  }

  #endConnection(): void {
    this.#heartbeat()
    const control = this.#control
    this.#control = null
    this.#planes?.stop()
    this.#planes = null
    control?.close()
  }
}
