import { invariant } from '../kernel.ts'

/** What a terminal keeps of its output, so that a viewer can go on where it was: about 20,000 lines of text. */
export const RING_BYTES_MAX = 1024 * 1024
/** An idle terminal costs this much; the room doubles as output comes. */
const RING_BYTES_FIRST = 8 * 1024

/** The bytes [start, end) of everything a program has printed, counted from its beginning. */
export interface Kept {
  readonly start: number
  readonly end: number
}

/** The newest bytes of a terminal's output, found again by their absolute offset. Never holds more than `bytesMax`. */
export class OutputRing implements Kept {
  #room: Uint8Array<ArrayBuffer>
  #start = 0
  #end = 0
  readonly #bytesMax: number

  /** @param from the offset of the first byte that will be appended */
  constructor(bytesMax: number = RING_BYTES_MAX, from = 0) {
    invariant(bytesMax > 0, 'a ring keeps at least one byte')
    this.#start = from
    this.#end = from
    this.#bytesMax = bytesMax
    this.#room = new Uint8Array(Math.min(RING_BYTES_FIRST, bytesMax))
  }

  get start(): number {
    return this.#start
  }

  get end(): number {
    return this.#end
  }

  get bytesMax(): number {
    return this.#bytesMax
  }

  /** Copies `bytes` to the end; what no longer fits is forgotten at the beginning. */
  append(bytes: Uint8Array): void {
    const end = this.#end + bytes.length
    const newest = bytes.length > this.#bytesMax ? bytes.subarray(bytes.length - this.#bytesMax) : bytes
    this.#makeRoom(end - this.#start)
    this.#write(end - newest.length, newest)
    this.#end = end
    this.#start = Math.max(this.#start, end - this.#room.length)
  }

  /** A copy of at most `bytesMax` bytes from `from` on, or null when the ring does not hold `from` (any more, or yet). */
  read(from: number, bytesMax: number): Uint8Array<ArrayBuffer> | null {
    if (from < this.#start || from > this.#end) return null
    const count = Math.min(bytesMax, this.#end - from)
    const at = from % this.#room.length
    const out = this.#room.slice(at, at + count)
    if (out.length === count) return out
    const whole = new Uint8Array(count)
    whole.set(out)
    whole.set(this.#room.subarray(0, count - out.length), out.length)
    return whole
  }

  #makeRoom(bytesWanted: number): void {
    if (bytesWanted <= this.#room.length || this.#room.length === this.#bytesMax) return
    let roomBytes = this.#room.length
    while (roomBytes < Math.min(bytesWanted, this.#bytesMax)) roomBytes *= 2
    const kept = this.read(this.#start, this.#end - this.#start)
    invariant(kept !== null, 'a ring holds what it kept')
    this.#room = new Uint8Array(Math.min(roomBytes, this.#bytesMax))
    this.#write(this.#start, kept)
  }

  #write(offset: number, bytes: Uint8Array): void {
    const at = offset % this.#room.length
    const first = bytes.subarray(0, this.#room.length - at)
    this.#room.set(first, at)
    if (first.length < bytes.length) this.#room.set(bytes.subarray(first.length), 0)
  }
}
