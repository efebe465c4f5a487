import type { TerminalTicket } from '@latchkey/protocol/runner-pairing'
import { CloseReason } from '@latchkey/protocol/terminal/frames'
import type { ChannelEnd } from '../admission.ts'
import { Retry } from '../retry.ts'
import { TerminalWay } from '../terminal-way.ts'
import { type Cancel, type Platform, repeat } from '../transport.ts'
import type { Channel, ChannelEvents } from './channel.ts'
import type { LinkEvents } from './link-events.ts'
import type { LinkFacts } from './link-state.ts'
import { type OpenChannelOptions, openChannel } from './open-channel.ts'
import type { SealKeeper } from './seal-keeper.ts'
import type { OpeningFailure } from './sealed-opening.ts'
import type { WatchedRunner } from './watched-runner.ts'

const OPEN_WITHIN_MS = 8_000
const LOOK_EVERY_MS = 1_000
/** What a wake-up waits for an answer before the connection is taken for dead. */
const PROBE_MS = 2_000
/** A look that comes so late was held up by a sleep, or the clock was set: no measure of before counts. */
const SLEPT_MS = 10_000
/** No credential was shown. */
const NOT_TAKEN: OpeningFailure = { why: 'ended', end: CloseReason.badTicket, answered: false }

/** A ticket for a channel, and the pair of ends that it is for, where the broker says so. */
export interface ChannelTicket {
  readonly terminal: TerminalTicket
  readonly pid?: string | undefined
}
/** A ticket, or why there is none now: `stop` waits for the next `open`, `later` tries again with back-off. */
export type Ticket = ChannelTicket | 'stop' | 'later'

export interface ChannelKeeperOptions {
  readonly brokerUrl: string
  /** the machine that is paired; null while it is not known */
  readonly runnerId: () => string | null
  readonly platform: Platform
  readonly watched: WatchedRunner
  readonly seal: SealKeeper
  readonly ticket: () => Promise<Ticket>
  readonly events: Pick<LinkEvents, 'channelLost' | 'machineSilent' | 'slept' | 'changed'>
}

/** Keeps one terminal channel to the machine, while it is wanted. */
export class ChannelKeeper {
  readonly #options: ChannelKeeperOptions
  readonly #retry: Retry
  readonly #way: TerminalWay
  #open: Channel | null = null
  #stopLooking: Cancel = () => {}
  #lookedAtMs = 0
  #silent = false
  #wanted = false
  /** the try that is running shows the app's credential */
  #comesBack = false
  /** a ticket that came while that one was running: it is not needed unless that fails */
  #unasked: ChannelTicket | null = null
  /** The try that counts. */
  #tryNumber = 0
  #trying = false
  /** why the last try failed */
  #wasBadTicket = false
  /** ends the handshake that is under way */
  #abandon: Cancel | null = null

  constructor(options: ChannelKeeperOptions) {
    this.#options = options
    this.#way = new TerminalWay(options.brokerUrl, options.platform)
    this.#retry = new Retry(options.platform, () => void this.#try(null))
  }

  get facts(): LinkFacts['channel'] {
    const channel = this.#open
    if (channel === null) return { status: 'down', nextTryAtMs: this.#retry.nextTryAtMs }
    return {
      status: 'up',
      proof: channel.verdict,
      sealed: channel.sealed,
      caughtUp: channel.welcomed && this.#options.watched.caughtUp,
      lastHeardMs: channel.lastHeardMs,
      ...channel.roundTripsMs,
    }
  }

  /**
   * Wants a channel by what this app shows on its control connection, without waiting for that one: where the broker of its last
   * visit took it. Else the connection is opened, and waits for a ticket.
   */
  async comeBack(shown: string): Promise<void> {
    const { runnerId, seal } = this.#options
    const machine = runnerId()
    this.#way.prepare(machine, OPEN_WITHIN_MS)
    if (machine === null) return
    const number = this.#begins()
    this.#comesBack = true
    const pid = await seal.pairingName(machine)
    if (number !== this.#tryNumber) return
    const failure =
      pid === null
        ? NOT_TAKEN
        : await this.#openBy(number, {
            openSocket: (timeoutMs) => this.#way.openUsual(machine, timeoutMs),
            ticket: shown,
            expected: { pid, runnerId: machine },
            takesCredential: true,
          })
    if (number !== this.#tryNumber || failure === null) return
    this.#comesBack = false
    // The machine has spoken: another ticket changes nothing about that. Else the broker may have: it is asked the usual way.
    if (failure.why === 'refused' || failure.answered) return this.#failed(failure)
    void this.#try(this.#unasked)
  }

  /** Wants a channel from now on. A try that is running or waited for is left to its time. */
  open(): void {
    this.#wanted = true
    if (this.#open !== null || this.#trying || this.#retry.nextTryAtMs !== null) return
    void this.#try(null)
  }

  /** Wants a channel, and tries now: with `ticket` when there is one already. */
  openNow(ticket: ChannelTicket | null): void {
    this.#wanted = true
    this.#unasked = ticket
    if (this.#open !== null || this.#comesBack || (this.#trying && ticket === null)) return
    this.#retry.stop()
    void this.#try(ticket)
  }

  /** There is news of the machine. A try that is not admitted yet may wait in vain, so a new one is made. */
  openAnew(): void {
    this.#wanted = true
    if (this.#open !== null || this.#abandon !== null) return
    this.#retry.stop()
    void this.#try(null)
  }

  /** Wants no channel: ends all tries and the open channel. */
  shut(): void {
    this.#wanted = false
    this.#tryNumber += 1
    this.#trying = false
    this.#comesBack = false
    this.#retry.stop()
    this.#abandon?.()
    this.#abandon = null
    this.#way.unprepare()
    if (this.#open === null) return
    this.#drop()
    this.#options.watched.lost()
  }

  /** Makes no try before the broker is reached again. An open channel stays, and so does a handshake. */
  hold(): void {
    if (this.#open === null && this.#abandon === null) this.shut()
  }

  /** Finds out within 2 s whether the channel is alive; if not, it is lost. */
  probe(): void {
    const channel = this.#open
    if (channel === null) return
    const question = channel.ask()
    this.#options.platform.after(PROBE_MS, () => {
      if (this.#open === channel && !channel.hasAnswered(question)) this.#lost('timeout')
    })
  }

  get isSilent(): boolean {
    const verdict = this.#open?.verdict
    return verdict === 'silent' || verdict === 'dead'
  }

  /** The channel is useless: tries anew. */
  fail(reason: ChannelEnd): void {
    if (this.#open !== null) this.#lost(reason)
  }

  async #try(given: ChannelTicket | null): Promise<void> {
    const number = this.#begins()
    const ticket = given ?? (await this.#options.ticket())
    if (number !== this.#tryNumber) return
    if (ticket === 'stop' || ticket === 'later') return this.#tryEnded(ticket === 'later')
    const { runnerId } = this.#options
    const failure = await this.#openBy(number, {
      openSocket: (timeoutMs) => this.#way.open(ticket.terminal, runnerId(), timeoutMs),
      ticket: ticket.terminal.ticket,
      expected: this.#expected(ticket, runnerId()),
      takesCredential: ticket.terminal.takesCredential === true,
    })
    if (number !== this.#tryNumber || failure === null) return
    this.#wasBadTicket = failure.why === 'ended' && failure.end === CloseReason.badTicket
    this.#failed(failure)
  }

  /** A new try begins, and counts from now on: its number. */
  #begins(): number {
    this.#trying = true
    this.#comesBack = false
    return ++this.#tryNumber
  }

  #openBy(
    number: number,
    by: Pick<OpenChannelOptions, 'openSocket' | 'ticket' | 'expected'> & {
      readonly takesCredential: boolean
    },
  ): Promise<OpeningFailure | null> {
    const { seal, platform } = this.#options
    return openChannel({
      ...by,
      sealing: (opening) => seal.handshake(opening, by.takesCredential),
      onPin: (question) => number === this.#tryNumber && seal.asked(question),
      onOpening: (abandon) => {
        if (number === this.#tryNumber) this.#abandon = abandon
        else abandon()
      },
      platform,
      timeoutMs: OPEN_WITHIN_MS,
      onOpen: (channel) => this.#opened(channel, number === this.#tryNumber),
    })
  }

  #failed(failure: OpeningFailure): void {
    this.#abandon = null
    const then = this.#options.seal.failed(failure)
    this.#tryEnded(then === 'later')
    if (then === 'now') this.#retry.after(0)
  }

  /** An older broker, to which another one has sent this app, takes a ticket alone. */
  #expected({ terminal, pid }: ChannelTicket, runnerId: string | null): OpenChannelOptions['expected'] {
    const mayBeEarly = terminal.takesEarly === true && !this.#wasBadTicket && this.#options.seal.comesBack
    return mayBeEarly && pid !== undefined && runnerId !== null ? { pid, runnerId } : null
  }

  #tryEnded(again: boolean): void {
    this.#trying = false
    if (again && this.#wanted) this.#retry.afterFailure()
    this.#options.events.changed()
  }

  /** `wanted`: this try was not given up meanwhile. */
  #opened(channel: Channel, wanted: boolean): ChannelEvents {
    const { watched } = this.#options
    if (wanted) this.#begin(channel)
    else channel.close()
    return {
      onPlaintext: (plaintext) => watched.hear(plaintext),
      onWritable: () => watched.pump(),
      onEnd: (reason) => this.#open === channel && this.#lost(reason),
    }
  }

  #begin(channel: Channel): void {
    this.#trying = false
    this.#comesBack = false
    this.#abandon = null
    this.#retry.succeeded()
    this.#open = channel
    this.#options.seal.opened()
    this.#options.watched.connected(channel)
    this.#lookedAtMs = this.#options.platform.nowMs()
    this.#silent = false
    this.#stopLooking = repeat(this.#options.platform, LOOK_EVERY_MS, () => this.#look(channel))
    this.#options.events.changed()
  }

  /** Once a second: judges the answers, and asks when that is due. */
  #look(channel: Channel): void {
    const { platform, events } = this.#options
    const nowMs = platform.nowMs()
    const slept = Math.abs(nowMs - this.#lookedAtMs) > SLEPT_MS
    this.#lookedAtMs = nowMs
    // Silence during a sleep proves nothing.
    if (slept) return events.slept()
    const { verdict } = channel
    if (verdict === 'dead') return this.#lost('timeout')
    if (verdict === 'silent' && !this.#silent) events.machineSilent()
    this.#silent = verdict === 'silent'
    if (channel.isStale) return this.#renew()
    channel.tick()
    events.changed()
  }

  /** A fresh handshake, which makes a stolen key useless. The watches go on from their offsets. */
  #renew(): void {
    this.#lost('lost')
    this.openNow(null)
  }

  #drop(): void {
    this.#stopLooking()
    this.#open?.close()
    this.#open = null
  }

  #lost(reason: ChannelEnd): void {
    const lastHeardMs = this.#open?.lastHeardMs ?? this.#options.platform.nowMs()
    this.#drop()
    this.#options.watched.lost()
    if (this.#wanted && reason !== CloseReason.unpaired) this.#retry.afterFailure()
    this.#options.events.channelLost(reason, lastHeardMs)
    this.#options.events.changed()
  }
}
