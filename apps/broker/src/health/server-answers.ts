import type { HealthView } from '@latchkey/protocol/console'
import { type Needed, whyNoAnswer } from './needed.ts'

export type ServerView = NonNullable<HealthView['servers']>[number]

/** As long as a person looks at a figure before it is stale. */
const ASKED_EVERY_MS = 5_000

/** How the servers behind the store answered when they were asked last. Asked at the start, then while somebody looks. */
export class ServerAnswers {
  #askedAtMs = Number.NEGATIVE_INFINITY
  #found: readonly ServerView[]

  constructor(private readonly needed: Needed) {
    this.#found = Object.keys(needed).map((name) => ({ name, ok: true, tookMs: null }))
    // The first console shall see figures.
    this.look()
  }

  /** The last results. When they are old, starts another round for the next call. */
  look(): readonly ServerView[] {
    const nowMs = performance.now()
    if (this.#found.length > 0 && nowMs - this.#askedAtMs >= ASKED_EVERY_MS) {
      this.#askedAtMs = nowMs
      void this.#ask()
    }
    return this.#found
  }

  async #ask(): Promise<void> {
    this.#found = await Promise.all(
      Object.entries(this.needed).map(async ([name, ask]) => {
        const began = performance.now()
        const ok = (await whyNoAnswer(ask())) === null
        return { name, ok, tookMs: ok ? performance.now() - began : null }
      }),
    )
  }
}
