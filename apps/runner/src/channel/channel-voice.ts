import type { RunnerChannel } from '@latchkey/connection/runner/terminal-plane'
import { DATA_BYTES_MAX } from '@latchkey/protocol/terminal/frames'
import { encodeRunnerMessages, type RunnerMessage } from '@latchkey/protocol/terminal/messages'
import { encodePlaintext, type Plaintext, Stream } from '@latchkey/protocol/terminal/streams'
import type { AppEnvelope } from './guest.ts'

/** Messages that wait for the end of the turn are sent earlier when they become this many bytes. */
const MESSAGES_BYTES_MAX = DATA_BYTES_MAX / 2

/** What one channel says to its app, in order: messages of one turn in one envelope, everything else after them. */
export class ChannelVoice {
  readonly #channel: RunnerChannel
  readonly #envelope: AppEnvelope
  #controlSeq = 0
  #waiting: Uint8Array[] = []
  #waitingBytes = 0

  constructor(channel: RunnerChannel, envelope: AppEnvelope) {
    this.#channel = channel
    this.#envelope = envelope
  }

  tell(message: RunnerMessage): void {
    const encoded = encodeRunnerMessages([message])
    if (this.#waitingBytes === 0) queueMicrotask(() => this.flush())
    this.#waiting.push(encoded)
    this.#waitingBytes += encoded.length
    if (this.#waitingBytes > MESSAGES_BYTES_MAX) this.flush()
  }

  send(plaintext: Plaintext): void {
    this.flush()
    this.#sendNow(plaintext)
  }

  /** Sends the messages that wait. */
  flush(): void {
    if (this.#waitingBytes === 0) return
    const bytes = Buffer.concat(this.#waiting)
    this.#waiting = []
    this.#waitingBytes = 0
    this.#sendNow({ stream: Stream.control, seq: this.#controlSeq++, bytes })
  }

  /** Sends what waits, and the last word: nothing is said after it. */
  end(): void {
    this.flush()
    const goodbye = this.#envelope.goodbye()
    if (goodbye !== null) this.#channel.send(goodbye)
  }

  #sendNow(plaintext: Plaintext): void {
    // A closed envelope seals nothing, and its app is gone.
    if (!this.#envelope.isOpen) return
    const replay = plaintext.stream === Stream.history
    this.#channel.send(this.#envelope.seal(encodePlaintext(plaintext), replay))
  }
}
