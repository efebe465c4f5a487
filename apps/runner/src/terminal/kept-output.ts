import { type Kept, OutputRing } from '@latchkey/domain/terminal/output-ring'

/**
 * A terminal's kept output, as its runner has it from the keeper: all of it, some while it arrives, or nothing but its offsets
 * while the terminal rests.
 */
export class KeptOutput implements Kept {
  #ring: OutputRing | null = null
  #start: number
  #end: number

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
  }

  /** At most `bytesMax` bytes from `from` on; null when not all of them are here. */
  read(from: number, bytesMax: number): Uint8Array | null {
    if (this.#ring === null || Math.min(from + bytesMax, this.end) > this.#ring.end) return null
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
