/** Nothing of the machine for so long after a question: the link is no longer called live. */
const SILENT_AFTER_MS = 3_000
/** … and for so long: it is given up. Less than what input may wait before a person is asked about it. */
const DEAD_AFTER_MS = 6_000
/** A question without an answer for so long ends the link, however much arrives: this end is no longer heard. */
const UNHEARD_AFTER_MS = 20_000

export type Verdict =
  /** asked, and not answered yet for the first time */
  'unproven' | 'alive' | 'silent' | 'dead'

/** The life of one connection, by its questions and answers and by all else that the machine has said. */
export class KeepAlive {
  #lastHeardMs: number
  #asked = new Map<number, number>()
  #nextId = 1
  #roundTripMs: number | null = null

  constructor(nowMs: number) {
    this.#lastHeardMs = nowMs
  }

  get lastHeardMs(): number {
    return this.#lastHeardMs
  }

  /** The newest round trip; null before the first answer. */
  get roundTripMs(): number | null {
    return this.#roundTripMs
  }

  heard(nowMs: number): void {
    this.#lastHeardMs = nowMs
  }

  /** The id of a question that is asked now. */
  ask(nowMs: number): number {
    const id = this.#nextId++
    this.#asked.set(id, nowMs)
    return id
  }

  /** The round trip that this answer measured; null for an answer without a question. It answers every earlier question too. */
  answer(id: number, nowMs: number): number | null {
    const askedMs = this.#asked.get(id)
    if (askedMs === undefined) return null
    for (const earlier of [...this.#asked.keys()]) if (earlier <= id) this.#asked.delete(earlier)
    this.#roundTripMs = nowMs - askedMs
    return this.#roundTripMs
  }

  /** Whether a question waits for its answer. */
  get isAsking(): boolean {
    return this.#asked.size > 0
  }

  hasAnswered(id: number): boolean {
    return !this.#asked.has(id)
  }

  verdict(nowMs: number): Verdict {
    const [oldestMs] = this.#asked.values()
    if (oldestMs === undefined) return this.#roundTripMs === null ? 'unproven' : 'alive'
    const silentMs = nowMs - Math.max(oldestMs, this.#lastHeardMs)
    if (silentMs > DEAD_AFTER_MS || nowMs - oldestMs > UNHEARD_AFTER_MS) return 'dead'
    if (silentMs > SILENT_AFTER_MS) return 'silent'
    return this.#roundTripMs === null ? 'unproven' : 'alive'
  }
}
