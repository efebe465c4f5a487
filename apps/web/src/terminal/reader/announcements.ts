import type { Card } from './card.ts'

/** A screen reader is told of finished commands so often, not of each in a loop. */
export const SPEAK_EVERY_MS = 3_000

/** The newest command that has finished, to be spoken, and the number of others since the last time. */
export interface Announcement {
  readonly card: Card
  readonly others: number
}

/** The commands that ran before and have ended now. */
export function finishedOf(before: readonly Card[], now: readonly Card[]): readonly Card[] {
  const known = new Map(before.map((card) => [card.key, card]))
  const isFirst = before.length === 0
  return now.filter((card) => {
    const isEnded = card.command !== null && !card.runs
    return isEnded && !isFirst && known.get(card.key)?.runs !== false
  })
}

/** Collects finished commands, and hands them over when they may be spoken. */
export class Announcements {
  #waiting: Announcement | null = null
  #spokenAtMs = Number.NEGATIVE_INFINITY

  add(finished: readonly Card[]): void {
    const card = finished.at(-1)
    if (card === undefined) return
    const earlier = this.#waiting === null ? 0 : this.#waiting.others + 1
    this.#waiting = { card, others: earlier + finished.length - 1 }
  }

  /** What to speak now; null for nothing. `waitMs` until it may be asked again, null when nothing waits. */
  next(nowMs: number): { readonly spoken: Announcement | null; readonly waitMs: number | null } {
    const waiting = this.#waiting
    if (waiting === null) return { spoken: null, waitMs: null }
    const waitMs = this.#spokenAtMs + SPEAK_EVERY_MS - nowMs
    if (waitMs > 0) return { spoken: null, waitMs }
    this.#waiting = null
    this.#spokenAtMs = nowMs
    return { spoken: waiting, waitMs: null }
  }
}
