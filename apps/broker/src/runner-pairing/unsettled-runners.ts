import { parseRunnerId, type RunnerId } from '@latchkey/domain/runner-pairing/records'
import type { Log } from '../log/log.ts'
import { safe } from '../shell/safe.ts'

const LOOKED_AT_EVERY_MS = 5_000

/**
 * Runners whose record may say that they are connected here though they are not: the store was away when they left or came.
 * Such a record would make a ghost of them for as long as this broker lives, so each is looked at until the store has answered.
 */
export class UnsettledRunners {
  readonly #unsure = new Set<string>()
  /** how many registrations of a runner are under way: what the store says of it may be older than they are */
  readonly #coming = new Map<string, number>()
  readonly #timer: NodeJS.Timeout

  /** @param settle puts one runner's record right; rejects when the store is away */
  constructor(
    log: Log,
    private readonly settle: (runnerId: RunnerId) => Promise<void>,
  ) {
    this.#timer = setInterval(
      safe(log, 'presence.failed', () => this.#lookAgain()),
      LOOKED_AT_EVERY_MS,
    )
    this.#timer.unref()
  }

  add(runnerId: string): void {
    this.#unsure.add(runnerId)
  }

  isComing(runnerId: string): boolean {
    return this.#coming.has(runnerId)
  }

  /** Runs a registration. The outcome of one that failed is unknown, and is found out later. */
  async registering<Result>(runnerId: string, register: () => Promise<Result>): Promise<Result> {
    this.#coming.set(runnerId, (this.#coming.get(runnerId) ?? 0) + 1)
    try {
      return await register()
    } catch (problem) {
      this.#unsure.add(runnerId)
      throw problem
    } finally {
      const left = (this.#coming.get(runnerId) ?? 1) - 1
      if (left > 0) this.#coming.set(runnerId, left)
      else this.#coming.delete(runnerId)
    }
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #lookAgain(): Promise<void> {
    for (const id of [...this.#unsure]) {
      if (this.#coming.has(id)) continue
      const runnerId = parseRunnerId(id)
      if (runnerId !== null) await this.settle(runnerId)
      if (!this.#coming.has(id)) this.#unsure.delete(id)
    }
  }
}
