import type { Instant } from '@latchkey/domain/kernel'
import type { Key, RecordKind, Write } from '@latchkey/domain/runner-pairing/ports'
import { StoreUnavailable } from '../store-unavailable.ts'
import { type Committed, commit } from './commit.ts'
import { type RedisConnection, unavailable } from './connection.ts'
import { type Job, kindOf, type Prepared } from './job.ts'
import { KnownRecords } from './known-records.ts'
import { readText, versionIn, versions } from './record-text.ts'
import { Renewals } from './renewals.ts'
import { BATCH_PLACE } from './rights.ts'
import type { StoreClock } from './server-clock.ts'

/** What waits together travels together, up to this many: more would keep the server from everybody else for long. */
const BATCH_MAX = 16

/** While the server works on one batch the next is decided. */
const ON_THE_WAY_MAX = 3

/** Beyond this many a new one is refused: it would wait longer than anybody wants to. */
const WAITING_MAX = 8_192

/** Each loss means that another broker won, so there is progress; one that always loses is told so. */
const LOST_MAX = 32

/**
 * The one way to the server. Decisions are made in order by what this process knows, each building upon the one before, and
 * sent together; the server commits those whose records are as they were read. The others are decided again.
 */
export class CommitQueue {
  readonly #connection: RedisConnection
  readonly #clock: StoreClock
  readonly #records = new KnownRecords()
  readonly #renewals = new Renewals()
  readonly #historyKept: number
  readonly #nextVersion = versions()
  readonly #name: string
  #waiting: Job[] = []
  #onTheWay = 0
  #batches = 0
  #open = true
  #idle: () => void = () => {}

  constructor(connection: RedisConnection, clock: StoreClock, historyKept: number) {
    this.#connection = connection
    this.#clock = clock
    this.#historyKept = historyKept
    this.#name = `${BATCH_PLACE}${this.#nextVersion().slice(0, 8)}`
  }

  add(job: Job): void {
    if (!this.#open) return job.fail(new StoreUnavailable('it has been closed'))
    if (this.#waiting.length >= WAITING_MAX) return job.fail(new StoreUnavailable('too much waits for it'))
    this.#waiting.push(job)
    // Requests of the same turn travel together.
    if (this.#waiting.length === 1) queueMicrotask(() => this.#send())
  }

  /** The store's time, asked for if it is not known yet. */
  async time(): Promise<Instant> {
    if (!this.#clock.isSet()) await this.#exchange([])
    return this.#clock.now()
  }

  /** A key for a batch, which no other batch of any process has. */
  nextKey(): string {
    return `${this.#name}:${this.#batches++}`
  }

  /** Takes nothing new, and resolves when all callers have been told. */
  async close(): Promise<void> {
    this.#open = false
    while (this.#waiting.length > 0 || this.#onTheWay > 0)
      await new Promise<void>((resolve) => {
        this.#idle = resolve
      })
  }

  #send(): void {
    while (this.#waiting.length > 0 && this.#onTheWay < ON_THE_WAY_MAX) {
      if (!this.#clock.isSet() && this.#onTheWay > 0) return
      this.#onTheWay++
      // The first batch is empty: it is answered with the server's time.
      const jobs = this.#clock.isSet() ? this.#waiting.splice(0, BATCH_MAX) : []
      void this.#exchange(jobs).then(
        () => this.#came(),
        (problem: unknown) => this.#failed(jobs, unavailable(problem)),
      )
    }
  }

  #came(): void {
    this.#onTheWay--
    this.#send()
    if (this.#onTheWay === 0 && this.#waiting.length === 0) this.#idle()
  }

  /** Unsent transactions would wait for the same silence: their callers are told too, and that nothing was written. */
  #failed(jobs: readonly Job[], problem: StoreUnavailable): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const job of jobs) job.fail(problem)
    for (const job of waiting) job.fail(new StoreUnavailable(problem.why, problem.cause))
    this.#came()
  }

  async #exchange(jobs: readonly Job[]): Promise<void> {
    const now = this.#clock.now()
    const decidedAtMs = this.#clock.isSet() ? this.#clock.serverMs() : null
    const by = {
      records: this.#records,
      renewals: this.#renewals,
      now,
      nextVersion: this.#nextVersion,
      historyKept: this.#historyKept,
    }
    const prepared = jobs.map((job) => job.prepare(by))
    try {
      const batch = { key: this.nextKey(), decidedAtMs, transactions: prepared }
      const answer = await commit(this.#connection, batch)
      this.#learn(jobs, prepared, answer)
    } catch (problem) {
      for (const { reads, writes } of prepared) {
        this.#forget(writes)
        for (const { kind, id } of reads.values()) this.#records.forget(kind, id)
      }
      throw problem
    }
  }

  #learn(
    jobs: readonly Job[],
    prepared: readonly Prepared[],
    { serverMs, outcomes, fresh }: Committed,
  ): void {
    this.#clock.heard(serverMs)
    const again: Job[] = []
    const tells: (() => void)[] = []
    for (const [index, { writes, reads, tell }] of prepared.entries()) {
      const job = jobs[index]
      const outcome = outcomes[index]
      if (outcome === 'committed') {
        tells.push(tell)
        continue
      }
      this.#forget(writes)
      if (outcome instanceof StoreUnavailable) {
        for (const { kind, id } of reads.values()) this.#records.forget(kind, id)
        if (job) tells.push(() => job.fail(outcome))
      } else if (job) {
        // All it read, or two decisions that write by turns what the other forgets would never come to an end.
        for (const [name, looked] of reads) this.#know(looked, fresh.get(name))
        if (++job.lost < LOST_MAX) again.push(job)
        else
          tells.push(() =>
            job.fail(new StoreUnavailable('other processes write the same records all the time')),
          )
      }
    }
    this.#waiting.unshift(...again)
    for (const tell of tells) tell()
  }

  /** @param text as the server has it; null for nothing, undefined when it did not say, having come too late */
  #know<K extends RecordKind>({ kind, id }: Key<K>, text: string | null | undefined): void {
    if (text === undefined || text === null) return this.#records.forget(kind, id)
    const told = readText<K>(text)
    this.#records.set(kind, id, {
      value: told.format === 'known' ? told.value : undefined,
      newer: told.format === 'newer',
      version: versionIn(text),
      chars: text.length,
    })
  }

  #forget(writes: readonly Write[]): void {
    for (const write of writes) this.#records.forget(kindOf(write), write.id)
  }
}
