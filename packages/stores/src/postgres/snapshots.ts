import type { Instant } from '@latchkey/domain/kernel'
import { StoreUnavailable } from '../store-unavailable.ts'
import type { PostgresDatabase } from './database.ts'
import type { Query } from './query.ts'

/** Looks that one snapshot answers: a few milliseconds' worth, so that the first of them does not wait for many others. */
const LOOKS_PER_SNAPSHOT = 16
/** Each takes a connection of the pool, of which writers need some too. */
const SNAPSHOTS_MAX = 4
/** Beyond this many a new one is refused: it would wait longer than anybody wants to. */
const WAITING_MAX = 8_192

/** One look at the database. It reads, and writes nothing. */
interface Look {
  /** Rejects with StoreUnavailable only: then the snapshot is of no use to the others either. */
  readonly answer: (query: Query, now: Instant) => Promise<void>
  readonly fail: (problem: unknown) => void
}

/**
 * Reads that only look, each from a snapshot that was taken after it was asked for. Those that are asked for together share one:
 * when ten thousand machines come back at once, a transaction for each is what the pool has no connections for.
 */
export class Snapshots {
  readonly #db: PostgresDatabase
  readonly #begin: (query: Query) => Promise<Instant>
  #waiting: Look[] = []
  #open = 0

  /** @param begin the first statements of a snapshot; answers with the store's time */
  constructor(db: PostgresDatabase, begin: (query: Query) => Promise<Instant>) {
    this.#db = db
    this.#begin = begin
  }

  look<T>(read: (query: Query, now: Instant) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#waiting.length >= WAITING_MAX) return reject(new StoreUnavailable('too much waits for it'))
      this.#waiting.push({
        answer: (query, now) =>
          read(query, now).then(resolve, (problem: unknown) => {
            if (problem instanceof StoreUnavailable) throw problem
            // A bug in one decision is not the others' affair.
            reject(problem)
          }),
        fail: reject,
      })
      // Those of the same turn travel together.
      if (this.#waiting.length === 1) queueMicrotask(() => this.#next())
    })
  }

  #next(): void {
    while (this.#waiting.length > 0 && this.#open < SNAPSHOTS_MAX) {
      this.#open++
      void this.#answer(this.#waiting.splice(0, LOOKS_PER_SNAPSHOT)).finally(() => {
        this.#open--
        this.#next()
      })
    }
  }

  async #answer(looks: readonly Look[]): Promise<void> {
    try {
      await this.#db.transaction(async (query) => {
        const now = await this.#begin(query)
        for (const look of looks) await look.answer(query, now)
      })
    } catch (problem) {
      // Those that wait would wait for the same silence: they are told too. One that has its answer hears nothing of it.
      const waiting = this.#waiting
      this.#waiting = []
      for (const look of [...looks, ...waiting]) look.fail(problem)
    }
  }
}
