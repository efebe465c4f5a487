import type { AppEnd } from './channels.ts'

/** The apps' ends of one broker, found by session without looking at the others. Those of one session come oldest first. */
export class AppEnds implements Iterable<AppEnd> {
  readonly #bySession = new Map<string, Set<AppEnd>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  add(app: AppEnd): void {
    const own = this.#bySession.get(app.holder.appSessionId)
    if (own === undefined) this.#bySession.set(app.holder.appSessionId, new Set([app]))
    else own.add(app)
    this.#size += 1
  }

  /** Twice is once. */
  delete(app: AppEnd): void {
    const { appSessionId } = app.holder
    const own = this.#bySession.get(appSessionId)
    if (own === undefined || !own.delete(app)) return
    if (own.size === 0) this.#bySession.delete(appSessionId)
    this.#size -= 1
  }

  /** As they are now: what the caller ends does not disturb it. */
  of(appSessionId: string): readonly AppEnd[] {
    return [...(this.#bySession.get(appSessionId) ?? [])]
  }

  clear(): void {
    this.#bySession.clear()
    this.#size = 0
  }

  *[Symbol.iterator](): Iterator<AppEnd> {
    for (const own of this.#bySession.values()) yield* own
  }
}
