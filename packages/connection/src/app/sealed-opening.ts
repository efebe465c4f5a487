import {
  CloseReason,
  decodeFrame,
  encodeFrame,
  type Frame,
  FrameType,
  NO_CHANNEL,
} from '@latchkey/protocol/terminal/frames'
import { type ChannelEnd, reasonOf } from '../admission.ts'
import { type BinarySocket, type Cancel, type Platform, repeat } from '../transport.ts'
import type { SealedEnvelope, SealHandshake, SealRefusal, SealStep } from './sealer.ts'

/** A handshake without a question for the person is over within this time. */
const HANDSHAKE_MS = 10_000
const PING_EVERY_MS = 5_000
/** An honest machine sends three messages before a channel is open, and nothing unasked after. */
const WAITING_PAYLOADS_MAX = 16

export interface SealedOpeningOptions {
  readonly socket: BinarySocket
  readonly channel: number
  readonly platform: Platform
  readonly handshake: SealHandshake
  /** its first step, when its messages are on their way already */
  readonly begun?: SealStep | null
  readonly onPin: (wanted: PinQuestion | null) => void
  readonly onOpen: (envelope: SealedEnvelope, unread: readonly Uint8Array[]) => void
  readonly onFail: (failure: OpeningFailure) => void
}

/** `answered`: the machine has spoken the sealed handshake, so it can seal. */
export type OpeningFailure =
  | { readonly why: 'refused'; readonly refusal: SealRefusal }
  | { readonly why: 'ended'; readonly end: ChannelEnd; readonly answered: boolean }

export interface PinQuestion {
  readonly machine: string
  readonly digits: number
  readonly withinMs: number
  give(pin: string): void
  cancel(): void
}

/** The time between an admitted channel and a sealed one: takes the handshake's messages to the handshake and back. */
export class SealedOpening {
  readonly #options: SealedOpeningOptions
  #payloads: Uint8Array[] = []
  #busy = true
  #over = false
  #answered = false
  #stopWaiting: Cancel = () => {}
  #stopPinging: Cancel = () => {}

  constructor(options: SealedOpeningOptions) {
    this.#options = options
  }

  begin(): void {
    const { socket, handshake, begun, platform } = this.#options
    socket.onFrame = (bytes) => this.#hear(bytes)
    socket.onEnd = () => this.#fail({ why: 'ended', end: 'lost', answered: this.#answered })
    this.#within(HANDSHAKE_MS)
    // The broker takes a silent connection for a dead one, and a person needs time to type a PIN.
    this.#stopPinging = repeat(platform, PING_EVERY_MS, () =>
      socket.send(encodeFrame(FrameType.ping, NO_CHANNEL, new Uint8Array(4))),
    )
    if (begun) void this.#step(async () => ({ ...begun, send: [] }))
    else void this.#step(() => handshake.begin())
  }

  /** The channel is not wanted any more. */
  abandon(): void {
    this.#fail({ why: 'ended', end: 'lost', answered: this.#answered })
  }

  #hear(bytes: Uint8Array): void {
    if (this.#over) return
    const { socket, channel } = this.#options
    const frame = decodeFrame(bytes)
    switch (frame?.type) {
      case FrameType.data:
        return frame.channel === channel ? this.#take(frame) : this.#broken()
      case FrameType.ping:
        return socket.send(encodeFrame(FrameType.pong, frame.channel, frame.payload))
      case FrameType.close:
        return this.#fail({ why: 'ended', end: reasonOf(frame), answered: this.#answered })
      // Handshakes are small enough to ignore a pause.
      case FrameType.pause:
      case FrameType.resume:
      case FrameType.pong:
        return
      case FrameType.open:
      case FrameType.opened:
      case undefined:
        return this.#broken()
    }
  }

  #take(frame: Frame): void {
    this.#payloads.push(frame.payload)
    if (this.#payloads.length > WAITING_PAYLOADS_MAX) return this.#broken()
    if (!this.#busy) this.#next()
  }

  #next(): void {
    const payload = this.#payloads.shift()
    if (payload === undefined) return
    void this.#step(() => this.#options.handshake.hear(payload))
  }

  async #step(act: () => Promise<SealStep>): Promise<void> {
    this.#busy = true
    let step: SealStep
    try {
      step = await act()
    } catch {
      // The store cannot be written: the grant would be lost with this process.
      step = { status: 'refused', refusal: 'no-key', send: [] }
    }
    if (this.#over) return
    this.#send(step.send)
    this.#busy = false
    this.#become(step)
  }

  #become(step: SealStep): void {
    switch (step.status) {
      case 'waiting':
        return this.#next()
      case 'pin-wanted':
        this.#answered = true
        this.#within(step.withinMs)
        this.#options.onPin(this.#question(step))
        return this.#next()
      case 'open':
        this.#finish()
        return this.#options.onOpen(step.envelope, this.#payloads)
      case 'refused':
        return this.#fail({ why: 'refused', refusal: step.refusal })
    }
  }

  #question({ machine, digits, withinMs }: SealStep & { status: 'pin-wanted' }): PinQuestion {
    const { handshake, onPin } = this.#options
    return {
      machine,
      digits,
      withinMs,
      give: (pin) => {
        if (this.#over || this.#busy || !new RegExp(`^[0-9]{${digits}}$`).test(pin)) return
        onPin(null)
        this.#within(HANDSHAKE_MS)
        void this.#step(() => handshake.enterPin(pin))
      },
      cancel: () => void this.#step(() => handshake.cancel()),
    }
  }

  #send(messages: readonly Uint8Array[]): void {
    const { socket, channel } = this.#options
    for (const message of messages) socket.send(encodeFrame(FrameType.data, channel, message))
  }

  #within(ms: number): void {
    this.#stopWaiting()
    this.#stopWaiting = this.#options.platform.after(ms, () =>
      this.#fail(
        this.#answered
          ? { why: 'refused', refusal: 'expired' }
          : { why: 'ended', end: 'timeout', answered: false },
      ),
    )
  }

  #broken(): void {
    this.#fail({ why: 'ended', end: CloseReason.malformed, answered: true })
  }

  #fail(failure: OpeningFailure): void {
    if (this.#over) return
    this.#finish()
    const { socket, handshake, onFail } = this.#options
    socket.onEnd = () => {}
    void handshake.cancel().then(({ send }) => {
      this.#send(send)
      socket.close()
    })
    onFail(failure)
  }

  #finish(): void {
    this.#over = true
    this.#stopWaiting()
    this.#stopPinging()
    this.#options.onPin(null)
  }
}
