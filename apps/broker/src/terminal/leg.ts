import type { CloseReason } from '@latchkey/protocol/terminal/frames'
import { encodeFrame, FRAME_HEADER_BYTES, FrameType, NO_CHANNEL } from '@latchkey/protocol/terminal/frames'
import type { WebSocket } from 'ws'

/** Above this an end is told to pause, or its peers are not read from; below the other it may go on. */
export const QUEUED_BYTES_HIGH = 256 * 1024
export const QUEUED_BYTES_LOW = 64 * 1024
/** A channel whose app is this far behind ends: it comes back and takes a snapshot. */
export const QUEUED_BYTES_MAX = 1024 * 1024
const PING_PAYLOAD_BYTES_MAX = 16
/** How long a peer may take to close its side before the socket is cut. */
const CLOSING_MS = 1_000

/** WebSocket close codes, RFC 6455 7.4.1. */
export const WsCode = {
  normal: 1000,
  unsupported: 1003,
  /** never on the wire: the peer gave none */
  noStatus: 1005,
  /** never on the wire: the connection was cut */
  abnormal: 1006,
  policy: 1008,
  restarting: 1012,
  tryLater: 1013,
} as const

const BINARY = { binary: true, compress: false } as const

/** One end's WebSocket, with what both kinds of ends have in common. Reads the five header bytes and nothing else. */
export class Leg {
  readonly socket: WebSocket
  /** the relay's tick in which something was heard last */
  heardAtTick = 0
  #onDrained: (() => void) | null = null
  #ended = false

  constructor(socket: WebSocket) {
    this.socket = socket
  }

  get queuedBytes(): number {
    return this.socket.bufferedAmount
  }

  get isOpen(): boolean {
    return !this.#ended && this.socket.readyState === this.socket.OPEN
  }

  /** Sends a frame as it is. Returns the bytes that wait on this socket now. */
  forward(frame: Uint8Array): number {
    if (!this.isOpen) return 0
    // Each write above the low mark looks, when it has left, whether somebody waits for room.
    if (this.socket.bufferedAmount > QUEUED_BYTES_LOW) this.socket.send(frame, BINARY, this.#written)
    else this.socket.send(frame, BINARY)
    return this.socket.bufferedAmount
  }

  send(type: FrameType, channel: number, payload?: Uint8Array): void {
    this.forward(encodeFrame(type, channel, payload))
  }

  /** Calls back once, when the queue has fallen to the low mark. Call it above the low mark only. */
  whenDrained(run: () => void): void {
    this.#onDrained = run
  }

  /** Answers a ping with its own payload, unless the peer does not read: then its pings are its own affair. */
  pong(frame: Uint8Array): boolean {
    if (frame.length > FRAME_HEADER_BYTES + PING_PAYLOAD_BYTES_MAX) return false
    if (this.queuedBytes <= QUEUED_BYTES_HIGH) {
      this.send(FrameType.pong, channelOf(frame), frame.subarray(FRAME_HEADER_BYTES))
    }
    return true
  }

  ping(): void {
    if (this.queuedBytes <= QUEUED_BYTES_HIGH) this.send(FrameType.ping, NO_CHANNEL)
  }

  /** Says why, then closes; cuts when the peer does not close too. Twice is once. */
  end(channel: number, reason: CloseReason, code: number = WsCode.normal): void {
    if (this.#ended) return
    if (this.isOpen) this.send(FrameType.close, channel, Uint8Array.of(reason))
    this.close(code)
  }

  /** Closes without a word; cuts when the peer does not close too. Twice is once. */
  close(code: number): void {
    if (this.#ended) return
    this.#ended = true
    this.socket.resume()
    this.socket.close(code)
    const cut = setTimeout(() => this.socket.terminate(), CLOSING_MS)
    this.socket.once('close', () => clearTimeout(cut))
  }

  /** Ends without waiting for anything, and drops the queue. */
  cut(): void {
    this.#ended = true
    this.socket.terminate()
  }

  readonly #written = (): void => {
    if (this.#onDrained === null || this.socket.bufferedAmount > QUEUED_BYTES_LOW) return
    const run = this.#onDrained
    this.#onDrained = null
    run()
  }
}

export const typeOf = (frame: Uint8Array): number => frame[0] ?? 0

/** The channel's number; call it on frames of at least five bytes. */
export const channelOf = (frame: Uint8Array): number =>
  (((frame[1] ?? 0) << 24) | ((frame[2] ?? 0) << 16) | ((frame[3] ?? 0) << 8) | (frame[4] ?? 0)) >>> 0
