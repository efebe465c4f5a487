import { type Attempted, settle } from '@latchkey/domain/webhooks/delivery'
import type { DueDelivery, Settling, WebhookStore } from '@latchkey/domain/webhooks/ports'
import type { WebhookRules } from '@latchkey/domain/webhooks/rules'
import { failureFields, type Log } from '../log/log.ts'

/** Sends one event; settles in bounded time. */
export type Attempt = (due: DueDelivery) => Promise<Attempted>

interface Parts {
  readonly store: WebhookStore
  readonly rules: WebhookRules
  readonly attempt: Attempt
  /** the longest that an attempt takes, milliseconds */
  readonly attemptMsMax: number
  /** the store's time, milliseconds since the epoch */
  readonly clock: () => number
  readonly log: Log
  /** names this process: no two that ever lived have the same */
  readonly instance: string
  /** whether no other broker can work on the store */
  readonly isAlone: boolean
  readonly leaseMs: number
}

/** Other brokers append, and a transaction of device pairing tells this part nothing: so often it looks by itself. */
const LOOK_EVERY_MS = 1_000
/** An attempt that is under way when the broker stops is waited for this long; afterwards it is made again by the next one. */
const FAREWELL_MS = 1_500

/**
 * Sends events to their endpoints while it has the sender's lease. One subject has at most one event in the air to an
 * endpoint, and an endpoint that hangs keeps its own places and no others'.
 */
export class WebhookSender {
  readonly #inAir = new Map<string, string>()
  #done: (Settling & { readonly key: string })[] = []
  #epoch: number | null = null
  /** by the process's own clock */
  #heldUntilMs = 0
  #isWanted = false
  #pumping: Promise<void> | null = null
  #isStopped = false
  #timer: NodeJS.Timeout | null = null
  #nextInMs = LOOK_EVERY_MS

  constructor(private readonly parts: Parts) {}

  /** There is something to do, or may be. */
  readonly nudge = (): void => {
    this.#isWanted = true
    this.#pumping ??= this.#pump()
  }

  /** Lets attempts that are under way end, for a moment, and gives the lease back. */
  async stop(): Promise<void> {
    if (this.#isStopped) return
    const untilMs = performance.now() + FAREWELL_MS
    this.#isStopped = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.#pumping
    while (this.#inAir.size > this.#done.length && performance.now() < untilMs)
      await new Promise((resolve) => setTimeout(resolve, 20))
    try {
      await this.#settle()
      if (this.#epoch !== null) await this.parts.store.release(this.#epoch)
    } catch (problem) {
      this.parts.log.warn('webhooks.store-away', failureFields(problem))
    }
  }

  async #pump(): Promise<void> {
    try {
      while (this.#isWanted && !this.#isStopped) {
        // What answered while the last transaction was written goes into one transaction, which costs a write to disk.
        await new Promise<void>((resolve) => setImmediate(resolve))
        this.#isWanted = false
        this.#nextInMs = LOOK_EVERY_MS
        await this.#turn()
      }
    } catch (problem) {
      this.parts.log.warn('webhooks.store-away', failureFields(problem))
    } finally {
      this.#pumping = null
      if (this.#timer !== null) clearTimeout(this.#timer)
      this.#timer = this.#isStopped ? null : setTimeout(this.nudge, this.#nextInMs).unref()
    }
  }

  async #turn(): Promise<void> {
    const { store, rules } = this.parts
    await this.#settle()
    const { due, hasNew, nextAt } = await store.work(rules.atOncePerEndpoint)
    if (nextAt !== null) this.#nextInMs = Math.min(LOOK_EVERY_MS, Math.max(1, nextAt - this.parts.clock()))
    if (!hasNew && due.length === 0) return
    if (!(await this.#hold())) return
    if (hasNew) {
      if ((await store.fanOut(this.#epoch ?? 0)) === null) this.#epoch = null
      this.#isWanted = true
      return
    }
    for (const each of due) this.#send(each)
  }

  /** Whether the lease is had for longer than an attempt takes. */
  async #hold(): Promise<boolean> {
    const { store, instance, leaseMs, isAlone, attemptMsMax } = this.parts
    const askedAtMs = performance.now()
    const isFresh =
      this.#epoch !== null && this.#heldUntilMs - askedAtMs > Math.max(leaseMs / 2, attemptMsMax)
    if (isFresh) return true
    const lease = await store.hold({ instance, leaseMs, isAlone })
    this.#epoch = lease?.epoch ?? null
    this.#heldUntilMs = askedAtMs + leaseMs
    return lease !== null
  }

  #send(due: DueDelivery): void {
    const { rules, attempt, attemptMsMax } = this.parts
    const key = `${due.endpoint.id} ${due.number}`
    const places = [...this.#inAir.values()].filter((endpointId) => endpointId === due.endpoint.id).length
    if (this.#inAir.has(key) || places >= rules.atOncePerEndpoint) return
    if (performance.now() + attemptMsMax >= this.#heldUntilMs) return
    this.#inAir.set(key, due.endpoint.id)
    void attempt(due).then((attempted) => {
      const chance = Math.random()
      this.#done.push({
        key,
        endpointId: due.endpoint.id,
        number: due.number,
        decide: (view, now) => settle(view, attempted, { now, chance, rules }),
      })
      this.nudge()
    })
  }

  /** Several outcomes in one transaction. Until they are kept, their deliveries stay in the air. */
  async #settle(): Promise<void> {
    const done = this.#done
    if (done.length === 0) return
    const isKept = this.#epoch !== null && (await this.parts.store.settle(this.#epoch, done))
    // Another broker has the lease: it has sent them again, or will.
    if (!isKept) this.#epoch = null
    this.#done = this.#done.slice(done.length)
    for (const { key } of done) this.#inAir.delete(key)
  }
}
