import type { Cancel, Platform } from '../transport.ts'

const ANSWER_WITHIN_MS = 10_000
/** Questions under way at once. More are refused: no app needs so many answers at once. */
const REQUESTS_MAX = 64

/** Questions to the machine that carry a number, until they are answered, time out or the connection ends. */
export class Requests<Answer> {
  readonly #platform: Platform
  readonly #open = new Map<
    number,
    { readonly settle: (answer: Answer | null) => void; readonly stop: Cancel }
  >()
  #next = 1

  constructor(platform: Platform) {
    this.#platform = platform
  }

  /** `ask` sends the question under its number, or says false when it cannot. Null: no answer. */
  ask(ask: (request: number) => boolean): Promise<Answer | null> {
    const request = this.#next++
    if (this.#open.size >= REQUESTS_MAX || !ask(request)) return Promise.resolve(null)
    return new Promise((resolve) => {
      const stop = this.#platform.after(ANSWER_WITHIN_MS, () => this.answer(request, null))
      this.#open.set(request, { settle: resolve, stop })
    })
  }

  answer(request: number, answer: Answer | null): void {
    const open = this.#open.get(request)
    if (open === undefined) return
    this.#open.delete(request)
    open.stop()
    open.settle(answer)
  }

  /** The connection is gone, so no answer will come. */
  abandon(): void {
    for (const request of [...this.#open.keys()]) this.answer(request, null)
  }
}
