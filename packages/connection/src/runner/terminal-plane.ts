import { type ChannelOpening, readOpening } from '@latchkey/protocol/terminal/channel'
import type { CloseReason } from '@latchkey/protocol/terminal/frames'
import {
  decodeFrame,
  encodeFrame,
  type Frame,
  FrameType,
  NO_CHANNEL,
} from '@latchkey/protocol/terminal/frames'
import { askAdmission } from '../admission.ts'
import { type BinarySocket, type Platform, repeat } from '../transport.ts'

/** One app's way to this runner, from its `open` to its end. */
export interface RunnerChannel {
  readonly opening: ChannelOpening
  /** Sends one envelope. Does nothing once the channel has ended. */
  send(envelope: Uint8Array): void
  /** Ends this channel alone; `onEnd` of its listener is not called. */
  close(reason: CloseReason): void
}

export interface ChannelListener {
  onEnvelope(envelope: Uint8Array): void
  /** The broker has enough queued for this app: send only short envelopes until it resumes. */
  onPaused(paused: boolean): void
  /** The app left, or the way to it was lost. */
  onEnd(): void
}

export type AcceptChannel = (channel: RunnerChannel) => ChannelListener

const OPEN_TIMEOUT_MS = 10_000
const PING_EVERY_MS = 5_000
const SILENT_MS_MAX = 15_000
/** Credit bounds the output under way to each app. Only a broker that takes nothing at all lets the queue grow so long. */
const QUEUED_BYTES_MAX = 32 * 1024 * 1024

export interface TerminalPlane {
  close(): void
}

/**
 * The runner's one terminal connection, admitted by `ticket`. Resolves once the broker has admitted it, rejects when it
 * does not; `onEnd` is called once when an admitted connection ends, also by `close`.
 */
export async function openTerminalPlane(options: {
  readonly openSocket: (timeoutMs: number) => Promise<BinarySocket>
  readonly ticket: string
  readonly platform: Platform
  readonly accept: AcceptChannel
  readonly onEnd: () => void
}): Promise<TerminalPlane> {
  const { platform, ticket, accept, onEnd } = options
  const socket = await options.openSocket(OPEN_TIMEOUT_MS)
  return new Promise((resolve, reject) =>
    askAdmission(socket, {
      platform,
      ticket,
      withinMs: OPEN_TIMEOUT_MS,
      onOpened: () => {
        serve(socket, platform, accept, onEnd)
        resolve({ close: () => socket.close() })
      },
      onRefused: () => reject(new Error('the broker did not admit the terminal connection')),
    }),
  )
}

/** Carries frames between an admitted connection and its channels, and ends a connection that has gone silent. */
function serve(socket: BinarySocket, platform: Platform, accept: AcceptChannel, onEnd: () => void): void {
  const channels = new Channels(socket, accept)
  let heardAtMs = platform.nowMs()
  const stopAsking = repeat(platform, PING_EVERY_MS, () => {
    if (platform.nowMs() - heardAtMs > SILENT_MS_MAX) socket.close()
    else socket.send(encodeFrame(FrameType.ping, NO_CHANNEL))
  })
  socket.onEnd = () => {
    stopAsking()
    channels.endAll()
    onEnd()
  }
  socket.onFrame = (bytes) => {
    heardAtMs = platform.nowMs()
    const frame = decodeFrame(bytes)
    if (frame === null) socket.close()
    else channels.hear(frame)
  }
}

/** The channels of one connection, by the broker's numbers. */
class Channels {
  readonly #listeners = new Map<number, ChannelListener>()
  readonly #socket: BinarySocket
  readonly #accept: AcceptChannel

  constructor(socket: BinarySocket, accept: AcceptChannel) {
    this.#socket = socket
    this.#accept = accept
  }

  hear(frame: Frame): void {
    const listener = this.#listeners.get(frame.channel)
    switch (frame.type) {
      case FrameType.open:
        return this.#open(frame)
      case FrameType.data:
        return listener?.onEnvelope(frame.payload)
      case FrameType.pause:
        return listener?.onPaused(true)
      case FrameType.resume:
        return listener?.onPaused(false)
      case FrameType.close:
        return frame.channel === NO_CHANNEL ? this.#socket.close() : this.#end(frame.channel)
      case FrameType.ping:
        return this.#socket.send(encodeFrame(FrameType.pong, frame.channel, frame.payload))
      case FrameType.opened:
      case FrameType.pong:
        return
    }
  }

  endAll(): void {
    for (const channel of [...this.#listeners.keys()]) this.#end(channel)
  }

  #open(frame: Frame): void {
    const opening = readOpening(frame)
    if (opening === null || this.#listeners.has(frame.channel)) return this.#socket.close()
    const { channel } = frame
    const mine = () => this.#listeners.get(channel) === listener
    const listener: ChannelListener = this.#accept({
      opening,
      send: (envelope) => {
        if (!mine()) return
        this.#socket.send(encodeFrame(FrameType.data, channel, envelope))
        if (this.#socket.bufferedBytes > QUEUED_BYTES_MAX) this.#socket.close()
      },
      close: (reason) => {
        if (!mine()) return
        this.#listeners.delete(channel)
        this.#socket.send(encodeFrame(FrameType.close, channel, Uint8Array.of(reason)))
      },
    })
    this.#listeners.set(channel, listener)
  }

  #end(channel: number): void {
    const listener = this.#listeners.get(channel)
    this.#listeners.delete(channel)
    listener?.onEnd()
  }
}
