/** Longer than a person needs to find their phone. */
const LIFE_MS = 10 * 60 * 1_000
/** Each is one run of the doctor; the oldest makes room for a new one. */
const MARKS_MAX = 256

interface Expected {
  readonly untilMs: number
  readonly visited: boolean
}

/** Marks that a doctor waits for, and whether another device has opened the URL with one. In memory: a restart forgets them. */
export class Visits {
  readonly #expected = new Map<string, Expected>()

  /** @param clock milliseconds since the epoch */
  constructor(private readonly clock: () => number) {}

  /** Whether the mark's URL was opened. A mark that is asked for the first time is expected from then on. */
  expect(mark: string): boolean {
    const known = this.#living(mark)
    if (known !== null) return known.visited
    const [oldest] = this.#expected.keys()
    if (this.#expected.size >= MARKS_MAX && oldest !== undefined) this.#expected.delete(oldest)
    this.#expected.set(mark, { untilMs: this.clock() + LIFE_MS, visited: false })
    return false
  }

  /** Notes that the mark's URL was opened; false when no doctor expects it. */
  visit(mark: string): boolean {
    const known = this.#living(mark)
    if (known === null) return false
    this.#expected.set(mark, { ...known, visited: true })
    return true
  }

  #living(mark: string): Expected | null {
    const known = this.#expected.get(mark)
    if (known === undefined || known.untilMs > this.clock()) return known ?? null
    this.#expected.delete(mark)
    return null
  }
}
