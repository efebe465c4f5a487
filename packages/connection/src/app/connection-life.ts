import { type AppMessage, encodeAppMessages } from '@latchkey/protocol/terminal/messages'
import { encodeSize, type Size, Stream } from '@latchkey/protocol/terminal/streams'
import type { Channel } from './channel.ts'
import { Pulse, type Verdict } from './pulse.ts'

const PING_EVERY_MS = 5_000
/** Who types wants to know sooner. */
const PING_EVERY_WHEN_TYPING_MS = 1_000

/** Who said nothing for longer may not be believed before it has shown that it hears: it asks once more, at once. */
const WAS_SILENT_MS = 10_000

/** One channel from its opening to its end: counts what is said on its streams, and asks whether both legs are alive. */
export class ConnectionLife {
  readonly #channel: Channel
  readonly #machine: Pulse
  readonly #broker: Pulse
  #controlSeq = 0
  #sizeSeq = 0
  #askedMs = Number.NEGATIVE_INFINITY
  #typedSinceAsked = false
  /** the newest mark of the machine; null for a machine that sets none */
  #mark: number | null = null
  /** the question that was asked after a silence of this end */
  #askedAfterSilence: number | null = null
  /** the machine has said `welcome` */
  welcomed = false

  constructor(channel: Channel, nowMs: number) {
    this.#channel = channel
    this.#machine = new Pulse(nowMs)
    this.#broker = new Pulse(nowMs)
  }

  get writable(): boolean {
    return this.#channel.writable
  }

  get sealed(): boolean {
    return this.#channel.sealed
  }

  get isStale(): boolean {
    return this.#channel.isStale
  }

  get roundTripsMs(): { readonly brokerMs: number | null; readonly machineMs: number | null } {
    return { brokerMs: this.#broker.roundTripMs, machineMs: this.#machine.roundTripMs }
  }

  get lastHeardMs(): number {
    return this.#machine.lastHeardMs
  }

  send(messages: readonly AppMessage[]): void {
    if (messages.length === 0) return
    const bytes = encodeAppMessages(messages)
    this.#channel.send({ stream: Stream.control, seq: this.#controlSeq++, bytes })
  }

  sendInput(terminal: number, seq: number, bytes: Uint8Array): void {
    this.#channel.send({ stream: Stream.input, terminal, seq, bytes })
    this.#typedSinceAsked = true
  }

  sendSize(terminal: number, size: Size): void {
    this.#channel.send({ stream: Stream.resize, terminal, seq: this.#sizeSeq++, bytes: encodeSize(size) })
  }

  heard(nowMs: number): void {
    this.#machine.heard(nowMs)
  }

  /** Asks both legs now; the id of the question to the machine. */
  ask(nowMs: number): number {
    const silentMs = nowMs - this.#askedMs
    this.#askedMs = nowMs
    this.#typedSinceAsked = false
    this.#channel.askBroker(this.#broker.ask(nowMs))
    const id = this.#machine.ask(nowMs)
    if (Number.isFinite(silentMs) && silentMs > WAS_SILENT_MS) this.#askedAfterSilence = id
    this.send([{ type: 'ping', id, ...(this.#mark !== null && { heard: this.#mark }) }])
    return id
  }

  /** Asks when it is time to. */
  tick(nowMs: number): void {
    const dueMs = this.#typedSinceAsked ? PING_EVERY_WHEN_TYPING_MS : PING_EVERY_MS
    if (nowMs - this.#askedMs >= dueMs && (!this.#machine.isAsking || dueMs === PING_EVERY_MS))
      this.ask(nowMs)
  }

  brokerAnswered(id: number, nowMs: number): void {
    this.#broker.answer(id, nowMs)
  }

  /** The round trip to the machine, or null when nobody asked. */
  machineAnswered({ id, mark }: { id: number; mark?: number | undefined }, nowMs: number): number | null {
    const roundTripMs = this.#machine.answer(id, nowMs)
    this.#mark = mark ?? this.#mark
    if (this.#askedAfterSilence !== null && id >= this.#askedAfterSilence) {
      this.#askedAfterSilence = null
      // So that the machine knows that this end hears.
      if (mark !== undefined) this.ask(nowMs)
    }
    return roundTripMs
  }

  hasAnswered(id: number): boolean {
    return this.#machine.hasAnswered(id)
  }

  verdict(nowMs: number): Verdict {
    return this.#machine.verdict(nowMs)
  }

  close(): void {
    this.#channel.close()
  }
}
