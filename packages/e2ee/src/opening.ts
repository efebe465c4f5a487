import { assertNever } from '@latchkey/domain/kernel'
import { nextEpochKey } from './derivations.ts'
import {
  type Direction,
  decodeFrameHeader,
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
  readonly #nextCipher: NextCipher<(header: Uint8Array, sealed: Uint8Array) => Uint8Array | null> | null

  constructor({ aead, direction, channel, key }: HalfOptions) {
    this.#aead = aead
    this.#direction = direction
    this.#channel = channel
    this.#key = key
    const { ahead } = aead
    this.#nextCipher =
      ahead === undefined
        ? null
        : new NextCipher({
            make: (withKey, counter) => ahead.open(withKey, noiseNonce(counter)),
            later: ahead.later,
          })
    this.#nextCipher?.want(key, 0)
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
    const header = decodeFrameHeader(payload)
    if (header === null) return refused('malformed')
    if (!this.#isOurs(header)) return refused('foreign')
    if (header.counter < this.#next) return refused('replayed')
    const end = header.type === SealedFrameType.rekey ? BARE_FRAME_BYTES : payload.length
    const plaintext = this.#decrypted(
      header.counter,
      payload.subarray(0, FRAME_HEADER_BYTES),
      payload.subarray(FRAME_HEADER_BYTES, end),
    )
    if (plaintext === null) return refused('not-authentic')
    this.#framesMissing += header.counter - this.#next
    this.#next = header.counter + 1
    this.#nextCipher?.want(this.#key, this.#next)
    switch (header.type) {
      case SealedFrameType.data:
        return dataOf(header, plaintext)
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
    this.#nextCipher?.forget()
    wipe(this.#key)
  }

  #decrypted(counter: number, header: Uint8Array, sealed: Uint8Array): Uint8Array | null {
    const open = this.#nextCipher?.take(counter) ?? null
    return open === null
      ? this.#aead.open(this.#key, noiseNonce(counter), header, sealed)
      : open(header, sealed)
  }

  /** One payload holds one REKEY at most: no chain of them is followed. */
  #openBehindRekey(rest: Uint8Array): Opened {
    return rest[1] === SealedFrameType.rekey ? refused('malformed') : this.open(rest)
  }

  #isOurs({ direction, epoch, channel }: FrameHeader): boolean {
    return direction === this.#direction && epoch === this.#epoch && sameBytes(channel, this.#channel)
  }

  #advanceEpoch(): void {
    const next = nextEpochKey(this.#key, this.#direction, this.#epoch + 1, this.#channel)
    this.forget()
    this.#key = next
    this.#epoch += 1
    this.#next = 0
    this.#nextCipher?.want(next, 0)
  }
}

function dataOf({ flags }: FrameHeader, bytes: Uint8Array): Opened {
  const plaintext = (flags & FrameFlag.pad) === 0 ? bytes : unpadded(bytes)
  if (plaintext === null) return refused('malformed')
  return { status: 'data', plaintext, replay: (flags & FrameFlag.replay) !== 0 }
}

/** Of what everybody sees; it tells by its time where two differ. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false
  return a.length === b.length
}

const refused = (refusal: FrameRefusal): Opened => ({ status: 'refused', refusal })
