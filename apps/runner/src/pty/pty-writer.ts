import { writeSync } from 'node:fs'

/** A program that does not read is looked at this often, sooner at first: most read within a millisecond. */
const RETRY_MS_MIN = 1
const RETRY_MS_MAX = 20

/**
 * Writes to a PTY's master without ever waiting for the program behind it. libuv takes a master for a terminal that can
 * only be written to blockingly, and turns in a loop until the program reads. A program that itself waits for its output
 * to be read (`cat`, 4 KiB into a paste) then never reads: the whole runner would stand still for good.
 */
export class PtyWriter {
  readonly #masterFd: number
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #retryMs = RETRY_MS_MIN
  #timer: NodeJS.Timeout | null = null
  #ended = false

  constructor(masterFd: number) {
    this.#masterFd = masterFd
  }

  /** bytes that the PTY has not taken yet */
  get waitingBytes(): number {
    return this.#waitingBytes
  }

  write(bytes: Uint8Array): void {
    if (this.#ended || bytes.length === 0) return
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    if (this.#timer === null) this.#flush()
  }

  /** The descriptor is not ours any more. */
  end(): void {
    this.#ended = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#waiting = []
    this.#waitingBytes = 0
  }

  #flush(): void {
    this.#timer = null
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const taken = this.#writeNow(next)
      this.#waitingBytes -= taken
      if (taken === next.length) this.#waiting.shift()
      else {
        this.#waiting[0] = next.subarray(taken)
        this.#timer = setTimeout(() => this.#flush(), this.#retryMs)
        this.#retryMs = taken > 0 ? RETRY_MS_MIN : Math.min(this.#retryMs * 2, RETRY_MS_MAX)
        return
      }
      this.#retryMs = RETRY_MS_MIN
    }
  }

  /** How many bytes the PTY took. Bytes for a closed PTY count as taken. */
  #writeNow(bytes: Uint8Array): number {
    try {
      return writeSync(this.#masterFd, bytes)
    } catch (problem) {
      const isFull = problem instanceof Error && 'code' in problem && problem.code === 'EAGAIN'
      return isFull ? 0 : bytes.length
    }
  }
}
