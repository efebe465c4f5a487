import { assertNever } from '@latchkey/domain/kernel'
import type { HandshakeAuth, Refusal } from '@latchkey/protocol/runner-pairing'
import { CloseReason } from '@latchkey/protocol/terminal/frames'
import { PROTOCOL_VERSION } from '@latchkey/protocol/version'
import type { ChannelEnd } from '../admission.ts'
import { ControlKeeper } from '../control-keeper.ts'
import { type Subject, subject } from '../observable.ts'
import { ChannelKeeper, type Ticket } from './channel-keeper.ts'
import { comeBack, pairBy } from './come-back.ts'
import type { AppLink, AppLinkOptions, Paired, PairingStatus, Unpaired } from './link.ts'
import { type EndReason, type LinkState, linkStateOf, sameState } from './link-state.ts'
import { Presence } from './presence.ts'
import { SealKeeper } from './seal-keeper.ts'
import type { LinkSecret, Sealer } from './sealer.ts'
import { Session } from './session.ts'
import { Standing } from './standing.ts'

/** How long `pair` waits for a broker that is not reached yet: somebody looks at the page. */
const PAIR_WAITS_MS = 8_000
const WAKE_ANSWER_MS = 2_000

/** Begins an app session, or goes on with the one that `credential` belongs to. Throws when `brokerUrl` is no address. */
export function openAppLink(options: AppLinkOptions): AppLink {
  return new Link(options)
}

class Link implements AppLink {
  readonly state: Subject<LinkState> = subject<LinkState>({
    status: 'connecting',
    failure: null,
    nextTryAtMs: null,
  })
  readonly sealed: Subject<boolean | null> = subject<boolean | null>(null)
  readonly #options: AppLinkOptions
  readonly #control: ControlKeeper
  readonly #channel: ChannelKeeper
  readonly #session: Session
  readonly #seal: SealKeeper
  readonly #standing: Standing
  readonly #presence = new Presence()
  #credential: string | null
  #ended: EndReason | null = null
  #lostSinceMs: number | null = null
  /** grows with each pairing that begins or ends: what was meant for an earlier one is let go */
  #pairings = 0
  #comingBack = false

  constructor(options: AppLinkOptions) {
    this.#options = options
    this.#credential = options.credential
    const changed = () => this.#tell()
    const { brokerUrl, platform, label, locale } = options
    this.#seal = new SealKeeper(options.seal, platform, label, changed)
    this.#session = new Session({
      platform,
      label,
      locale,
      changed,
      broken: () => this.#channel.fail(CloseReason.malformed),
      refused: (reason) => this.#end(reason),
    })
    const runnerId = () => this.#presence.pairing.current?.runnerId ?? options.seal?.runnerId ?? null
    this.#channel = new ChannelKeeper({
      brokerUrl,
      runnerId,
      platform,
      session: this.#session,
      seal: this.#seal,
      ticket: () => this.#ticket(),
      onLost: (reason, lastHeardMs) => this.#channelLost(reason, lastHeardMs),
      onSilent: () => this.#probeControl(),
      onSlept: () => this.wake(),
      changed,
    })
    this.#standing = new Standing({
      platform,
      ask: () => this.#control.call('app:pairing:status', {}),
      onTold: (status) => {
        this.#told(status)
        this.#tell()
      },
      isUp: () => this.#control.facts.status === 'up',
    })
    this.#control = new ControlKeeper({
      brokerUrl,
      runnerId,
      platform,
      auth: () => this.#auth(),
      onCredential: (credential) => this.#keep(credential),
      onRunner: (fact) => this.#runnerIs(fact),
      onUp: () => void this.status(),
      onNotANode: () => this.#end('not-a-node'),
      onDown: () => this.#controlLost(),
      changed,
    })
    this.#control.start()
  }

  get terminals() {
    return this.#session.terminals
  }

  get pairing() {
    return this.#presence.pairing
  }

  get machine() {
    return this.#session.machine
  }

  async pair(code: string, secret: LinkSecret | null = null): Promise<Paired | Refusal> {
    await this.#reached(PAIR_WAITS_MS)
    const answer = await pairBy(code, secret, this.#options.seal?.sealer ?? null, this.#control)
    if (!answer.success) {
      // Its outcome is unknown: the broker may have paired us all the same.
      if (answer.code === 'TIMEOUT') void this.status()
      return answer
    }
    this.#pairings += 1
    this.#standing.heard({ away: false })
    this.#channel.shut()
    this.#session.forget()
    this.#ended = null
    this.#lostSinceMs = null
    this.#seal.pairing(secret?.runnerId ?? answer.runnerId, code, secret)
    this.#presence.pairedWith(answer)
    this.#presence.online()
    this.#channel.openNow(answer.terminal)
    this.#tell()
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
      this.#tell()
    }
    return answer
  }

  wake(): void {
    if (this.#ended === 'closed') return
    this.#channel.probe()
    if (this.#control.facts.status === 'down') this.#control.settleAndTry()
    else this.#probeControl()
  }

  reconnectNow(): void {
    if (this.#ended === 'closed') return
    if (this.#ended === 'superseded' || this.#ended === 'not-a-node') this.#ended = null
    this.#seal.again()
    this.#control.tryNow()
    if (this.#channel.isSilent) this.#channel.fail('timeout')
    if (this.#wantsChannel()) this.#channel.openNow(null)
    this.#tell()
  }

  close(): void {
    if (this.#ended === 'closed') return
    this.#ended = 'closed'
    this.#standing.settled()
    this.#channel.shut()
    this.#control.close()
    this.#tell()
  }

  openTerminal(wanted: Parameters<AppLink['openTerminal']>[0]) {
    return this.#session.open(wanted)
  }

  closeTerminal(terminal: number): boolean {
    return this.#session.say({ type: 'close', terminal })
  }

  rename(terminal: number, name: string): boolean {
    return this.#session.say({ type: 'rename', terminal, name })
  }

  watch(...[terminal, size, sink]: Parameters<AppLink['watch']>) {
    return this.#session.watch(terminal, size, sink)
  }

  /** Finds out within 2 s whether the control connection is alive, and makes a new one if not. */
  #probeControl(): void {
    if (this.#control.facts.status === 'down') return
    void this.#control.call('app:pairing:status', {}, WAKE_ANSWER_MS).then((answer) => {
      if (!answer.success && answer.code === 'TIMEOUT') this.#control.replace()
    })
  }

  #auth(): HandshakeAuth {
    const token = this.#options.peerToken?.() ?? null
    return {
      label: this.#options.label,
      protocol: PROTOCOL_VERSION,
      ...(this.#credential === null ? {} : { clientToken: this.#credential }),
      ...(token === null ? {} : { token }),
    }
  }

  #keep(credential: string): void {
    if (credential === this.#credential) return
    this.#credential = credential
    this.#options.onCredential(credential)
  }

  #wantsChannel(): boolean {
    // After a refusal somebody has to want it.
    if (this.#seal.facts?.status === 'refused') return false
    return this.#ended === null && this.#presence.isReachable && this.#control.facts.status === 'up'
  }

  #told(status: PairingStatus): void {
    if (!status.paired) return this.#forgotten()
    this.#presence.pairedWith(status)
    if (this.#ended === 'unpaired') this.#ended = null
    if (status.runnerOnline === false) this.#machineOffline(null, status.runnerLastSeenAt ?? null)
    else this.#machineOnline()
  }

  /** The pairing is no more. A machine that was sealed knows this app all the same. */
  #forgotten(): void {
    const runnerId = this.#presence.pairing.current?.runnerId ?? this.#options.seal?.runnerId ?? null
    if (this.#options.seal === null || runnerId === null || this.#ended !== null)
      return this.#unpaired('unpaired')
    if (!this.#comingBack) void this.#comeBack(runnerId, this.#options.seal.sealer)
  }

  async #comeBack(runnerId: string, sealer: Sealer): Promise<void> {
    const pairings = this.#pairings
    const isWanted = () =>
      pairings === this.#pairings && this.#ended === null && this.#control.facts.status === 'up'
    this.#comingBack = true
    this.#channel.shut()
    const answer = await comeBack(runnerId, sealer, this.#control, this.#options.platform, isWanted)
    this.#comingBack = false
    if (pairings !== this.#pairings || this.#ended !== null) return
    switch (answer.status) {
      case 'paired':
        this.#presence.pairedWith(answer.paired)
        this.#presence.online()
        this.#channel.openNow(answer.paired.terminal)
        break
      case 'not-wanted':
        this.#unpaired(null)
        this.#seal.turnedAway()
        break
      case 'no-way':
        // Without the broker nothing is known: it is asked again when it is reached.
        if (this.#control.facts.status === 'up') this.#unpaired('unpaired')
        break
      default:
        assertNever(answer)
    }
    this.#tell()
  }

  /** `why` is null when this app wanted it itself. */
  #unpaired(why: EndReason | null): void {
    this.#pairings += 1
    const hadMachine = this.#presence.unpaired()
    this.#channel.shut()
    this.#session.forget()
    this.#lostSinceMs = null
    if (hadMachine && why !== null && this.#ended === null) this.#ended = why
  }

  #runnerIs({ online, paired, untilMs }: { online: boolean; paired: boolean; untilMs: number | null }): void {
    this.#standing.heard({ away: paired && !online })
    if (!paired) this.#forgotten()
    else if (online) {
      this.#presence.online()
      if (this.#wantsChannel()) this.#channel.openAnew()
    } else this.#machineOffline(untilMs, null)
    this.#tell()
  }

  #machineOnline(): void {
    this.#presence.online()
    if (this.#wantsChannel()) this.#channel.open()
  }

  #machineOffline(untilMs: number | null, lastSeenAtMs: number | null): void {
    // A terminal that still answers is not taken away because the machine's other connection was lost.
    this.#channel.hold()
    const sinceMs = this.#lostSinceMs ?? this.#options.platform.nowMs()
    this.#presence.offline({ sinceMs, untilMs, lastSeenAtMs })
  }

  async #ticket(): Promise<Ticket> {
    if (!this.#wantsChannel()) return 'stop'
    const answer = await this.#control.call('terminal:ticket', {})
    if (answer.success) return answer.terminal
    // Silence on a connection that looks open: it is not. What follows from a new one comes by itself.
    if (answer.code === 'TIMEOUT') this.#control.replace()
    if (answer.code === 'TIMEOUT' || this.#control.facts.status === 'down') return 'stop'
    if (answer.code === 'NETWORK_ERROR') return 'later'
    void this.status()
    return 'later'
  }

  #channelLost(reason: ChannelEnd, lastHeardMs: number): void {
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
        if (this.#control.facts.status === 'down') this.#channel.hold()
        return
      default:
        return assertNever(reason)
    }
  }

  #controlLost(): void {
    this.#standing.settled()
    this.#channel.hold()
    if (this.#channel.facts.status === 'down' && this.#presence.paired !== 'unknown')
      this.#lostSinceMs ??= this.#options.platform.nowMs()
  }

  #end(reason: EndReason): void {
    this.#ended = reason
    this.#channel.shut()
    this.#tell()
  }

  /** Resolves when the broker is reached, or after `withinMs` all the same: the call then says what is wrong. */
  #reached(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const isUp = () => this.#control.facts.status === 'up'
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

  #tell(): void {
    const channel = this.#channel.facts
    if (channel.status === 'up') this.sealed.set(channel.sealed)
    const state = linkStateOf({
      ended: this.#ended,
      control: this.#control.facts,
      pairing: this.#presence.paired,
      machine: this.#presence.machine,
      channel,
      sealing: this.#seal.facts,
      lostSinceMs: this.#lostSinceMs,
    })
    if (state.status === 'live' || state.status === 'unpaired') this.#lostSinceMs = null
    if (!sameState(state, this.state.current)) this.state.set(state)
  }
}
