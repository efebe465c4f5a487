/**
 * Joins a PTY's many small reads (at most 4 KiB each) into few frames. The first bytes after a quiet moment leave at once,
 * so that an echo waits for nothing; what follows within the next 2 ms leaves together. (A `setImmediate` would join
 * nothing: libuv reads a PTY once a turn.)
 */
export const COALESCE_MS = 2
export const COALESCE_BYTES_MAX = 32 * 1024

export class Coalescer {
  #parts: Uint8Array[] = []
  #byteCount = 0
  #timer: NodeJS.Timeout | null = null
  #flushedAtMs = Number.NEGATIVE_INFINITY
  readonly #out: (bytes: Uint8Array<ArrayBuffer>) => void

  /** `out` owns the bytes that it gets. */
  constructor(out: (bytes: Uint8Array<ArrayBuffer>) => void) {
    this.#out = out
  }

  push(bytes: Uint8Array): void {
    this.#parts.push(bytes)
    this.#byteCount += bytes.length
    if (this.#byteCount >= COALESCE_BYTES_MAX) return this.flush()
    if (this.#timer !== null) return
    if (performance.now() - this.#flushedAtMs > COALESCE_MS) return this.flush()
    this.#timer = setTimeout(() => this.flush(), COALESCE_MS)
  }

  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#flushedAtMs = performance.now()
    if (this.#byteCount === 0) return
    const whole = new Uint8Array(this.#byteCount)
    let at = 0
    for (const part of this.#parts) {
      whole.set(part, at)
      at += part.length
    }
    this.#parts = []
    this.#byteCount = 0
    this.#out(whole)
  }
}
