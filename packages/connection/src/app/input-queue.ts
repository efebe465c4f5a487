import { ByteWriter } from '@latchkey/protocol/bytes'

/** Unacknowledged input is kept up to here; more is not taken, so that nothing taken is ever dropped. */
export const PENDING_BYTES_MAX = 1024 * 1024
/** Sent and not acknowledged: enough for 1 MB/s at 60 ms there and back, little enough that Ctrl-C is soon through. */
export const IN_FLIGHT_BYTES_MAX = 64 * 1024
/** Older than this at a reconnection, input is sent only when the person still wants it. */
export const HELD_AFTER_MS = 10_000

interface Chunk {
  readonly bytes: Uint8Array
  readonly typedAtMs: number
}

export interface InputSlice {
  /** offset of the first byte in all that this writer has typed */
  readonly seq: number
  readonly bytes: Uint8Array
}

/** The outcome of the machine's answer to `attach`, for the input that waits. */
export type Resumed =
  | 'goes-on'
  | 'held'
  /** the machine has forgotten this writer, so it is unknown how much was typed: take a new writer with `renew` */
  | 'forgotten'

/**
 * The input of one writer to one terminal that the machine has not acknowledged. Every byte keeps its offset until it is
 * acknowledged, so sending it again can not double it. Nothing leaves between `lost` and `resume`.
 */
export class InputQueue {
  #chunks: Chunk[] = []
  /** acknowledged up to here; the first chunk begins here */
  #base = 0
  #sent = 0
  #end = 0
  #attached = false
  /** input below this offset waits for an answer, and all above it waits too, since order is order */
  #heldUpTo: number | null = null

  get pendingByteCount(): number {
    return this.#end - this.#base
  }

  get heldByteCount(): number {
    return this.#heldUpTo === null ? 0 : this.#heldUpTo - this.#base
  }

  /** How many more bytes `type` takes now. */
  get room(): number {
    return PENDING_BYTES_MAX - this.pendingByteCount
  }

  /** When the oldest unacknowledged byte was typed, or null. */
  get oldestAtMs(): number | null {
    return this.#chunks[0]?.typedAtMs ?? null
  }

  /** False when there is no room: nothing of it is taken then. */
  type(bytes: Uint8Array, nowMs: number): boolean {
    if (bytes.length === 0) return true
    if (bytes.length > this.room) return false
    this.#chunks.push({ bytes: bytes.slice(), typedAtMs: nowMs })
    this.#end += bytes.length
    return true
  }

  /** The next bytes to send, at most `bytesMax`; null when there is nothing to send now. Counts them as sent. */
  next(bytesMax: number): InputSlice | null {
    if (!this.#attached || this.#heldUpTo !== null) return null
    const to = Math.min(this.#end, this.#sent + bytesMax, this.#base + IN_FLIGHT_BYTES_MAX)
    if (to <= this.#sent) return null
    const slice = { seq: this.#sent, bytes: this.#read(this.#sent, to) }
    this.#sent = to
    return slice
  }

  /** The machine has typed everything below `upTo`. An acknowledgement of bytes that were never sent changes nothing. */
  acknowledge(upTo: number): void {
    if (this.#attached && upTo > this.#base && upTo <= this.#sent) this.#forgetBelow(upTo)
  }

  lost(): void {
    this.#attached = false
  }

  /**
   * The machine goes on from `applied`. Later bytes are sent again, unless the connection was lost and they waited too long:
   * then the person is asked. A slow program within one connection is no reason to ask.
   */
  resume(applied: number, nowMs: number, wasLost = true): Resumed {
    if (applied < this.#base || applied > this.#end) return 'forgotten'
    this.#forgetBelow(applied)
    this.#sent = applied
    this.#attached = true
    const oldestAtMs = this.oldestAtMs
    if (wasLost && oldestAtMs !== null && nowMs - oldestAtMs > HELD_AFTER_MS) this.#heldUpTo = this.#end
    return this.#heldUpTo === null ? 'goes-on' : 'held'
  }

  /** Begins at offset 0 for another writer. The pending input may have been typed or not, so it is held. */
  renew(): void {
    this.#renumber()
    this.#heldUpTo = this.pendingByteCount > 0 ? this.#end : null
  }

  /** The person wants it: it counts as typed now. */
  sendHeld(nowMs: number): void {
    if (this.#heldUpTo === null) return
    this.#heldUpTo = null
    this.#chunks = this.#chunks.map(({ bytes }) => ({ bytes, typedAtMs: nowMs }))
  }

  /**
   * Forgets the held input. The rest begins at offset 0 of another writer, which must be attached next: the offsets in a late
   * copy of the discarded input then mean nothing.
   */
  discardHeld(): void {
    if (this.#heldUpTo === null) return
    this.#forgetBelow(this.#heldUpTo)
    this.#heldUpTo = null
    this.#renumber()
  }

  /** A copy of the pending bytes, or of the held ones. */
  read(which: 'pending' | 'held'): Uint8Array {
    return this.#read(this.#base, which === 'held' ? (this.#heldUpTo ?? this.#base) : this.#end)
  }

  #renumber(): void {
    this.#end -= this.#base
    this.#base = 0
    this.#sent = 0
    this.#attached = false
  }

  #forgetBelow(upTo: number): void {
    let first = this.#chunks[0]
    while (first !== undefined && this.#base + first.bytes.length <= upTo) {
      this.#base += first.bytes.length
      this.#chunks.shift()
      first = this.#chunks[0]
    }
    if (first !== undefined && this.#base < upTo) {
      this.#chunks[0] = { ...first, bytes: first.bytes.subarray(upTo - this.#base) }
      this.#base = upTo
    }
    if (this.#heldUpTo !== null && this.#heldUpTo <= this.#base) this.#heldUpTo = null
  }

  #read(from: number, to: number): Uint8Array {
    const out = new ByteWriter(to - from)
    let at = this.#base
    for (const { bytes } of this.#chunks) {
      if (at >= to) break
      const begin = Math.max(from - at, 0)
      if (begin < bytes.length) out.put(bytes.subarray(begin, Math.min(bytes.length, to - at)))
      at += bytes.length
    }
    return out.bytes
  }
}
