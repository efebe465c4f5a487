import { ByteReader, ByteWriter, decoded, utf8 } from '@latchkey/protocol/bytes'
import type { Envelope } from '@latchkey/protocol/terminal/envelope'
import {
  CloseReason,
  decodeFrame,
  encodeFrame,
  type Frame,
  FrameType,
  NO_CHANNEL,
} from '@latchkey/protocol/terminal/frames'
import { decodePlaintext, encodePlaintext, type Plaintext } from '@latchkey/protocol/terminal/streams'
import type { BinarySocket, Cancel, Platform } from '../transport.ts'

/** Why a channel ended: the broker's reason, or what this end saw. */
export type ChannelEnd = CloseReason | 'lost' | 'timeout'

export interface ChannelEvents {
  readonly onPlaintext: (plaintext: Plaintext) => void
  /** The broker answered the question `id`. */
  readonly onBrokerPong: (id: number) => void
  /** The broker takes more again. */
  readonly onWritable: () => void
  /** Called once; not after `close`. */
  readonly onEnd: (reason: ChannelEnd) => void
}

export interface ChannelOptions {
  readonly terminalUrl: string
  readonly ticket: string
  readonly envelope: Envelope
  readonly platform: Platform
  readonly timeoutMs: number
  /** The broker has admitted the channel. Whatever comes on it goes to the answer, from its first frame on. */
  readonly onOpen: (channel: Channel) => ChannelEvents
}

/** An admitted terminal connection: one channel to one runner, from the broker's `opened` to its end. */
export interface Channel {
  send(plaintext: Plaintext): void
  askBroker(id: number): void
  /** false while the broker asked for a pause */
  readonly writable: boolean
  close(): void
}

const CLOSE_REASONS: ReadonlySet<number> = new Set(Object.values(CloseReason))
const isCloseReason = (value: number): value is CloseReason => CLOSE_REASONS.has(value)

/** Opens a socket, shows the ticket, waits for the broker's `opened`. Null when open, else why not. */
export async function openChannel(options: ChannelOptions): Promise<ChannelEnd | null> {
  let socket: BinarySocket
  try {
    socket = await options.platform.openSocket(options.terminalUrl, options.timeoutMs)
  } catch {
    return 'lost'
  }
  return new Promise((resolve) => new Admission(socket, options, resolve).begin())
}

class Admission {
  readonly #socket: BinarySocket
  readonly #options: ChannelOptions
  readonly #resolve: (failure: ChannelEnd | null) => void
  #stopWaiting: Cancel = () => {}

  constructor(socket: BinarySocket, options: ChannelOptions, resolve: (failure: ChannelEnd | null) => void) {
    this.#socket = socket
    this.#options = options
    this.#resolve = resolve
  }

  begin(): void {
    this.#stopWaiting = this.#options.platform.after(this.#options.timeoutMs, () => this.#fail('timeout'))
    this.#socket.onEnd = () => this.#fail('lost')
    this.#socket.onFrame = (bytes) => {
      const frame = decodeFrame(bytes)
      if (frame?.type === FrameType.opened && frame.channel !== NO_CHANNEL) this.#admit(frame.channel)
      else this.#fail(frame?.type === FrameType.close ? reasonOf(frame) : CloseReason.malformed)
    }
    this.#socket.send(encodeFrame(FrameType.data, NO_CHANNEL, utf8(this.#options.ticket)))
  }

  #admit(channel: number): void {
    this.#stopWaiting()
    new OpenChannel(this.#socket, channel, this.#options)
    this.#resolve(null)
  }

  #fail(reason: ChannelEnd): void {
    this.#stopWaiting()
    this.#socket.onEnd = () => {}
    this.#socket.close()
    this.#resolve(reason)
  }
}

class OpenChannel implements Channel {
  writable = true
  readonly #socket: BinarySocket
  readonly #channel: number
  readonly #envelope: Envelope
  readonly #events: ChannelEvents
  #ended = false

  constructor(socket: BinarySocket, channel: number, { envelope, onOpen }: ChannelOptions) {
    this.#socket = socket
    this.#channel = channel
    this.#envelope = envelope
    socket.onFrame = (bytes) => this.#hear(bytes)
    socket.onEnd = () => this.#end('lost')
    this.#events = onOpen(this)
  }

  send(plaintext: Plaintext): void {
    if (this.#ended) return
    this.#socket.send(
      encodeFrame(FrameType.data, this.#channel, this.#envelope.seal(encodePlaintext(plaintext))),
    )
  }

  askBroker(id: number): void {
    if (!this.#ended)
      this.#socket.send(encodeFrame(FrameType.ping, NO_CHANNEL, new ByteWriter(4).u32(id).bytes))
  }

  close(): void {
    this.#ended = true
    this.#socket.close()
  }

  #hear(bytes: Uint8Array): void {
    if (this.#ended) return
    const frame = decodeFrame(bytes)
    switch (frame?.type) {
      case FrameType.data:
        return this.#open(frame)
      case FrameType.ping:
        return this.#socket.send(encodeFrame(FrameType.pong, frame.channel, frame.payload))
      case FrameType.pong: {
        const id = decoded(() => new ByteReader(frame.payload).u32())
        if (id !== null) this.#events.onBrokerPong(id)
        return
      }
      case FrameType.pause:
        this.writable = false
        return
      case FrameType.resume:
        this.writable = true
        return this.#events.onWritable()
      case FrameType.close:
        return this.#end(reasonOf(frame))
      case FrameType.open:
      case FrameType.opened:
      case undefined:
        return this.#end(CloseReason.malformed)
    }
  }

  #open(frame: Frame): void {
    const opened = frame.channel === this.#channel ? this.#envelope.open(frame.payload) : null
    const plaintext = opened === null ? null : decodePlaintext(opened)
    if (plaintext === null) this.#end(CloseReason.malformed)
    else this.#events.onPlaintext(plaintext)
  }

  #end(reason: ChannelEnd): void {
    if (this.#ended) return
    this.#ended = true
    this.#socket.close()
    this.#events.onEnd(reason)
  }
}

function reasonOf(frame: Frame): ChannelEnd {
  const reason = frame.payload[0]
  return reason !== undefined && isCloseReason(reason) ? reason : 'lost'
}
