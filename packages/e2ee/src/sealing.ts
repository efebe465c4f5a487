import { concatenated } from '@latchkey/protocol/bytes'
import { nextEpochKey } from './derivations.ts'
import {
  type Direction,
  encodeFrameHeader,
  FrameFlag,
  type SealedFrameType,
  SealedFrameType as Type,
} from './frame-header.ts'
import { NextCipher } from './next-cipher.ts'
import { noiseNonce } from './noise-symmetric.ts'
import { padded } from './padding.ts'
import type { Aead } from './primitives.ts'
import { wipe } from './secret-bytes.ts'

/** When a direction's key is replaced (PROTOCOL rp1 3.5), whichever comes first. */
export const REKEY_AFTER_FRAMES = 2 ** 20
export const REKEY_AFTER_BYTES = 2 ** 30
export const REKEY_AFTER_MS = 10 * 60 * 1000

export interface HalfOptions {
  readonly aead: Aead
  readonly direction: Direction
  readonly channel: Uint8Array
  /** 32 bytes, taken over: wiped when it has served */
  readonly key: Uint8Array
}

/** The data frame that comes next, as far as it can be made before anybody knows what is in it. */
interface NextFrame {
  readonly flags: number
  readonly header: Uint8Array
  readonly seal: (plaintext: Uint8Array) => Uint8Array
}

const EMPTY = new Uint8Array(0)

/** The sending half of a channel: one key at a time, a counter that only grows, so that no nonce is ever used twice. */
export class SealingHalf {
  readonly #aead: Aead
  readonly #direction: Direction
  readonly #channel: Uint8Array
  #key: Uint8Array
  #epoch = 0
  #counter = 0
  #bytesSealed = 0
  #keyedAtMs: number
  readonly #next: NextCipher<NextFrame> | null
  /** of the last data frame: the next one will be like it */
  #usualFlags = 0

  constructor({ aead, direction, channel, key }: HalfOptions, nowMs: number) {
    this.#aead = aead
    this.#direction = direction
    this.#channel = channel
    this.#key = key
    this.#keyedAtMs = nowMs
    const { ahead } = aead
    this.#next =
      ahead === undefined
        ? null
        : new NextCipher({
            make: (withKey, counter) => {
              const flags = this.#usualFlags
              const header = this.#header(Type.data, flags, counter)
              return { flags, header, seal: ahead.seal(withKey, noiseNonce(counter), header) }
            },
            later: ahead.later,
          })
    this.#next?.want(key, 0)
  }

  get epoch(): number {
    return this.#epoch
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
    const next = nextEpochKey(this.#key, this.#direction, this.#epoch + 1, this.#channel)
    this.forget()
    this.#key = next
    this.#epoch += 1
    this.#counter = 0
    this.#bytesSealed = 0
    this.#keyedAtMs = nowMs
    this.#next?.want(next, 0)
    return frame
  }

  forget(): void {
    this.#next?.forget()
    wipe(this.#key)
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
    if (type === Type.data) this.#usualFlags = flags
    const next = this.#next?.take(counter) ?? null
    const isNext = next !== null && type === Type.data && next.flags === flags
    const header = isNext ? next.header : this.#header(type, flags, counter)
    const sealed = isNext
      ? next.seal(plaintext)
      : this.#aead.seal(this.#key, noiseNonce(counter), header, plaintext)
    this.#next?.want(this.#key, this.#counter)
    return concatenated(header, sealed)
  }
  #header(type: SealedFrameType, flags: number, counter: number): Uint8Array {
    const [direction, epoch, channel] = [this.#direction, this.#epoch, this.#channel]
    return encodeFrameHeader({ type, flags, direction, epoch, channel, counter })
  }
}
