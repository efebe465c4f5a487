import { nextEpochKey } from './derivations.ts'
import { type Direction, encodeFrameHeader, SealedFrameType } from './frame-header.ts'
import { NextCipher } from './next-cipher.ts'
import { noiseNonce } from './noise-symmetric.ts'
import type { Aead } from './primitives.ts'
import { wipe } from './secret-bytes.ts'

export interface HalfOptions {
  readonly aead: Aead
  readonly direction: Direction
  readonly channel: Uint8Array
  /** 32 bytes, taken over: wiped when it has served */
  readonly key: Uint8Array
}

/** The data frame that comes next, as far as it is known before its content. `run` seals or opens it. */
export interface NextFrame {
  readonly flags: number
  readonly header: Uint8Array
}

/** The key of one direction of a channel, epoch after epoch, and the cipher of its next data frame. The same for both ends. */
export class DirectionKey<Run> {
  readonly #options: HalfOptions
  readonly #next: NextCipher<NextFrame & { readonly run: Run }> | null
  #key: Uint8Array
  #epoch = 0
  /** of the last data frame: the next one will be like it */
  #usualFlags = 0

  /** @param half `seal` or `open`, whichever this end does in this direction */
  constructor(
    options: HalfOptions,
    half: (
      ahead: NonNullable<Aead['ahead']>,
    ) => (key: Uint8Array, nonce: Uint8Array, header: Uint8Array) => Run,
  ) {
    this.#options = options
    this.#key = options.key
    const { ahead } = options.aead
    this.#next =
      ahead === undefined
        ? null
        : new NextCipher({
            make: (key, counter) => {
              const flags = this.#usualFlags
              const header = this.header(SealedFrameType.data, flags, counter)
              return { flags, header, run: half(ahead)(key, noiseNonce(counter), header) }
            },
            later: ahead.later,
          })
    this.#next?.want(this.#key, 0)
  }

  get key(): Uint8Array {
    return this.#key
  }

  get epoch(): number {
    return this.#epoch
  }

  header(type: SealedFrameType, flags: number, counter: number): Uint8Array {
    const { direction, channel } = this.#options
    return encodeFrameHeader({ type, flags, direction, epoch: this.#epoch, channel, counter })
  }

  /** The cipher for the frame `counter`; null when none is ready. It is given out once. */
  take(counter: number): (NextFrame & { readonly run: Run }) | null {
    return this.#next?.take(counter) ?? null
  }

  /** The frame `counter` comes next. `flags`: those of the data frame before it, if that was one. */
  want(counter: number, flags: number | null): void {
    this.#usualFlags = flags ?? this.#usualFlags
    this.#next?.want(this.#key, counter)
  }

  /** The key of the next epoch, counted from 0. There is no way back to the old one. */
  advance(): void {
    const { direction, channel } = this.#options
    const next = nextEpochKey(this.#key, direction, this.#epoch + 1, channel)
    this.forget()
    this.#key = next
    this.#epoch += 1
    this.#next?.want(next, 0)
  }

  forget(): void {
    this.#next?.forget()
    wipe(this.#key)
  }
}
