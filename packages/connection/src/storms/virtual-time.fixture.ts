import type { Cancel } from '../transport.ts'

/** Time that passes only as far as something happens in it. Two things of one moment happen in the order in which they were asked for. */
export class VirtualTime {
  nowMs = 0
  /** a binary heap, the earliest first */
  readonly #heap: Due[] = []
  #asked = 0

  after(delayMs: number, run: () => void): Cancel {
    const due: Due = { atMs: this.nowMs + Math.max(0, delayMs), order: this.#asked++, run }
    this.#heap.push(due)
    this.#rise(this.#heap.length - 1)
    return () => {
      due.run = null
    }
  }

  /** Lets everything happen that is due until then. */
  passUntil(untilMs: number): void {
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= untilMs; next = this.#heap[0]) {
      this.#take()
      this.nowMs = next.atMs
      next.run?.()
    }
    this.nowMs = untilMs
  }

  #take(): void {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) return
    this.#heap[0] = last
    this.#sink(0)
  }

  #rise(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1
      if (!this.#swapIfLater(parent, at)) return
      at = parent
    }
  }

  #sink(from: number): void {
    for (let at = from; ; ) {
      const left = 2 * at + 1
      const right = left + 1
      const child = this.#isBefore(right, left) ? right : left
      if (!this.#swapIfLater(at, child)) return
      at = child
    }
  }

  #isBefore(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one], this.#heap[other]]
    if (a === undefined || b === undefined) return false
    return a.atMs === b.atMs ? a.order < b.order : a.atMs < b.atMs
  }

  #swapIfLater(parent: number, child: number): boolean {
    const [above, below] = [this.#heap[parent], this.#heap[child]]
    if (above === undefined || below === undefined || !this.#isBefore(child, parent)) return false
    this.#heap[parent] = below
    this.#heap[child] = above
    return true
  }
}

interface Due {
  readonly atMs: number
  readonly order: number
  /** null when it was called off */
  run: (() => void) | null
}

/** Uniform bytes that depend on the seed alone (mulberry32). */
export function seededBytes(seed: number): (byteCount: number) => Uint8Array {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  return (byteCount) => {
    const bytes = new Uint8Array(byteCount)
    for (let at = 0; at < byteCount; at++) bytes[at] = next() & 0xff
    return bytes
  }
}
