import { CloseReason, FRAME_HEADER_BYTES, FrameType, NO_CHANNEL } from '@latchkey/protocol/terminal/frames'
import type { WebSocket } from 'ws'
import { channelOf, Leg, QUEUED_BYTES_HIGH, QUEUED_BYTES_MAX, typeOf, WsCode } from './leg.ts'
import type { TicketHolder } from './tickets.ts'

export type RunnerHolder = Extract<TicketHolder, { readonly end: 'runner' }>
export type AppHolder = Extract<TicketHolder, { readonly end: 'app' }>

/** A runner's end: many channels on one socket. */
export class RunnerEnd extends Leg {
  readonly holder: RunnerHolder
  readonly channels = new Map<number, AppEnd>()
  /** apps that are not read from while this runner does not keep up */
  readonly #held = new Set<AppEnd>()

  constructor(socket: WebSocket, holder: RunnerHolder) {
    super(socket)
    this.holder = holder
  }

  /** A frame from the runner. False when it broke the protocol. */
  receive(frame: Uint8Array): boolean {
    if (frame.length < FRAME_HEADER_BYTES) return false
    const type = typeOf(frame)
    if (type === FrameType.ping) return this.pong(frame)
    if (type === FrameType.pong) return true
    if (type !== FrameType.data && type !== FrameType.close) return false
    // A channel that has just ended may still be written to.
    const app = this.channels.get(channelOf(frame))
    if (app === undefined) return true
    if (type === FrameType.data) app.deliver(frame)
    else {
      this.channels.delete(app.channel)
      app.endAs(frame)
    }
    return true
  }

  /** A frame for the runner; its sender is not read from while too much waits here. */
  deliver(frame: Uint8Array, from: AppEnd): void {
    if (this.forward(frame) <= QUEUED_BYTES_HIGH) return
    from.socket.pause()
    if (this.#held.size === 0) this.whenDrained(() => this.#readOn())
    this.#held.add(from)
  }

  isHolding(app: AppEnd): boolean {
    return this.#held.has(app)
  }

  /** The app is gone, or is to go: the runner hears why. */
  forget(app: AppEnd, reason: CloseReason): void {
    this.#held.delete(app)
    if (this.channels.delete(app.channel)) this.send(FrameType.close, app.channel, Uint8Array.of(reason))
  }

  #readOn(): void {
    for (const app of this.#held) app.socket.resume()
    this.#held.clear()
  }
}

/** An app's end: one socket, one channel. */
export class AppEnd extends Leg {
  readonly holder: AppHolder
  readonly runner: RunnerEnd
  readonly channel: number
  #paused = false

  constructor(socket: WebSocket, holder: AppHolder, runner: RunnerEnd, channel: number) {
    super(socket)
    this.holder = holder
    this.runner = runner
    this.channel = channel
  }

  /** A frame from the app. False when it broke the protocol. */
  receive(frame: Uint8Array): boolean {
    if (frame.length < FRAME_HEADER_BYTES) return false
    const type = typeOf(frame)
    const channel = channelOf(frame)
    if (channel !== this.channel && channel !== NO_CHANNEL) return false
    if (type === FrameType.ping) return this.pong(frame)
    if (type === FrameType.pong) return true
    if (channel === NO_CHANNEL) return false
    if (type === FrameType.data) {
      this.runner.deliver(frame, this)
      return true
    }
    if (type !== FrameType.close) return false
    this.runner.forget(this, CloseReason.appGone)
    this.end(this.channel, CloseReason.appGone)
    return true
  }

  /** A frame for the app. When too much waits the runner pauses this channel; when far too much waits, it ends. */
  deliver(frame: Uint8Array): void {
    const queuedBytes = this.forward(frame)
    if (queuedBytes <= QUEUED_BYTES_HIGH) return
    if (queuedBytes > QUEUED_BYTES_MAX) {
      this.runner.forget(this, CloseReason.tooSlow)
      this.cut()
      return
    }
    if (this.#paused) return
    this.#paused = true
    this.runner.send(FrameType.pause, this.channel)
    this.whenDrained(() => {
      this.#paused = false
      this.runner.send(FrameType.resume, this.channel)
    })
  }

  /** The runner closed the channel: its frame is passed on, then the socket ends. */
  endAs(frame: Uint8Array): void {
    const reason = Object.values(CloseReason).find((known) => known === frame[FRAME_HEADER_BYTES])
    this.end(this.channel, reason ?? CloseReason.runnerGone, WsCode.normal)
  }
}
