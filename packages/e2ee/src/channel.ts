import type { Envelope } from '@latchkey/protocol/terminal/envelope'
import { DATA_BYTES_MAX, SEALING_BYTES_MAX } from '@latchkey/protocol/terminal/frames'
import { Direction } from './frame-header.ts'
import type { ChannelSecrets } from './handshake.ts'
import { type FrameRefusal, type OpenedFrame, OpeningHalf } from './opening.ts'
import type { Aead } from './primitives.ts'
import { SealingHalf } from './sealing.ts'

/** After this long a channel is replaced by one from a new handshake, so that a stolen key heals (PROTOCOL rp1 3.5). */
export const NEW_HANDSHAKE_AFTER_MS = 60 * 60 * 1000

/** Nothing longer is looked at: the longest plaintext with all that sealing adds. */
const PAYLOAD_BYTES_MAX = DATA_BYTES_MAX + SEALING_BYTES_MAX

export interface SealedChannelOptions {
  readonly aead: Aead
  readonly role: 'app' | 'runner'
  /** taken over: wiped when the channel ends */
  readonly secrets: ChannelSecrets
  /** milliseconds from anywhere, never backwards */
  readonly clock: () => number
  /** whether this end pads its frames (as it does input, whose lengths and rhythm would give the keys away) */
  readonly pad: boolean
}

export type ChannelEnd =
  | { readonly status: 'open' }
  /** the other end said goodbye, and it was the other end */
  | { readonly status: 'closed-by-peer' }
  | { readonly status: 'closed-by-us' }
  | { readonly status: 'refused'; readonly refusal: FrameRefusal }

/**
 * One app's sealed way to one runner: the envelope of a terminal connection. The first payload that is not the other
 * end's next word ends it, with its reason in `end`; then nothing is sealed or opened any more.
 */
export class SealedChannel implements Envelope {
  readonly #sealing: SealingHalf
  readonly #opening: OpeningHalf
  readonly #clock: () => number
  readonly #pad: boolean
  readonly #openedAtMs: number
  #end: ChannelEnd = { status: 'open' }

  constructor({ aead, role, secrets, clock, pad }: SealedChannelOptions) {
    const { channel, fromApp, fromRunner } = secrets
    const app = { aead, channel, direction: Direction.fromApp, key: fromApp }
    const runner = { aead, channel, direction: Direction.fromRunner, key: fromRunner }
    this.#openedAtMs = clock()
    this.#sealing = new SealingHalf(role === 'app' ? app : runner, this.#openedAtMs)
    this.#opening = new OpeningHalf(role === 'app' ? runner : app)
    this.#clock = clock
    this.#pad = pad
  }

  get end(): ChannelEnd {
    return this.#end
  }

  /** How many of the other end's frames never came. */
  get framesMissing(): number {
    return this.#opening.framesMissing
  }

  get needsNewHandshake(): boolean {
    return this.#clock() - this.#openedAtMs >= NEW_HANDSHAKE_AFTER_MS
  }

  /**
   * @param replay whether it tells of the past: scrollback, sealed anew under this channel
   * @throws after the end: such a call is a bug, and the key is wiped by then
   */
  seal(plaintext: Uint8Array, replay = false): Uint8Array {
    if (this.#end.status !== 'open') throw new Error('invariant: this channel has ended')
    return this.#sealing.seal(plaintext, this.#clock(), { replay, pad: this.#pad })
  }

  /** The plaintext, or null when there is none: see `end`. */
  open(payload: Uint8Array): Uint8Array | null {
    const opened = this.receive(payload)
    return opened.status === 'data' ? opened.plaintext : null
  }

  /** Like `open`, telling apart what there may be. */
  receive(payload: Uint8Array): OpenedFrame {
    if (this.#end.status !== 'open') return { status: 'closed' }
    const opened: OpenedFrame =
      payload.length > PAYLOAD_BYTES_MAX
        ? { status: 'refused', refusal: 'malformed' }
        : this.#opening.open(payload)
    if (opened.status === 'refused') this.#finish({ status: 'refused', refusal: opened.refusal })
    if (opened.status === 'closed') this.#finish({ status: 'closed-by-peer' })
    return opened
  }

  /** Says goodbye: the frame to send last, or null when the channel has ended already. */
  close(): Uint8Array | null {
    if (this.#end.status !== 'open') return null
    const goodbye = this.#sealing.close()
    this.#finish({ status: 'closed-by-us' })
    return goodbye
  }

  #finish(end: ChannelEnd): void {
    this.#end = end
    this.#sealing.forget()
    this.#opening.forget()
  }
}
