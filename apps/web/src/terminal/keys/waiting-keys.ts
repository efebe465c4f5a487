import type { Typed } from '@latchkey/connection/app/link'

/** Longer than any key and most lines. A longer piece is a paste, which is refused as a whole and can be repeated. */
const KEY_BYTES_MAX = 1_024
/** More than a person types while a paste is on its way. */
const WAITING_BYTES_MAX = 64 * 1_024

/**
 * Keys typed while the queue to the machine is full. They wait here, in their order, until it has room: a dropped key would
 * leave a hole in the text. A long paste is refused before its first byte.
 */
export class WaitingKeys {
  readonly #type: (bytes: Uint8Array) => Typed
  #waiting: Uint8Array[] = []
  #waitingBytes = 0

  /** @param type takes all of a piece or nothing */
  constructor(type: (bytes: Uint8Array) => Typed) {
    this.#type = type
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  type(bytes: Uint8Array): Typed {
    if (this.isEmpty) {
      const typed = this.#type(bytes)
      if (typed !== 'full') return typed
    }
    if (bytes.length > KEY_BYTES_MAX || this.#waitingBytes + bytes.length > WAITING_BYTES_MAX) return 'full'
    this.#waiting.push(bytes.slice())
    this.#waitingBytes += bytes.length
    return 'taken'
  }

  /** The queue may have room again. */
  drain(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const typed = this.#type(next)
      if (typed === 'full') return
      this.#waiting.shift()
      this.#waitingBytes -= next.length
    }
  }
}
