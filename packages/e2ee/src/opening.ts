import { assertNever } from '@latchkey/domain/kernel'
import { DirectionKey, type HalfOptions } from './direction-key.ts'
import {
  decodeFrameHeader,
  FRAME_HEADER_BYTES,
  FrameFlag,
  type FrameHeader,
  SealedFrameType,
} from './frame-header.ts'
import { noiseNonce } from './noise-symmetric.ts'
import { unpadded } from './padding.ts'
import { type Aead, TAG_BYTES } from './primitives.ts'

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

export type OpenedFrame =
  /** replay: it tells of the past (scrollback), not of now */
  | { readonly status: 'data'; readonly plaintext: Uint8Array; readonly replay: boolean }
  | { readonly status: 'rekeyed' }
  | { readonly status: 'closed' }
  | { readonly status: 'refused'; readonly refusal: FrameRefusal }

const BARE_FRAME_BYTES = FRAME_HEADER_BYTES + TAG_BYTES

/** The receiving half of a channel: accepts each frame of the other end at most once, and only in order. */
export class OpeningHalf {
  readonly #aead: Aead
  readonly #options: HalfOptions
  readonly #direction: DirectionKey<(sealed: Uint8Array) => Uint8Array | null>
  #next = 0
  #framesMissing = 0

  constructor(options: HalfOptions) {
    this.#aead = options.aead
    this.#options = options
    this.#direction = new DirectionKey(options, ({ open }) => open)
  }

  /** How many frames the relay has swallowed: show it, and resume from the offset. */
  get framesMissing(): number {
    return this.#framesMissing
  }

  /** Opens one payload: a frame, or a REKEY frame and the frame that made it due. */
  open(payload: Uint8Array): OpenedFrame {
    const next = this.#direction.take(this.#next)
    if (next === null || !startsWith(payload, next.header)) return this.#openAny(payload)
    // The frame that was expected: its header says nothing that is not known already.
    const plaintext = next.run(payload.subarray(FRAME_HEADER_BYTES))
    if (plaintext === null) return refused('not-authentic')
    this.#next += 1
    this.#direction.want(this.#next, next.flags)
    return dataOf(next.flags, plaintext)
  }

  #openAny(payload: Uint8Array): OpenedFrame {
    const header = decodeFrameHeader(payload)
    if (header === null) return refused('malformed')
    if (!this.#isOurs(header)) return refused('foreign')
    if (header.counter < this.#next) return refused('replayed')
    const end = header.type === SealedFrameType.rekey ? BARE_FRAME_BYTES : payload.length
    const plaintext = this.#aead.open(
      this.#direction.key,
      noiseNonce(header.counter),
      payload.subarray(0, FRAME_HEADER_BYTES),
      payload.subarray(FRAME_HEADER_BYTES, end),
    )
    if (plaintext === null) return refused('not-authentic')
    this.#framesMissing += header.counter - this.#next
    this.#next = header.counter + 1
    this.#direction.want(this.#next, header.type === SealedFrameType.data ? header.flags : null)
    switch (header.type) {
      case SealedFrameType.data:
        return dataOf(header.flags, plaintext)
      case SealedFrameType.rekey: {
        this.#direction.advance()
        this.#next = 0
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
    this.#direction.forget()
  }

  /** One payload holds one REKEY at most: no chain of them is followed. */
  #openBehindRekey(rest: Uint8Array): OpenedFrame {
    return rest[1] === SealedFrameType.rekey ? refused('malformed') : this.open(rest)
  }

  #isOurs({ direction, epoch, channel }: FrameHeader): boolean {
    const ours = this.#options
    return (
      direction === ours.direction && epoch === this.#direction.epoch && startsWith(channel, ours.channel)
    )
  }
}

function dataOf(flags: number, bytes: Uint8Array): OpenedFrame {
  const plaintext = (flags & FrameFlag.pad) === 0 ? bytes : unpadded(bytes)
  if (plaintext === null) return refused('malformed')
  return { status: 'data', plaintext, replay: (flags & FrameFlag.replay) !== 0 }
}

/** Of what everybody sees; it tells by its time where two differ. */
function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  for (let at = 0; at < start.length; at++) if (bytes[at] !== start[at]) return false
  return true
}

const refused = (refusal: FrameRefusal): OpenedFrame => ({ status: 'refused', refusal })
