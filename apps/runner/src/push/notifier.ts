import type { Cancel, Platform } from '@latchkey/connection/transport'
import { BoundedMap } from '@latchkey/domain/bounded'
import { Burst } from './burst.ts'
import type { PushNews } from './notify.ts'
import type { PushBook } from './push-book.ts'
import { wants } from './push-rules.ts'
import type { PushSender } from './push-sender.ts'

/** An adapter's question comes a moment before or after the status that it causes: a person is called once. */
const NEEDS_HELD_MS = 500
const QUESTION_COVERS_MS = 5_000
/** A person at the terminal has seen the outcome by then. */
const OUTCOME_HELD_MS = 8_000
/** more than a machine has terminals */
const TERMINALS_MAX = 64

const HELD_MS: Readonly<Record<PushNews['kind'], number>> = {
  question: 0,
  'needs-you': NEEDS_HELD_MS,
  failed: OUTCOME_HELD_MS,
  done: OUTCOME_HELD_MS,
}

export interface NotifierOptions {
  readonly clock: Pick<Platform, 'nowMs' | 'after'>
  /** the time of day, epoch milliseconds */
  readonly timeMs: () => number
  readonly book: PushBook
  readonly sender: Pick<PushSender, 'send'>
  /** an app has this terminal in front */
  readonly isLookedAt: (terminal: number) => boolean
}

/** Holds news back until it is clear that no app shows it, and gives it to each app that wants to be called. */
export class Notifier {
  readonly #options: NotifierOptions
  /** by terminal: the newest news, and the end of its waiting */
  readonly #held = new Map<number, Cancel>()
  /** by terminal: when an agent asked last */
  readonly #asked = new BoundedMap<number, number>(TERMINALS_MAX)
  readonly #bursts = new Map<string, Burst>()
  #stopped = false

  constructor(options: NotifierOptions) {
    this.#options = options
  }

  notify(news: PushNews): void {
    const { clock, isLookedAt } = this.#options
    const { terminal, kind } = news
    if (this.#stopped || isLookedAt(terminal)) return
    if (kind === 'question') this.#asked.renew(terminal, clock.nowMs())
    const askedAtMs = this.#asked.get(terminal)
    const isCovered = askedAtMs !== undefined && clock.nowMs() - askedAtMs < QUESTION_COVERS_MS
    if (kind === 'needs-you' && isCovered) return
    this.#held.get(terminal)?.()
    this.#held.delete(terminal)
    if (HELD_MS[kind] === 0) return this.#call(news)
    if (this.#held.size >= TERMINALS_MAX) return
    this.#held.set(
      terminal,
      clock.after(HELD_MS[kind], () => {
        this.#held.delete(terminal)
        this.#call(news)
      }),
    )
  }

  /** This terminal's news is old: its program goes on, somebody looks, or it is no more. */
  settle(terminal: number): void {
    this.#held.get(terminal)?.()
    this.#held.delete(terminal)
    for (const burst of this.#bursts.values()) burst.settle(terminal)
  }

  /** This app is not called any more. */
  forget(app: string): void {
    this.#bursts.get(app)?.stop()
    this.#bursts.delete(app)
  }

  stop(): void {
    this.#stopped = true
    for (const cancel of this.#held.values()) cancel()
    this.#held.clear()
    for (const app of [...this.#bursts.keys()]) this.forget(app)
  }

  #call(news: PushNews): void {
    const { book, timeMs, isLookedAt } = this.#options
    if (isLookedAt(news.terminal)) return
    for (const { app, rules } of book.all) if (wants(rules, news, timeMs())) this.#burst(app).take(news)
  }

  #burst(app: string): Burst {
    const known = this.#bursts.get(app)
    if (known !== undefined) return known
    const { clock, sender, isLookedAt } = this.#options
    const burst = new Burst(clock, (all) =>
      sender.send(
        app,
        all.filter(({ terminal }) => !isLookedAt(terminal)),
      ),
    )
    this.#bursts.set(app, burst)
    return burst
  }
}
