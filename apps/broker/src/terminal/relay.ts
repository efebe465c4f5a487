import { utf8 } from '@latchkey/protocol/bytes'
import type { ChannelOpening } from '@latchkey/protocol/terminal/channel'
import { CloseReason, encodeFrame, FrameType, NO_CHANNEL } from '@latchkey/protocol/terminal/frames'
import type { RawData } from 'ws'
import type { Log, LogFields } from '../log/log.ts'
import { safe } from '../shell/safe.ts'
import { AppEnds } from './app-ends.ts'
import { AppEnd, type AppHolder, RunnerEnd, type RunnerHolder } from './channels.ts'
import { type Leg, WsCode } from './leg.ts'
import { RunnerWaits } from './runner-waits.ts'
import type { TicketHolder } from './tickets.ts'

/** Asks whether a ticket's holder may still have what the ticket was issued for: null, or why not. */
export type TicketCheck = (holder: TicketHolder) => Promise<CloseReason | null>

const TICK_MS = 5_000
/** Nothing heard for this many ticks: dead. 15 seconds. */
const SILENT_TICKS_MAX = 3
/**
 * A process that was stopped for so long has lost its lease (domain rules), and others may have decided anything about whom it
 * connects: what waited in its sockets is not passed on.
 */
const ASLEEP_MS_MAX = 10_000
/** Windows and tabs of one app. Beyond it the oldest gives way. */
const CHANNELS_PER_APP_MAX = 16
const CHANNEL_MAX = 0xffffffff

interface Parts {
  readonly ticketCheck: TicketCheck
  readonly log: Log
  readonly onChange: () => void
}

/**
 * The terminal plane of the runners that are at home here: gives each app a channel to its runner, passes frames on as they
 * came. Keeps routes, and no bytes but those its sockets have not sent yet.
 */
export class TerminalRelay {
  readonly #runners = new Map<string, RunnerEnd>()
  readonly #apps = new AppEnds()
  /** ends between their ticket and their admission */
  readonly #admitting = new Set<{ readonly holder: TicketHolder; revoked: boolean }>()
  readonly #waits = new RunnerWaits()
  readonly #timer: NodeJS.Timeout
  #lastChannel = 0
  #tick = 0
  #awakeAtMs = performance.now()
  #stopping = false

  constructor(private readonly parts: Parts) {
    this.#timer = setInterval(
      safe(parts.log, 'terminal.tick-failed', () => this.#everyTick()),
      TICK_MS,
    )
    this.#timer.unref()
  }

  /** Whose terminal channels go through here. */
  attachedApps(): readonly AppHolder[] {
    return [...this.#apps].map(({ holder }) => holder)
  }

  /** Live channels by runner, for those that have any. */
  channelCounts(): ReadonlyMap<string, number> {
    return new Map(
      [...this.#runners.values()].map(({ holder, channels }) => [holder.runnerId, channels.size]),
    )
  }

  get socketCount(): number {
    return this.#runners.size + this.#apps.size
  }

  /**
   * A socket that has shown a ticket for this instance.
   * @param early what an app has sent with it, to be passed on as its channel's first data
   */
  async admit(leg: Leg, holder: TicketHolder, early: readonly Uint8Array[] = []): Promise<void> {
    const pending = { holder, revoked: false }
    this.#admitting.add(pending)
    let refused: CloseReason | null
    try {
      refused = await this.parts.ticketCheck(holder)
      const isEarly = holder.end === 'app' && !this.#runners.get(holder.runnerId)?.isOpen
      if (refused === null && isEarly) await this.#waits.awaited(holder.runnerId)
    } catch (problem) {
      leg.end(NO_CHANNEL, CloseReason.runnerGone, WsCode.tryLater)
      throw problem
    } finally {
      this.#admitting.delete(pending)
    }
    if (!leg.isOpen) return
    const reason = pending.revoked ? CloseReason.unpaired : refused
    if (reason !== null) return leg.end(NO_CHANNEL, reason, WsCode.policy)
    if (this.#stopping) return leg.end(NO_CHANNEL, CloseReason.restarting, WsCode.restarting)
    if (holder.end === 'runner') this.#admitRunner(leg, holder)
    else this.#admitApp(leg, holder, early)
  }

  /** Ends an app's channels, and what it is about to open: those to `runnerId`, or all. From now on nothing of it gets through. */
  endApp(appSessionId: string, runnerId: string | null, reason: CloseReason): void {
    const isMeant = (holder: TicketHolder) =>
      holder.end === 'app' &&
      holder.appSessionId === appSessionId &&
      (runnerId === null || holder.runnerId === runnerId)
    for (const pending of this.#admitting) if (isMeant(pending.holder)) pending.revoked = true
    for (const app of this.#apps.of(appSessionId)) if (isMeant(app.holder)) this.#endApp(app, reason)
  }

  /** Ends a runner's terminal connection of that epoch or an older one, and all channels on it. */
  endRunner(runnerId: string, reason: CloseReason, upToEpoch: number): void {
    for (const pending of this.#admitting) {
      const { holder } = pending
      const isLater = holder.end === 'runner' && holder.epoch > upToEpoch
      if (holder.runnerId === runnerId && !isLater) pending.revoked = true
    }
    const runner = this.#runners.get(runnerId)
    if (runner && runner.holder.epoch <= upToEpoch) this.#endRunner(runner, reason, reason)
  }

  /** Tells every end to come back, and closes. */
  stop(): void {
    this.#stopping = true
    clearInterval(this.#timer)
    for (const app of this.#apps) app.end(app.channel, CloseReason.restarting, WsCode.restarting)
    for (const runner of this.#runners.values())
      runner.end(NO_CHANNEL, CloseReason.restarting, WsCode.restarting)
  }

  #admitRunner(leg: Leg, holder: RunnerHolder): void {
    const before = this.#runners.get(holder.runnerId)
    if (before && before.holder.epoch > holder.epoch) return leg.end(NO_CHANNEL, CloseReason.superseded)
    if (before) this.#endRunner(before, CloseReason.superseded, CloseReason.runnerGone)
    const runner = new RunnerEnd(leg.socket, holder)
    this.#runners.set(holder.runnerId, runner)
    this.#listen(
      runner,
      NO_CHANNEL,
      (frame) => runner.receive(frame),
      () => {
        if (this.#runners.get(holder.runnerId) === runner) this.#runners.delete(holder.runnerId)
        this.#endChannels(runner, CloseReason.runnerGone)
      },
    )
    runner.send(FrameType.opened, NO_CHANNEL)
    this.#waits.arrived(holder.runnerId)
    this.#changed('terminal.runner-connected', { runnerId: holder.runnerId })
  }

  #admitApp(leg: Leg, holder: AppHolder, early: readonly Uint8Array[]): void {
    const runner = this.#runners.get(holder.runnerId)
    if (!runner?.isOpen) return leg.end(NO_CHANNEL, CloseReason.runnerGone, WsCode.tryLater)
    this.#makeRoom(holder)
    const app = this.#openChannel(leg, holder, runner)
    for (const payload of early) app?.receive(encodeFrame(FrameType.data, app.channel, payload))
  }

  /** Null when there is no number left: the app comes back to the next process. */
  #openChannel(leg: Leg, holder: AppHolder, runner: RunnerEnd): AppEnd | null {
    if (this.#lastChannel >= CHANNEL_MAX) {
      leg.end(NO_CHANNEL, CloseReason.restarting, WsCode.tryLater)
      return null
    }
    const channel = ++this.#lastChannel
    const app = new AppEnd(leg.socket, holder, runner, channel)
    this.#apps.add(app)
    runner.channels.set(channel, app)
    this.#listen(
      app,
      channel,
      (frame) => app.receive(frame),
      () => {
        this.#apps.delete(app)
        runner.forget(app, CloseReason.appGone)
      },
    )
    const { pid, runnerId, appSessionId, label, address } = holder
    const opening: ChannelOpening = { channel, pid, runnerId }
    runner.send(FrameType.open, channel, utf8(JSON.stringify({ ...opening, appSessionId, label, address })))
    app.send(FrameType.opened, channel, utf8(JSON.stringify(opening)))
    this.#changed('terminal.channel-opened', { channel, runnerId, appSessionId })
    return app
  }

  /** From here on this end is heard by `receive`; whatever ends its socket runs `onGone` once. */
  #listen(end: Leg, channel: number, receive: (frame: Buffer) => boolean, onGone: () => void): void {
    end.heardAtTick = this.#tick
    end.socket.on('message', (data: RawData, isBinary: boolean) => {
      end.heardAtTick = this.#tick
      this.#wakeUp()
      if (!end.isOpen) return
      if (!isBinary || !(data instanceof Buffer) || !receive(data)) {
        this.parts.log.info('terminal.malformed', { channel })
        onGone()
        end.end(channel, CloseReason.malformed, WsCode.unsupported)
      }
    })
    end.socket.once('close', () => {
      onGone()
      this.#changed('terminal.ended', { channel })
    })
  }

  #endApp(app: AppEnd, reason: CloseReason): void {
    this.#apps.delete(app)
    app.runner.forget(app, reason)
    app.end(app.channel, reason)
  }

  #endRunner(runner: RunnerEnd, reason: CloseReason, toApps: CloseReason): void {
    if (this.#runners.get(runner.holder.runnerId) === runner) this.#runners.delete(runner.holder.runnerId)
    this.#endChannels(runner, toApps)
    runner.end(NO_CHANNEL, reason)
  }

  #endChannels(runner: RunnerEnd, reason: CloseReason): void {
    for (const app of runner.channels.values()) {
      this.#apps.delete(app)
      app.end(app.channel, reason)
    }
    runner.channels.clear()
  }

  #makeRoom({ appSessionId }: AppHolder): void {
    const own = this.#apps.of(appSessionId)
    const [oldest] = own
    if (oldest && own.length >= CHANNELS_PER_APP_MAX) this.#endApp(oldest, CloseReason.superseded)
  }

  #everyTick(): void {
    this.#tick++
    this.#wakeUp()
    for (const runner of this.#runners.values()) this.#check(runner)
    for (const app of this.#apps) {
      // A paused app is not read, so it counts as heard.
      if (app.runner.isHolding(app)) app.heardAtTick = this.#tick
      this.#check(app)
    }
  }

  /** After a sleep everybody comes back and is looked at again. */
  #wakeUp(): void {
    const nowMs = performance.now()
    const sleptMs = nowMs - this.#awakeAtMs
    this.#awakeAtMs = nowMs
    if (sleptMs < ASLEEP_MS_MAX) return
    this.parts.log.warn('terminal.slept', { ms: Math.round(sleptMs) })
    for (const app of this.#apps) app.end(app.channel, CloseReason.restarting, WsCode.restarting)
    for (const runner of this.#runners.values()) {
      runner.channels.clear()
      runner.end(NO_CHANNEL, CloseReason.restarting, WsCode.restarting)
    }
    this.#apps.clear()
    this.#runners.clear()
  }

  #check(end: Leg): void {
    if (this.#tick - end.heardAtTick > SILENT_TICKS_MAX) end.cut()
    else end.ping()
  }

  #changed(event: string, fields: LogFields): void {
    this.parts.log.info(event, fields)
    this.parts.onChange()
  }
}
