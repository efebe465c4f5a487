import { concatenated } from '@latchkey/protocol/bytes'
import { DirectionKey, type HalfOptions } from './direction-key.ts'
import { FrameFlag, type SealedFrameType, SealedFrameType as Type } from './frame-header.ts'
import { noiseNonce } from './noise-symmetric.ts'
import { padded } from './padding.ts'
import { type Aead, TAG_BYTES } from './primitives.ts'

/** When a direction's key is replaced (PROTOCOL rp1 3.5), whichever comes first. */
export const REKEY_AFTER_FRAMES = 2 ** 20
export const REKEY_AFTER_BYTES = 2 ** 30
export const REKEY_AFTER_MS = 10 * 60 * 1000

const EMPTY = new Uint8Array(0)

/** The sending half of a channel: one key at a time, a counter that only grows, so that no nonce is ever used twice. */
export class SealingHalf {
  readonly #aead: Aead
  readonly #direction: DirectionKey<(plaintext: Uint8Array, into: Uint8Array) => void>
  #counter = 0
  #bytesSealed = 0
  #keyedAtMs: number

  constructor(options: HalfOptions, nowMs: number) {
    this.#aead = options.aead
    this.#direction = new DirectionKey(options, ({ seal }) => seal)
    this.#keyedAtMs = nowMs
  }

  get epoch(): number {
    return this.#direction.epoch
  }

  /**
   * One payload. When the key is due for replacement, a REKEY frame under the old one rides in front of the data frame
   * under the new one, so that neither can be without the other.
   */
  seal(
    plaintext: Uint8Array,
    nowMs: number,
    how: { readonly replay: boolean; readonly pad: boolean },
  ): Uint8Array {
    const rekey = this.#isRekeyDue(nowMs) ? this.rekey(nowMs) : null
    const whole = how.pad ? padded(plaintext) : null
    const flags = (how.replay ? FrameFlag.replay : 0) | (whole === null ? 0 : FrameFlag.pad)
    const frame = this.#frame(Type.data, flags, whole ?? plaintext)
    return rekey === null ? frame : concatenated(rekey, frame)
  }

  /** The last frame of this direction: the end, authenticated. A lost connection says nothing of the kind. */
  close(): Uint8Array {
    return this.#frame(Type.close, 0, EMPTY)
  }

  /** A REKEY frame; everything after it is sealed with the next key, counted from 0. */
  rekey(nowMs: number): Uint8Array {
    const frame = this.#frame(Type.rekey, 0, EMPTY)
    this.#direction.advance()
    this.#counter = 0
    this.#bytesSealed = 0
    this.#keyedAtMs = nowMs
    return frame
  }

  forget(): void {
    this.#direction.forget()
  }

  #isRekeyDue(nowMs: number): boolean {
    return (
      this.#counter >= REKEY_AFTER_FRAMES ||
      this.#bytesSealed >= REKEY_AFTER_BYTES ||
      nowMs - this.#keyedAtMs >= REKEY_AFTER_MS
    )
  }

  #frame(type: SealedFrameType, flags: number, plaintext: Uint8Array): Uint8Array {
    const counter = this.#counter++
    this.#bytesSealed += plaintext.length
    const isData = type === Type.data
    const next = this.#direction.take(counter)
    const isNext = isData && next?.flags === flags
    const header = isNext ? next.header : this.#direction.header(type, flags, counter)
    // One place for header, content and tag: every further copy of a flood costs as much as its cipher.
    const frame = new Uint8Array(header.length + plaintext.length + TAG_BYTES)
    frame.set(header)
    const content = frame.subarray(header.length)
    if (isNext) next.run(plaintext, content)
    else content.set(this.#aead.seal(this.#direction.key, noiseNonce(counter), header, plaintext))
    this.#direction.want(this.#counter, isData ? flags : null)
    return frame
  }
}
