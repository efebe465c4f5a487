import { ByteReader, ByteWriter, decoded } from '@latchkey/protocol/bytes'
import { type ChannelOpening, readOpening } from '@latchkey/protocol/terminal/channel'
import { type Envelope, unsealed } from '@latchkey/protocol/terminal/envelope'
import {
  CloseReason,
  decodeFrame,
  encodeFrame,
  type Frame,
  FrameType,
  NO_CHANNEL,
} from '@latchkey/protocol/terminal/frames'
import { decodePlaintext, encodePlaintext, type Plaintext } from '@latchkey/protocol/terminal/streams'
import { askAdmission, type ChannelEnd, reasonOf } from '../admission.ts'
import type { BinarySocket, Platform } from '../transport.ts'
import { type OpeningFailure, type PinQuestion, SealedOpening } from './sealed-opening.ts'
import type { SealAttempt, SealedEnvelope, SealRefusal } from './sealer.ts'

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
  readonly openSocket: (timeoutMs: number) => Promise<BinarySocket>
  readonly ticket: string
  /** what is to be done once the channel is admitted: how it is sealed */
  readonly sealing: (opening: ChannelOpening) => Promise<SealAttempt | 'unsealed' | SealRefusal>
  readonly onPin: (wanted: PinQuestion | null) => void
  /** Hands over what ends the opening, while one is under way. */
  readonly onOpening: (abandon: () => void) => void
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
  readonly sealed: boolean
  /** sealed so long ago that a new handshake is due */
  readonly isStale: boolean
  close(): void
}

/** Opens a socket, shows the ticket, waits for the broker's `opened`, seals. Null when open, else why not. */
export async function openChannel(options: ChannelOptions): Promise<OpeningFailure | null> {
  let socket: BinarySocket
  try {
    socket = await options.openSocket(options.timeoutMs)
  } catch {
    return ended('lost')
  }
  const { platform, ticket, timeoutMs } = options
  return new Promise((resolve) =>
    askAdmission(socket, {
      platform,
      ticket,
      withinMs: timeoutMs,
      onOpened: (frame) => void admitted(socket, frame, options, resolve),
      onRefused: (end) => resolve(ended(end)),
    }),
  )
}

/** Seals the channel that the broker has opened, or leaves it unsealed, and hands it over. */
async function admitted(
  socket: BinarySocket,
  frame: Frame,
  options: ChannelOptions,
  resolve: (failure: OpeningFailure | null) => void,
): Promise<void> {
  let isOver = false
  const fail = (failure: OpeningFailure) => {
    isOver = true
    socket.onEnd = () => {}
    socket.close()
    resolve(failure)
  }
  const open = (envelope: SealedEnvelope | null, unread: readonly Uint8Array[]) => {
    const channel = new OpenChannel(socket, frame.channel, options, envelope)
    resolve(null)
    for (const payload of unread) channel.hear(encodeFrame(FrameType.data, frame.channel, payload))
  }
  const opening = readOpening(frame)
  if (opening === null) return fail(ended(CloseReason.malformed))
  // The machine says nothing of importance before this end has spoken.
  socket.onFrame = () => {}
  socket.onEnd = () => fail(ended('lost'))
  const attempt = await options.sealing(opening)
  if (isOver) return
  if (attempt === 'unsealed') return open(null, [])
  if (typeof attempt === 'string') return fail({ why: 'refused', refusal: attempt })
  const { platform, onPin, onOpening } = options
  const sealedOpening = new SealedOpening({
    socket,
    channel: frame.channel,
    platform,
    attempt,
    onPin,
    onOpen: open,
    onFail: resolve,
  })
  onOpening(() => sealedOpening.abandon())
  sealedOpening.begin()
}

class OpenChannel implements Channel {
  writable = true
  readonly #socket: BinarySocket
  readonly #channel: number
  readonly #envelope: Envelope
  readonly #sealed: SealedEnvelope | null
  readonly #events: ChannelEvents
  #ended = false

  constructor(
    socket: BinarySocket,
    channel: number,
    { onOpen }: ChannelOptions,
    sealed: SealedEnvelope | null,
  ) {
    this.#socket = socket
    this.#channel = channel
    this.#sealed = sealed
    this.#envelope = sealed ?? unsealed
    socket.onFrame = (bytes) => this.hear(bytes)
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

  get sealed(): boolean {
    return this.#sealed !== null
  }

  get isStale(): boolean {
    return this.#sealed?.isStale ?? false
  }

  close(): void {
    this.#ended = true
    this.#sealed?.end()
    this.#socket.close()
  }

  hear(bytes: Uint8Array): void {
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
    this.#sealed?.end()
    this.#socket.close()
    this.#events.onEnd(reason)
  }
}

const ended = (end: ChannelEnd): OpeningFailure => ({ why: 'ended', end, answered: false })
