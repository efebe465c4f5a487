import { assertNever } from '@latchkey/domain/kernel'
import { nextEpochKey } from './derivations.ts'
import {
  type Direction,
  decodeFrameHeader,
  encodeFrameHeader,
  FRAME_HEADER_BYTES,
  FrameFlag,
  type FrameHeader,
  SealedFrameType,
} from './frame-header.ts'
import { NextCipher } from './next-cipher.ts'
import { noiseNonce } from './noise-symmetric.ts'
import { unpadded } from './padding.ts'
import { type Aead, TAG_BYTES } from './primitives.ts'
import type { HalfOptions } from './sealing.ts'
import { wipe } from './secret-bytes.ts'

/** Why a payload was refused. A channel does not survive one: an honest relay delivers in order, once, unchanged. */
export type FrameRefusal =
  /** no frame of this version */
  | 'malformed'
  /** another channel's, the other direction's, or another epoch's */
  | 'foreign'
  /** counted already: delivered twice, or out of order */
  | 'replayed'
  /** changed on the way, or sealed with another key */
  | 'not-authentic'

export type Opened =
  /** replay: it tells of the past (scrollback), not of now */
  | { readonly status: 'data'; readonly plaintext: Uint8Array; readonly replay: boolean }
  | { readonly status: 'rekeyed' }
  | { readonly status: 'closed' }
  | { readonly status: 'refused'; readonly refusal: FrameRefusal }

/** The data frame that comes next, as far as it can be known. */
interface NextFrame {
  readonly flags: number
  readonly header: Uint8Array
  readonly open: (sealed: Uint8Array) => Uint8Array | null
}

const BARE_FRAME_BYTES = FRAME_HEADER_BYTES + TAG_BYTES

/** The receiving half of a channel: accepts each frame of the other end at most once, and only in order. */
export class OpeningHalf {
  readonly #aead: Aead
  readonly #direction: Direction
  readonly #channel: Uint8Array
  #key: Uint8Array
  #epoch = 0
  #next = 0
  #framesMissing = 0
  readonly #nextFrame: NextCipher<NextFrame> | null
  /** of the last data frame: the next one will be like it */
  #usualFlags = 0

  constructor({ aead, direction, channel, key }: HalfOptions) {
    this.#aead = aead
    this.#direction = direction
    this.#channel = channel
    this.#key = key
    const { ahead } = aead
    this.#nextFrame =
      ahead === undefined
        ? null
        : new NextCipher({
            make: (withKey, counter) => {
              const flags = this.#usualFlags
              const header = this.#headerOf(flags, counter)
              return { flags, header, open: ahead.open(withKey, noiseNonce(counter), header) }
            },
            later: ahead.later,
          })
    this.#nextFrame?.want(key, 0)
  }

  /** How many frames the relay has swallowed: show it, and resume from the offset. */
  get framesMissing(): number {
    return this.#framesMissing
  }

  get epoch(): number {
    return this.#epoch
  }

  /** What is in one payload: a frame, or a REKEY frame and the frame that made it due. */
  open(payload: Uint8Array): Opened {
    const next = this.#nextFrame?.take(this.#next) ?? null
    return next !== null && startsWith(payload, next.header)
      ? this.#openNext(next, payload)
      : this.#openAny(payload)
  }

  /** The frame that was expected: its header says nothing that is not known already. */
  #openNext(next: NextFrame, payload: Uint8Array): Opened {
    const plaintext = next.open(payload.subarray(FRAME_HEADER_BYTES))
    if (plaintext === null) return refused('not-authentic')
    this.#next += 1
    this.#nextFrame?.want(this.#key, this.#next)
    return dataOf(next.flags, plaintext)
  }

  #openAny(payload: Uint8Array): Opened {
    const header = decodeFrameHeader(payload)
    if (header === null) return refused('malformed')
    if (!this.#isOurs(header)) return refused('foreign')
    if (header.counter < this.#next) return refused('replayed')
    const end = header.type === SealedFrameType.rekey ? BARE_FRAME_BYTES : payload.length
    const plaintext = this.#aead.open(
      this.#key,
      noiseNonce(header.counter),
      payload.subarray(0, FRAME_HEADER_BYTES),
      payload.subarray(FRAME_HEADER_BYTES, end),
    )
    if (plaintext === null) return refused('not-authentic')
    this.#framesMissing += header.counter - this.#next
    this.#next = header.counter + 1
    if (header.type === SealedFrameType.data) this.#usualFlags = header.flags
    this.#nextFrame?.want(this.#key, this.#next)
    switch (header.type) {
      case SealedFrameType.data:
        return dataOf(header.flags, plaintext)
      case SealedFrameType.rekey: {
        this.#advanceEpoch()
        const rest = payload.subarray(end)
        return rest.length === 0 ? { status: 'rekeyed' } : this.#openBehindRekey(rest)
      }
      case SealedFrameType.close:
        return plaintext.length === 0 ? { status: 'closed' } : refused('malformed')
      default:
        return assertNever(header.type)
    }
  }

  forget(): void {
    this.#nextFrame?.forget()
    wipe(this.#key)
  }

  #headerOf(flags: number, counter: number): Uint8Array {
    const [direction, epoch, channel] = [this.#direction, this.#epoch, this.#channel]
    return encodeFrameHeader({ type: SealedFrameType.data, flags, direction, epoch, channel, counter })
  }

  /** One payload holds one REKEY at most: no chain of them is followed. */
  #openBehindRekey(rest: Uint8Array): Opened {
    return rest[1] === SealedFrameType.rekey ? refused('malformed') : this.open(rest)
  }

  #isOurs({ direction, epoch, channel }: FrameHeader): boolean {
    return direction === this.#direction && epoch === this.#epoch && startsWith(channel, this.#channel)
  }

  #advanceEpoch(): void {
    const next = nextEpochKey(this.#key, this.#direction, this.#epoch + 1, this.#channel)
    this.forget()
    this.#key = next
    this.#epoch += 1
    this.#next = 0
    this.#nextFrame?.want(next, 0)
  }
}

function dataOf(flags: number, bytes: Uint8Array): Opened {
  const plaintext = (flags & FrameFlag.pad) === 0 ? bytes : unpadded(bytes)
  if (plaintext === null) return refused('malformed')
  return { status: 'data', plaintext, replay: (flags & FrameFlag.replay) !== 0 }
}

/** Of what everybody sees; it tells by its time where two differ. */
function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  for (let at = 0; at < start.length; at++) if (bytes[at] !== start[at]) return false
  return true
}

const refused = (refusal: FrameRefusal): Opened => ({ status: 'refused', refusal })
