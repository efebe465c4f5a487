import type { Cancel, Platform } from '@latchkey/connection/transport'
import type { PushNews } from './notify.ts'

/** So many are sent as they come. One summary of what follows makes three in a burst. */
const AT_ONCE_MAX = 2
const FIRST_WINDOW_MS = 5_000
/** A machine that never calms down calls so often. */
const WINDOW_MS_MAX = 5 * 60_000
/** What could not be sent for so long is of no use any more. */
const NEWS_LIFE_MS = 15 * 60_000

type Clock = Pick<Platform, 'nowMs' | 'after'>

/** Sends one or more pieces of news as one notification. Answers when it may be tried again; null when it need not. */
export type SendNews = (news: readonly PushNews[]) => Promise<{ readonly againAfterMs: number } | null>

/**
 * The notifications to one app: the first ones at once, what follows within a few seconds together. Each full window is
 * followed by one twice as long, up to five minutes; an empty one ends the burst.
 */
export class Burst {
  readonly #clock: Clock
  readonly #send: SendNews
  /** by terminal, the newest alone */
  readonly #waiting = new Map<number, { readonly news: PushNews; readonly atMs: number }>()
  #sentAtOnce = 0
  #windowMs = FIRST_WINDOW_MS
  #cancel: Cancel | null = null
  #stopped = false

  constructor(clock: Clock, send: SendNews) {
    this.#clock = clock
    this.#send = send
  }

  take(news: PushNews): void {
    if (this.#stopped) return
    if (this.#sentAtOnce >= AT_ONCE_MAX) return this.#wait(news, this.#clock.nowMs())
    this.#sentAtOnce += 1
    this.#cancel ??= this.#clock.after(this.#windowMs, () => this.#over())
    this.#go([{ news, atMs: this.#clock.nowMs() }])
  }

  /** This terminal is looked at, or is no more: nothing that waits is sent about it. */
  settle(terminal: number): void {
    this.#waiting.delete(terminal)
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
    this.#waiting.clear()
  }

  #wait(news: PushNews, atMs: number): void {
    this.#waiting.delete(news.terminal)
    this.#waiting.set(news.terminal, { news, atMs })
  }

  #over(): void {
    this.#cancel = null
    const oldestMs = this.#clock.nowMs() - NEWS_LIFE_MS
    const due = [...this.#waiting.values()].filter(({ atMs }) => atMs >= oldestMs)
    this.#waiting.clear()
    if (due.length === 0) {
      this.#sentAtOnce = 0
      this.#windowMs = FIRST_WINDOW_MS
      return
    }
    this.#windowMs = Math.min(WINDOW_MS_MAX, this.#windowMs * 2)
    this.#cancel = this.#clock.after(this.#windowMs, () => this.#over())
    this.#go(due)
  }

  #go(due: readonly { readonly news: PushNews; readonly atMs: number }[]): void {
    void this.#send(due.map(({ news }) => news)).then((again) => {
      if (again === null || this.#stopped) return
      // News that came meanwhile about the same terminal is newer.
      for (const { news, atMs } of due) if (!this.#waiting.has(news.terminal)) this.#wait(news, atMs)
      this.#sentAtOnce = AT_ONCE_MAX
      this.#cancel?.()
      this.#cancel = this.#clock.after(Math.max(again.againAfterMs, this.#windowMs), () => this.#over())
    })
  }
}
