/** Input that the program has not read yet is acknowledged when there is less than this of it: so a paste waits, in the app. */
const UNREAD_BYTES_MAX = 64 * 1024
const LOOK_EVERY_MS = 20
/** An acknowledgement lets the echo of the same key go first, and fast typing is acknowledged together. */
const ACKNOWLEDGE_AFTER_MS = 5

/** Says which input was typed, when the program's side has room for more. */
export class TypedAcks {
  readonly #waiting = new Map<string, number>()
  readonly #unreadBytes: () => number
  readonly #tell: (writer: string, upTo: number) => void
  #timer: NodeJS.Timeout | null = null

  /** @param unreadBytes bytes that the PTY has not taken yet */
  constructor(unreadBytes: () => number, tell: (writer: string, upTo: number) => void) {
    this.#unreadBytes = unreadBytes
    this.#tell = tell
  }

  add(writer: string, upTo: number): void {
    this.#waiting.set(writer, upTo)
    this.#timer ??= setTimeout(() => this.#look(), ACKNOWLEDGE_AFTER_MS)
  }

  /** Nothing is acknowledged any more. */
  clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#waiting.clear()
  }

  #look(): void {
    this.#timer = null
    if (this.#unreadBytes() > UNREAD_BYTES_MAX) {
      this.#timer = setTimeout(() => this.#look(), LOOK_EVERY_MS)
      return
    }
    for (const [writer, upTo] of this.#waiting) this.#tell(writer, upTo)
    this.#waiting.clear()
  }
}
