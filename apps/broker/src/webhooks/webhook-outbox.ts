import { createHash, randomBytes } from 'node:crypto'
import { instant } from '@latchkey/domain/kernel'
import type { WebhookEvent } from '@latchkey/domain/webhooks/event'
import type { WebhookStore } from '@latchkey/domain/webhooks/ports'
import { failureFields, type Log } from '../log/log.ts'

/** An event as its teller knows it: id and moment are given here. */
export type Told = Pick<WebhookEvent, 'type' | 'subject' | 'data'>

const ID_BYTES = 16
const APPENDED_AT_ONCE_MAX = 200
/** A store that is away this long, on a busy broker, costs the oldest events. */
const WAITING_MAX = 10_000
const AGAIN_MS = 1_000

interface Parts {
  readonly store: WebhookStore
  readonly clock: () => number
  readonly log: Log
  /** called after events were kept */
  readonly onKept: () => void
}

/** A new id of an event. */
export const newEventId = (): string => `msg_${randomBytes(ID_BYTES).toString('hex')}`

/**
 * Keeps events of this broker in the order in which they were told, also over a store that is away for a while. Events of
 * device pairing do not come by here: they are written in the transaction of what they tell of.
 */
export class WebhookOutbox {
  readonly #waiting: WebhookEvent[] = []
  #isAppending = false
  #isStopped = false
  #timer: NodeJS.Timeout | null = null

  constructor(private readonly parts: Parts) {}

  /**
   * Tells of something. Answers at once.
   * @param once the same text means the same thing: several brokers that notice it tell of it once
   */
  tell(told: Told, once: string | null = null): void {
    const id =
      once === null
        ? newEventId()
        : `msg_${createHash('sha256')
            .update(once)
            .digest('hex')
            .slice(0, 2 * ID_BYTES)}`
    this.#waiting.push({ ...told, id, at: instant(Math.floor(this.parts.clock())) })
    if (this.#waiting.length > WAITING_MAX) {
      this.#waiting.shift()
      this.parts.log.error('webhooks.event-lost', { reason: 'the store has been away for too long' })
    }
    void this.#append()
  }

  /** Keeps the waiting events, in one try. */
  async stop(): Promise<void> {
    this.#isStopped = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.#append()
  }

  async #append(): Promise<void> {
    if (this.#isAppending) return
    this.#isAppending = true
    try {
      while (this.#waiting.length > 0) {
        const events = this.#waiting.slice(0, APPENDED_AT_ONCE_MAX)
        await this.parts.store.append(events)
        // New ones may have pushed out old ones meanwhile.
        for (const event of events) if (this.#waiting[0] === event) this.#waiting.shift()
        this.parts.onKept()
      }
    } catch (problem) {
      this.parts.log.warn('webhooks.not-kept', failureFields(problem))
      if (!this.#isStopped) this.#timer ??= setTimeout(() => this.#again(), AGAIN_MS).unref()
    } finally {
      this.#isAppending = false
    }
  }

  #again(): void {
    this.#timer = null
    void this.#append()
  }
}
