import { assertNever } from '@latchkey/domain/kernel'
import type { Refusal } from '@latchkey/protocol/runner-pairing'
import { shownHandshake } from '@latchkey/protocol/terminal/first-frame'
import { CloseReason } from '@latchkey/protocol/terminal/frames'
import type { ChannelEnd } from '../admission.ts'
import { openControlSocket } from '../control-socket.ts'
import { type Subject, subject } from '../observable.ts'
import { type AppControl, appControl, greetingOf, pairBy, probe } from './app-control.ts'
import { ChannelKeeper, type Ticket } from './channel-keeper.ts'
import { type CameBack, ComeBack } from './come-back.ts'
import type { AppLink, AppLinkOptions, Paired, PairingStatus, Unpaired } from './link.ts'
import type { LinkEvents, MachineReady, MachineSeen } from './link-events.ts'
import { type EndReason, type LinkState, linkStateOf, sameState } from './link-state.ts'
import { SealKeeper } from './seal-keeper.ts'
import type { PairingUrlSecret } from './sealer.ts'
import { Standing } from './standing.ts'
import { WatchedRunner } from './watched-runner.ts'

/** How long `pair` waits for a broker that is not reached yet: somebody looks at the page. */
const PAIR_WAITS_MS = 8_000

/** Begins an app session, or goes on with the one that `credential` belongs to. Throws when `brokerUrl` is no address. */
export function openAppLink(options: AppLinkOptions, openControl = openControlSocket): AppLink {
  return new Link(options, openControl)
}

class Link implements AppLink, LinkEvents {
  readonly state: Subject<LinkState> = subject<LinkState>({
    status: 'connecting',
    failure: null,
    nextTryAtMs: null,
  })
  readonly sealed: Subject<boolean | null> = subject<boolean | null>(null)
  readonly #options: AppLinkOptions
  readonly #control: AppControl
  readonly #channel: ChannelKeeper
  readonly #watched: WatchedRunner
  readonly #seal: SealKeeper
  readonly #standing: Standing
  readonly #comeBack: ComeBack
  #ended: EndReason | null = null
  #lostSinceMs: number | null = null

  constructor(options: AppLinkOptions, openControl: typeof openControlSocket) {
    this.#options = options
    const { brokerUrl, platform, label, locale, seal } = options
    const runnerId = () => this.#runnerId
    this.#control = appControl(options, runnerId, this, openControl)
    this.#seal = new SealKeeper(seal, platform, label, () => this.changed())
    this.#watched = new WatchedRunner({
      platform,
      label,
      locale,
      features: options.features ?? [],
      events: this,
    })
    this.#channel = new ChannelKeeper({
      brokerUrl,
      runnerId,
      platform,
      watched: this.#watched,
      seal: this.#seal,
      ticket: () => this.#ticket(),
      events: this,
    })
    this.#standing = new Standing({
      platform,
      ask: () => this.#control.call('app:pairing:status', {}),
      isUp: () => this.#control.isUp,
      events: this,
    })
    this.#comeBack = new ComeBack({
      platform,
      ticket: async (machine) => seal?.sealer.routeTicket(machine) ?? null,
      pair: (wanted) => this.#control.call('app:pair', wanted),
      isReached: () => this.#control.isUp,
    })
    // An app that comes back: both connections begin side by side.
    if (options.credential !== null && this.#runnerId !== null)
      void this.#channel.comeBack(shownHandshake(greetingOf(options, options.credential)))
    this.#control.start()
  }

  get terminals() {
    return this.#watched.terminals
  }

  get pairing() {
    return this.#standing.pairing
  }

  get machine() {
    return this.#watched.machine
  }

  async pair(code: string, secret: PairingUrlSecret | null = null): Promise<Paired | Refusal> {
    await this.#reached(PAIR_WAITS_MS)
    const answer = await pairBy(code, secret, this.#options.seal?.sealer ?? null, this.#control)
    if (!answer.success) {
      // Its outcome is unknown: the broker may have paired us all the same.
      if (answer.code === 'TIMEOUT') void this.status()
      return answer
    }
    this.#standing.heard({ away: false })
    this.#forgetMachine()
    this.#ended = null
    this.#seal.pairing(secret?.runnerId ?? answer.runnerId, code, secret)
    this.#paired(answer)
    this.changed()
    return answer
  }

  givePin(pin: string) {
    return this.#seal.givePin(pin)
  }

  cancelPin(): void {
    this.#seal.cancelPin()
  }

  status(): Promise<PairingStatus | Refusal> {
    return this.#standing.ask()
  }

  async unpair(): Promise<Unpaired | Refusal> {
    const answer = await this.#control.call('app:unpair', {})
    if (answer.success) {
      this.#standing.heard({ away: false })
      this.#unpaired(null)
      this.#ended = null
      this.changed()
    }
    return answer
  }

  wake(): void {
    if (this.#ended === 'closed') return
    this.#channel.probe()
    if (this.#control.isUp) void probe(this.#control)
    else this.#control.settleAndTry()
  }

  reconnectNow(): void {
    if (this.#ended === 'closed') return
    if (this.#ended === 'superseded' || this.#ended === 'not-a-node') this.#ended = null
    this.#seal.again()
    this.#control.tryNow()
    if (this.#channel.isSilent) this.#channel.fail('timeout')
    if (this.#wantsChannel()) this.#channel.openNow(null)
    this.changed()
  }

  close(): void {
    if (this.#ended === 'closed') return
    this.#standing.settled()
    this.#control.close()
    this.#end('closed')
  }

  openTerminal(wanted: Parameters<AppLink['openTerminal']>[0]) {
    return this.#watched.open(wanted)
  }

  closeTerminal(terminal: number): boolean {
    return this.#watched.send({ type: 'close', terminal })
  }

  rename(terminal: number, name: string): boolean {
    return this.#watched.send({ type: 'rename', terminal, name })
  }

  record(terminal: number, on: boolean): boolean {
    const info = this.terminals.current.find((one) => one.terminal === terminal)
    // An older runner would end the channel.
    return info?.recording !== undefined && this.#watched.send({ type: 'record', terminal, on })
  }

  expect(...[terminal, size]: Parameters<AppLink['expect']>): void {
    this.#watched.expect(terminal, size)
  }

  watch(...[terminal, size, sink]: Parameters<AppLink['watch']>) {
    return this.#watched.watch(terminal, size, sink)
  }

  // What the parts tell (`LinkEvents`).

  brokerReached(): void {
    void this.status()
  }

  brokerAway(): void {
    this.#standing.settled()
    this.#channel.hold()
    if (this.#channel.facts.status === 'down' && this.#standing.paired !== 'unknown')
      this.#lostSinceMs ??= this.#options.platform.nowMs()
  }

  turnedAway(): void {
    this.#end('not-a-node')
  }

  statusTold(status: PairingStatus): void {
    if (status.paired) {
      this.#standing.pairedWith(status)
      if (this.#ended === 'unpaired') this.#ended = null
      if (status.runnerOnline === false) this.#machineOffline(null, status.runnerLastSeenAt ?? null)
      else {
        this.#standing.online()
        if (this.#wantsChannel()) this.#channel.open()
      }
    } else this.#forgotten()
    this.changed()
  }

  machineSeen({ online, paired, untilMs }: MachineSeen): void {
    this.#standing.heard({ away: paired && !online })
    if (!paired) this.#forgotten()
    else if (online) {
      this.#standing.online()
      if (this.#wantsChannel()) this.#channel.openAnew()
    } else this.#machineOffline(untilMs, null)
    this.changed()
  }

  machineReady({ runnerId, runnerLabel, ...ticket }: MachineReady): void {
    if (this.#ended !== null || this.#seal.facts?.status === 'refused') return
    const known = this.#runnerId
    // The machine that this link is about, or the one that the broker names first.
    if (known !== null && known !== runnerId) return
    this.#standing.pairedWith({ runnerId, runnerLabel })
    this.#standing.online()
    this.#channel.openNow(ticket)
    this.changed()
  }

  channelLost(reason: ChannelEnd, lastHeardMs: number): void {
    this.#lostSinceMs ??= lastHeardMs
    switch (reason) {
      case CloseReason.unpaired:
        void this.status()
        return
      case CloseReason.superseded:
        return this.#end('superseded')
      case CloseReason.appGone:
      case CloseReason.runnerGone:
      case CloseReason.tooSlow:
      case CloseReason.malformed:
      case CloseReason.badTicket:
      case CloseReason.restarting:
      case 'lost':
      case 'timeout':
        // The next try asks the control connection for a ticket, which shows whether that one lives.
        if (!this.#control.isUp) this.#channel.hold()
        return
      default:
        return assertNever(reason)
    }
  }

  machineSilent(): void {
    void probe(this.#control)
  }

  slept(): void {
    this.wake()
  }

  machineBroken(): void {
    this.#channel.fail(CloseReason.malformed)
  }

  machineRefused(reason: EndReason): void {
    this.#end(reason)
  }

  changed(): void {
    const channel = this.#channel.facts
    if (channel.status === 'up') this.sealed.set(channel.sealed)
    const state = linkStateOf({
      ended: this.#ended,
      control: this.#control.status,
      pairing: this.#standing.paired,
      machine: this.#standing.machine,
      channel,
      sealing: this.#seal.facts,
      lostSinceMs: this.#lostSinceMs,
    })
    if (state.status === 'live' || state.status === 'unpaired') this.#lostSinceMs = null
    if (!sameState(state, this.state.current)) this.state.set(state)
  }

  #wantsChannel(): boolean {
    // After a refusal somebody has to want it.
    if (this.#seal.facts?.status === 'refused') return false
    return this.#ended === null && this.#standing.isReachable && this.#control.isUp
  }

  /** The machine that this link is about; null while none is known. */
  get #runnerId(): string | null {
    return this.#standing.pairing.current?.runnerId ?? this.#options.seal?.runnerId ?? null
  }

  #paired(answer: Paired): void {
    this.#standing.pairedWith(answer)
    this.#standing.online()
    this.#channel.openNow(answer)
  }

  /** The broker knows no pairing. A machine that was sealed knows this app all the same. */
  #forgotten(): void {
    const runnerId = this.#runnerId
    if (this.#options.seal === null || runnerId === null || this.#ended !== null)
      return this.#unpaired('unpaired')
    if (this.#comeBack.isRunning) return
    this.#channel.shut()
    void this.#comeBack.start(runnerId, (outcome) => this.#cameBack(runnerId, outcome))
  }

  #cameBack(runnerId: string, outcome: CameBack): void {
    switch (outcome.status) {
      case 'paired':
        this.#seal.returning(runnerId)
        this.#paired(outcome.paired)
        break
      case 'not-wanted':
        this.#unpaired(null)
        this.#seal.turnedAway()
        break
      case 'no-way':
        // Without the broker nothing is known: it is asked again when it is reached.
        if (this.#control.isUp) this.#unpaired('unpaired')
        break
      default:
        assertNever(outcome)
    }
    this.changed()
  }

  /** `why` is null when this app wanted it itself. */
  #unpaired(why: EndReason | null): void {
    const hadMachine = this.#standing.unpaired()
    this.#forgetMachine()
    if (hadMachine && why !== null && this.#ended === null) this.#ended = why
  }

  #forgetMachine(): void {
    this.#comeBack.stop()
    this.#channel.shut()
    this.#watched.forget()
    this.#lostSinceMs = null
  }

  #machineOffline(untilMs: number | null, lastSeenAtMs: number | null): void {
    // A terminal that still answers is not taken away because the machine's other connection was lost.
    this.#channel.hold()
    const sinceMs = this.#lostSinceMs ?? this.#options.platform.nowMs()
    this.#standing.offline({ sinceMs, untilMs, lastSeenAtMs })
  }

  async #ticket(): Promise<Ticket> {
    if (!this.#wantsChannel()) return 'stop'
    const answer = await this.#control.call('terminal:ticket', {})
    if (answer.success) return answer
    // Silence on a connection that looks open: it is not. What follows from a new one comes by itself.
    if (answer.code === 'TIMEOUT') this.#control.replace()
    if (answer.code === 'TIMEOUT' || !this.#control.isUp) return 'stop'
    if (answer.code === 'NETWORK_ERROR') return 'later'
    void this.status()
    return 'later'
  }

  #end(reason: EndReason): void {
    this.#ended = reason
    this.#comeBack.stop()
    this.#channel.shut()
    this.changed()
  }

  /** Resolves when the broker is reached, or after `withinMs`: the call that follows then gives the reason. */
  #reached(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const isUp = () => this.#control.isUp
      if (isUp() || this.#ended === 'closed') return resolve()
      this.#control.tryNow()
      const done = () => {
        stopWaiting()
        stopHearing()
        resolve()
      }
      const stopWaiting = this.#options.platform.after(withinMs, done)
      const stopHearing = this.state.subscribe(() => isUp() && done())
    })
  }
}
