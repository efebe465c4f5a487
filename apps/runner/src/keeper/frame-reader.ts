import { MalformedBytes } from '@latchkey/protocol/bytes'
import { FieldReader } from './fields.ts'

/** A picture is the largest thing that is sent. */
export const FRAME_BYTES_MAX = 4 * 1024 * 1024
const LENGTH_BYTES = 4

/** Cuts a stream of bytes into frames, however the stream was cut. */
export class FrameReader {
  readonly #head = new Uint8Array(LENGTH_BYTES)
  #headBytes = 0
  /** a frame that has begun in an earlier piece of the stream */
  #begun: Uint8Array | null = null
  #begunBytes = 0
  readonly #bytesMax: number

  constructor(bytesMax: number = FRAME_BYTES_MAX) {
    this.#bytesMax = bytesMax
  }

  /** The frames that are complete now, without their length. Throws `MalformedBytes` for one that is too long. */
  read(bytes: Uint8Array): Uint8Array[] {
    const frames: Uint8Array[] = []
    let at = 0
    while (at < bytes.length) {
      if (this.#begun !== null) {
        at += this.#fill(bytes.subarray(at), this.#begun)
        if (this.#begunBytes < this.#begun.length) break
        frames.push(this.#begun)
        this.#begun = null
        continue
      }
      at += this.#fillHead(bytes.subarray(at))
      if (this.#headBytes < LENGTH_BYTES) break
      this.#headBytes = 0
      const length = new FieldReader(this.#head).u32()
      if (length === 0 || length > this.#bytesMax) throw new MalformedBytes(`a frame of ${length} bytes`)
      if (bytes.length - at >= length) {
        frames.push(bytes.subarray(at, at + length))
        at += length
      } else {
        this.#begun = new Uint8Array(length)
        this.#begunBytes = 0
      }
    }
    return frames
  }

  /** How many of `bytes` belong to the frame that has begun. */
  #fill(bytes: Uint8Array, begun: Uint8Array): number {
    const taken = bytes.subarray(0, begun.length - this.#begunBytes)
    begun.set(taken, this.#begunBytes)
    this.#begunBytes += taken.length
    return taken.length
  }

  #fillHead(bytes: Uint8Array): number {
    const taken = bytes.subarray(0, LENGTH_BYTES - this.#headBytes)
    this.#head.set(taken, this.#headBytes)
    this.#headBytes += taken.length
    return taken.length
  }
}
