import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { type Kept, OutputRing, RING_BYTES_MAX } from '@latchkey/domain/terminal/output-ring'

/** Text compresses to a tenth at the fastest level already. */
const LEVEL = 1

/**
 * The newest output of one program, found again by its offset as in an `OutputRing`. While its runner has no use of it, it is
 * kept compressed: 2,000 lines of a build are 256 KiB of ring, and some 15 KiB compressed.
 */
export class KeptRing implements Kept {
  /** the output from here on is not compressed; null when all of it is */
  #ring: OutputRing | null = null
  #packed: (Kept & { readonly bytes: Uint8Array }) | null = null

  get start(): number {
    return this.#packed?.start ?? this.#ring?.start ?? 0
  }

  get end(): number {
    return this.#ring?.end ?? this.#packed?.end ?? 0
  }

  append(bytes: Uint8Array): void {
    this.#ring ??= new OutputRing(RING_BYTES_MAX, this.end)
    this.#ring.append(bytes)
    // Older output must lead up to the newer without a hole.
    if (this.#packed !== null && this.#ring.start > this.#packed.end) this.#packed = null
  }

  /** A copy of at most `bytesMax` bytes from `from` on, or null when they are not kept (any more, or yet). */
  read(from: number, bytesMax: number): Uint8Array<ArrayBuffer> | null {
    if (this.#packed !== null && from < this.#packed.end) this.unpack()
    return this.#ring?.read(from, bytesMax) ?? (from === this.end ? new Uint8Array(0) : null)
  }

  /** Compresses all of it; it is not read for a while. */
  pack(): void {
    if (this.#ring === null) return
    this.unpack()
    const { start, end } = this.#ring
    const bytes = this.#ring.read(start, end - start)
    if (bytes === null) return
    // A copy: the compressor's own buffer is larger than what it has filled.
    this.#packed = { start, end, bytes: Uint8Array.from(deflateRawSync(bytes, { level: LEVEL })) }
    this.#ring = null
  }

  /** All of it is read soon. The oldest goes when it and what came since are too much together. */
  unpack(): void {
    if (this.#packed === null) return
    const later = this.#ring
    const whole = new OutputRing(RING_BYTES_MAX, this.#packed.start)
    whole.append(inflateRawSync(this.#packed.bytes))
    const rest = later?.read(later.start, later.end - later.start) ?? null
    if (rest !== null) whole.append(rest)
    this.#packed = null
    this.#ring = whole
  }
}
