import type { Typed } from './link.ts'

/**
 * While the person is asked about input that waited too long, the source is read on, since the answer comes from there as
 * well: up to so much. More input than this makes the source wait, as it does without a question.
 */
const ASIDE_BYTES_MAX = 16 * 1024 * 1024

/** Where input comes from, and goes. */
export interface InputGateOptions {
  /** Takes all of `bytes` or nothing of it: `TerminalWatch.type`. */
  readonly type: (bytes: Uint8Array) => Typed
  /** How many bytes `type` would take now: `TerminalWatch.room`. */
  readonly room: () => number
  /** Stops reading for now. Further input waits in the pipe or the terminal that it comes from. */
  readonly pause: () => void
  /** Goes on reading. Called only after `pause`. */
  readonly resume: () => void
}

/**
 * Stands between a source of input that can be made to wait (a terminal, a pipe) and the queue of a watch, which takes 1 MiB
 * that the machine has not acknowledged. Input without room waits here, at most one reading of it, and the source waits too:
 * no byte is ever left out in the middle. A source that cannot wait (a paste in a page) asks for `TerminalWatch.room` and is
 * refused as a whole.
 *
 * The owner of the gate calls `pump` whenever `TerminalWatch.pending` changes.
 */
export class InputGate {
  readonly #options: InputGateOptions
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #isPaused = false
  #isAsking = false
  #isPumping = false

  constructor(options: InputGateOptions) {
    this.#options = options
  }

  /** Bytes that were read and have found no room yet. */
  get waitingByteCount(): number {
    return this.#waitingBytes
  }

  /** Whether the source is made to wait. */
  get isPaused(): boolean {
    return this.#isPaused
  }

  /** Types `bytes`, now or as soon as there is room. Never answers `full`. */
  offer(bytes: Uint8Array): Exclude<Typed, 'full'> {
    if (bytes.length === 0) return 'taken'
    // The source may reuse its memory.
    this.#waiting.push(bytes.slice())
    this.#waitingBytes += bytes.length
    return this.pump()
  }

  /** There may be room again. */
  pump(): Exclude<Typed, 'full'> {
    // Typing changes the pending input, which calls this again.
    if (this.#isPumping) return 'taken'
    this.#isPumping = true
    const outcome = this.#typeWhatFits()
    this.#isPumping = false
    this.#settle()
    return outcome
  }

  #typeWhatFits(): Exclude<Typed, 'full'> {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const part = first.subarray(0, this.#options.room())
      const typed = part.length === 0 ? 'full' : this.#options.type(part)
      if (typed === 'full') break
      // Nothing is typed any more, whatever waits: it would wait for ever.
      if (typed !== 'taken') {
        this.#waiting = []
        this.#waitingBytes = 0
        return typed
      }
      this.#waitingBytes -= part.length
      if (part.length === first.length) this.#waiting.shift()
      else this.#waiting[0] = first.subarray(part.length)
    }
    return 'taken'
  }

  /** The person is asked something whose answer comes from the same source: it must be readable. */
  asking(isAsking: boolean): void {
    this.#isAsking = isAsking
    this.#settle()
  }

  #settle(): void {
    const wait = this.#waitingBytes > (this.#isAsking ? ASIDE_BYTES_MAX : 0)
    if (wait === this.#isPaused) return
    this.#isPaused = wait
    if (wait) this.#options.pause()
    else this.#options.resume()
  }
}
