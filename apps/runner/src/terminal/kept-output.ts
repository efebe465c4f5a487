import { type Kept, OutputRing } from '@latchkey/domain/terminal/output-ring'

/**
 * A terminal's kept output, as its runner has it from the keeper: all of it, some while it arrives, or nothing but its offsets
 * while the terminal rests.
 */
export class KeptOutput implements Kept {
  #ring: OutputRing | null = null
  #start: number
  #end: number
  /** what came last, while viewers are sent it: they need no copy */
  #newest: Uint8Array | null = null

  constructor({ start, end }: Kept) {
    this.#start = start
    this.#end = end
  }

  get start(): number {
    return Math.max(this.#start, this.#ring?.start ?? 0)
  }

  get end(): number {
    return Math.max(this.#end, this.#ring?.end ?? 0)
  }

  get bytesMax(): number {
    return (this.#ring ?? NONE).bytesMax
  }

  /** The bytes of [start, end) arrive next. */
  begin({ start, end }: Kept): void {
    this.#ring = new OutputRing(undefined, start)
    this.#start = start
    this.#end = end
  }

  /** Whether bytes at `offset` are the next ones. */
  isNext(offset: number): boolean {
    return this.#ring?.end === offset
  }

  append(bytes: Uint8Array): void {
    this.#ring?.append(bytes)
    this.#newest = bytes
  }

  /** The same bytes, whose buffer changes hands: from now on they are read from the ring. */
  givenAway<Bytes extends Uint8Array>(bytes: Bytes): Bytes {
    this.#newest = null
    return bytes
  }

  /**
   * At most `bytesMax` bytes from `from` on, to be used at once: they may be a view of those that came last. Null when not all of
   * them are here.
   */
  read(from: number, bytesMax: number): Uint8Array | null {
    if (this.#ring === null || Math.min(from + bytesMax, this.end) > this.#ring.end) return null
    const newest = this.#newest
    const at = newest === null ? -1 : from - (this.#ring.end - newest.length)
    if (newest !== null && at >= 0) return newest.subarray(at, at + bytesMax)
    return this.#ring.read(from, bytesMax)
  }

  /** The keeper has it; here it is forgotten. */
  rest(): void {
    this.#start = this.start
    this.#end = this.end
    this.#ring = null
  }

  /** Something was printed that did not come here. */
  printedUpTo(end: number): void {
    this.#end = Math.max(this.#end, end)
  }
}

/** How much a ring keeps, where there is none. */
const NONE = new OutputRing()
