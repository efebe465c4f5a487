import { ByteReader, ByteWriter, decoded } from '@latchkey/protocol/bytes'
import { unsealed } from '@latchkey/protocol/terminal/envelope'
import {
  CloseReason,
  decodeFrame,
  encodeFrame,
  type Frame,
  FrameType,
  NO_CHANNEL,
} from '@latchkey/protocol/terminal/frames'
import { type AppMessage, encodeAppMessages } from '@latchkey/protocol/terminal/messages'
import {
  decodePlaintext,
  encodePlaintext,
  encodeSize,
  type Plaintext,
  type Size,
  Stream,
} from '@latchkey/protocol/terminal/streams'
import { type ChannelEnd, reasonOf } from '../admission.ts'
import type { BinarySocket } from '../transport.ts'
import { KeepAlive, type Verdict } from './keep-alive.ts'
import type { FeatureVoice } from './link-feature.ts'
import type { SealedEnvelope } from './sealer.ts'

const PING_EVERY_MS = 5_000
/** While a person types, a dead link is to be noticed sooner. */
const PING_EVERY_WHEN_TYPING_MS = 1_000
/** After a longer silence of this end the machine may not believe that it hears: so it asks once more, at once. */
const WAS_SILENT_MS = 10_000

export interface ChannelOptions {
  readonly socket: BinarySocket
  /** the broker's number for this channel */
  readonly number: number
  /** null: unsealed */
  readonly sealed: SealedEnvelope | null
  readonly nowMs: () => number
}

export interface ChannelEvents {
  readonly onPlaintext: (plaintext: Plaintext) => void
  /** The broker takes more again. */
  readonly onWritable: () => void
  /** Called once; not after `close`. */
  readonly onEnd: (reason: ChannelEnd) => void
}

/** An open channel to one machine, until its end: numbers the envelopes of each stream, and judges whether both legs live. */
export class Channel {
  /** the machine has said `welcome` */
  welcomed = false
  readonly #options: ChannelOptions
  readonly #machine: KeepAlive
  readonly #broker: KeepAlive
  #events: ChannelEvents | null = null
  #ended = false
  #writable = true
  #controlSeq = 0
  #sizeSeq = 0
  #askedMs = Number.NEGATIVE_INFINITY
  #typedSinceAsked = false
  /** the newest mark of the machine; null for a machine that sets none */
  #mark: number | null = null
  /** the question that was asked after a silence of this end */
  #askedAfterSilence: number | null = null

  constructor(options: ChannelOptions) {
    this.#options = options
    this.#machine = new KeepAlive(options.nowMs())
    this.#broker = new KeepAlive(options.nowMs())
  }

  /** Takes the socket over. Everything that comes on it goes to `events`. */
  begin(events: ChannelEvents): void {
    const { socket } = this.#options
    this.#events = events
    socket.onFrame = (bytes) => this.hear(bytes)
    socket.onEnd = () => this.#end('lost')
  }

  /** false while the broker asked for a pause */
  get writable(): boolean {
    return this.#writable
  }

  get sealed(): boolean {
    return this.#options.sealed !== null
  }

  /** Sealed so long ago that a new handshake is due. */
  get isStale(): boolean {
    return this.#options.sealed?.isStale ?? false
  }

  get roundTripsMs(): { readonly brokerMs: number | null; readonly machineMs: number | null } {
    return { brokerMs: this.#broker.roundTripMs, machineMs: this.#machine.roundTripMs }
  }

  get lastHeardMs(): number {
    return this.#machine.lastHeardMs
  }

  get verdict(): Verdict {
    return this.#machine.verdict(this.#options.nowMs())
  }

  send(messages: readonly AppMessage[]): void {
    const bytes = encodeAppMessages(messages)
    if (messages.length > 0) this.#send({ stream: Stream.control, seq: this.#controlSeq++, bytes })
  }

  sendInput(terminal: number, seq: number, bytes: Uint8Array): void {
    this.#send({ stream: Stream.input, terminal, seq, bytes })
    this.#typedSinceAsked = true
  }

  /** What a feature beside the terminals may do with this channel. */
  get voice(): FeatureVoice {
    const { socket } = this.#options
    const isWritable = () => this.#writable && !this.#ended
    return {
      say: (message) => this.send([message]),
      send: (bytes) => this.#send(bytes),
      get writable() {
        return isWritable()
      },
      get bufferedBytes() {
        return socket.bufferedBytes
      },
    }
  }

  sendSize(terminal: number, size: Size): void {
    this.#send({ stream: Stream.resize, terminal, seq: this.#sizeSeq++, bytes: encodeSize(size) })
  }

  /** Asks both legs now; the id of the question to the machine. */
  ask(): number {
    const nowMs = this.#options.nowMs()
    const silentMs = nowMs - this.#askedMs
    this.#askedMs = nowMs
    this.#typedSinceAsked = false
    this.#frame(FrameType.ping, NO_CHANNEL, new ByteWriter(4).u32(this.#broker.ask(nowMs)).bytes)
    const id = this.#machine.ask(nowMs)
    if (Number.isFinite(silentMs) && silentMs > WAS_SILENT_MS) this.#askedAfterSilence = id
    this.send([{ type: 'ping', id, ...(this.#mark !== null && { heard: this.#mark }) }])
    return id
  }

  /** Asks when that is due. */
  tick(): void {
    const dueMs = this.#typedSinceAsked ? PING_EVERY_WHEN_TYPING_MS : PING_EVERY_MS
    const isDue = this.#options.nowMs() - this.#askedMs >= dueMs
    if (isDue && (!this.#machine.isAsking || dueMs === PING_EVERY_MS)) this.ask()
  }

  /** The machine's `pong`. Answers with the round trip, or null when there was no such question. */
  machineAnswered({ id, mark }: { id: number; mark?: number | undefined }): number | null {
    const roundTripMs = this.#machine.answer(id, this.#options.nowMs())
    this.#mark = mark ?? this.#mark
    if (this.#askedAfterSilence !== null && id >= this.#askedAfterSilence) {
      this.#askedAfterSilence = null
      // So that the machine knows that this end hears.
      if (mark !== undefined) this.ask()
    }
    return roundTripMs
  }

  hasAnswered(id: number): boolean {
    return this.#machine.hasAnswered(id)
  }

  close(): void {
    this.#ended = true
    this.#options.sealed?.end()
    this.#options.socket.close()
  }

  hear(bytes: Uint8Array): void {
    if (this.#ended) return
    const frame = decodeFrame(bytes)
    switch (frame?.type) {
      case FrameType.data:
        return this.#open(frame)
      case FrameType.ping:
        return this.#frame(FrameType.pong, frame.channel, frame.payload)
      case FrameType.pong: {
        const id = decoded(() => new ByteReader(frame.payload).u32())
        if (id !== null) this.#broker.answer(id, this.#options.nowMs())
        return
      }
      case FrameType.pause:
        this.#writable = false
        return
      case FrameType.resume:
        this.#writable = true
        return this.#events?.onWritable()
      case FrameType.close:
        return this.#end(reasonOf(frame))
      case FrameType.open:
      case FrameType.opened:
      case undefined:
        return this.#end(CloseReason.malformed)
    }
  }

  #open(frame: Frame): void {
    const { number, sealed } = this.#options
    const opened = frame.channel === number ? (sealed ?? unsealed).open(frame.payload) : null
    const plaintext = opened === null ? null : decodePlaintext(opened)
    if (plaintext === null) return this.#end(CloseReason.malformed)
    this.#machine.heard(this.#options.nowMs())
    this.#events?.onPlaintext(plaintext)
  }

  #send(plaintext: Plaintext): void {
    if (this.#ended) return
    const { number, sealed } = this.#options
    this.#frame(FrameType.data, number, (sealed ?? unsealed).seal(encodePlaintext(plaintext)))
  }

  #frame(type: FrameType, channel: number, payload: Uint8Array): void {
    if (!this.#ended) this.#options.socket.send(encodeFrame(type, channel, payload))
  }

  #end(reason: ChannelEnd): void {
    if (this.#ended) return
    this.close()
    this.#events?.onEnd(reason)
  }
}
