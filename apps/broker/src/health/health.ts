import type { PairingStore, RecordKind } from '@latchkey/domain/runner-pairing/ports'
import type { HealthView } from '@latchkey/protocol/console'
import { BROKER_VERSION } from '../version.ts'
import { type Needed, whyNoAnswer } from './needed.ts'
import { ServerAnswers } from './server-answers.ts'

const LAG_EVERY_MS = 500

/** How the broker itself is: its store, and how long its event loop keeps things waiting. */
export class Health {
  readonly #startedAt: number
  readonly #servers: ServerAnswers
  readonly #timer: NodeJS.Timeout
  #dueAtMs = performance.now() + LAG_EVERY_MS
  #lagMs = 0
  #stopping = false
  /** each check costs a write: concurrent requests share one */
  #asking: Promise<string | null> | null = null

  /**
   * @param kind what people call the store
   * @param write rejects while the store takes no write: renews this broker's lease
   * @param needed the other servers that have to answer
   */
  constructor(
    clock: () => number,
    private readonly store: MeasuredStore,
    private readonly kind: string,
    private readonly write: () => Promise<unknown>,
    private readonly needed: Needed = {},
  ) {
    this.#servers = new ServerAnswers(needed)
    this.#startedAt = Math.floor(clock())
    this.#timer = setInterval(() => {
      const now = performance.now()
      this.#lagMs = Math.max(0, now - this.#dueAtMs)
      this.#dueAtMs = now + LAG_EVERY_MS
    }, LAG_EVERY_MS)
    this.#timer.unref()
  }

  view(): HealthView {
    const { lastCallMs, ok } = this.store
    const store = { kind: this.kind, lastCallMs, ok }
    return {
      startedAt: this.#startedAt,
      store,
      servers: [...this.#servers.look()],
      eventLoopLagMs: this.#lagMs,
      version: BROKER_VERSION,
    }
  }

  /** Why this broker is not ready, in words for an operator; null when it is. Being ready means that a write succeeded just now. */
  whyNotReady(): Promise<string | null> {
    if (this.#stopping) return Promise.resolve('this broker is about to end')
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null
    })
    return this.#asking
  }

  async #ask(): Promise<string | null> {
    const asked = { 'the store': this.write, ...this.needed }
    const answers = await Promise.all(
      Object.entries(asked).map(async ([name, ask]) => {
        const why = await whyNoAnswer(ask())
        return why === null ? [] : [`${name}: ${why}`]
      }),
    )
    const problems = answers.flat()
    return problems.length === 0 ? null : problems.join('; ')
  }

  stop(): void {
    this.#stopping = true
    clearInterval(this.#timer)
  }
}

/** One call of the store, as it is measured. */
export interface StoreCall {
  readonly operation: 'transaction' | 'list' | 'history' | 'sweep'
  /** the kind of record it was about first; `none` for none */
  readonly about: RecordKind | 'none'
  readonly tookMs: number
  readonly ok: boolean
}

/** A store that remembers how long its last transaction took and whether it went well. */
export class MeasuredStore implements PairingStore {
  lastCallMs = 0
  ok = true
  /** hears of every call when it is over */
  onCall: (call: StoreCall) => void = () => {}

  constructor(private readonly store: PairingStore) {}

  readonly run: PairingStore['run'] = async (operation) => {
    const began = performance.now()
    try {
      const answer = await this.store.run(operation)
      this.ok = true
      return answer
    } catch (problem) {
      this.ok = false
      throw problem
    } finally {
      this.lastCallMs = performance.now() - began
      const about = operation.keys[0]?.kind ?? 'none'
      this.onCall({ operation: 'transaction', about, tookMs: this.lastCallMs, ok: this.ok })
    }
  }

  readonly list: PairingStore['list'] = (kind) => this.#measured('list', kind, this.store.list(kind))
  readonly history: PairingStore['history'] = (query) =>
    this.#measured('history', 'none', this.store.history(query))
  readonly sweep: PairingStore['sweep'] = () => this.#measured('sweep', 'none', this.store.sweep())
  readonly close: PairingStore['close'] = () => this.store.close()

  async #measured<T>(
    operation: StoreCall['operation'],
    about: StoreCall['about'],
    call: Promise<T>,
  ): Promise<T> {
    const began = performance.now()
    let ok = false
    try {
      const answer = await call
      ok = true
      return answer
    } finally {
      this.onCall({ operation, about, tookMs: performance.now() - began, ok })
    }
  }
}
