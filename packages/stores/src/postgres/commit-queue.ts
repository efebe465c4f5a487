import { type Instant, invariant } from '@latchkey/domain/kernel'
import type { Key, RecordKind, Records } from '@latchkey/domain/runner-pairing/ports'
import { nameOf, storeTime } from '../decide.ts'
import { StoreUnavailable } from '../store-unavailable.ts'
import { type Decided, decideAll, type Job, keyOf, type ReadRecord, type ReadRecords } from './batch.ts'
import { ConnectionLost, type PostgresDatabase, RaceLost, unavailable } from './database.ts'
import * as sql from './pairing.sql.ts'

/** What waits together is read, decided and committed together, up to this many, so that none waits long for the others. */
const BATCH_MAX = 256

/** Beyond this many a new one is refused: it would wait longer than anybody wants to. */
const WAITING_MAX = 8_192

/** Each loss means that another broker won, so there is progress; one that always loses is told so. */
const ATTEMPTS_MAX = 32

/** A server that is slow is given time for reading, reading more and committing, each as long as one answer may take. */
const TURNS_MAX = 3

/** The server may have restarted and broken every connection of the pool: a few more are tried before it counts as away. */
const LOSSES_MAX = 3

/** Records as they stand together. */
interface Moment {
  /** new at every read: of this moment alone */
  readonly version: string
  readonly records: readonly ReadRecord[]
}

/** A decision, the records it rests on, and the version under which it is to be committed. */
interface Proposal {
  readonly version: string
  readonly records: ReadRecords
  readonly decided: Decided
  /** how often was read, for it */
  readonly moments: number
}

/** The transactions of one process, in order: those that wait together are one read and one commit. */
export class CommitQueue {
  readonly #db: PostgresDatabase
  readonly #time: () => Instant
  readonly #asksForTime: boolean
  #serverMs = 0
  #waiting: Job[] = []
  #working: Promise<void> | null = null
  #open = true

  /** @param clock milliseconds since the epoch, instead of the server's */
  constructor(db: PostgresDatabase, clock: (() => number) | undefined) {
    this.#db = db
    this.#asksForTime = clock === undefined
    this.#time = storeTime(clock ?? (() => this.#serverMs))
  }

  add(job: Job): void {
    if (!this.#open) return job.fail(new StoreUnavailable('it has been closed'))
    if (this.#waiting.length >= WAITING_MAX) return job.fail(new StoreUnavailable('too much waits for it'))
    this.#waiting.push(job)
    // A turn later, so that all requests of one turn are one batch.
    this.#working ??= Promise.resolve().then(() => this.#work())
  }

  /** The store's time. */
  async time(): Promise<Instant> {
    if (this.#asksForTime) await this.#read([])
    return this.#time()
  }

  /** Takes nothing new, and resolves when all callers have been told. */
  async close(): Promise<void> {
    this.#open = false
    await this.#working
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH_MAX)
      try {
        for (const tell of (await this.#carryOut(batch)).tell) tell()
      } catch (error) {
        const problem = unavailable(error)
        for (const job of batch) job.fail(problem)
        // Those behind would wait for the same silence: they are told too, and that nothing was written.
        const behind = new StoreUnavailable(problem.why, problem.cause)
        for (const job of this.#waiting.splice(0)) job.fail(behind)
      }
    }
    this.#working = null
  }

  /** Decides again until the commit finds all records as they were read. Answers with the texts for the callers. */
  async #carryOut(batch: readonly Job[]): Promise<Decided> {
    const deadlineMs = performance.now() + this.#db.answerTimeoutMs * TURNS_MAX
    let keys: readonly Key[] = distinct(batch.flatMap((job) => job.keys))
    const unanswered: Proposal[] = []
    let losses = 0
    for (let tried = 0; tried < ATTEMPTS_MAX && performance.now() < deadlineMs; tried++) {
      let proposal: Proposal | null = null
      try {
        proposal = await this.#decide(batch, keys)
        const { records } = proposal
        const done = unanswered.find((earlier) => isDone(earlier, records))
        if (done) return done.decided
        if (isReading(proposal) || (await this.#commit(proposal))) return proposal.decided
      } catch (error) {
        if (error instanceof ConnectionLost && ++losses <= LOSSES_MAX) {
          if (proposal !== null) unanswered.push(proposal)
        } else if (!(error instanceof RaceLost)) throw error
      }
      // All that was found to be needed is read in one moment now.
      if (proposal !== null) keys = touchedBy(proposal)
    }
    const outcome = unanswered.length > 0 ? 'unknown' : 'nothing-written'
    throw new StoreUnavailable('other processes write the same records all the time', undefined, outcome)
  }

  /** Decides on records read together, or one after the other where a decision asked for more. */
  async #decide(batch: readonly Job[], keys: readonly Key[]): Promise<Proposal> {
    const records = new Map<string, ReadRecord>()
    let moments = 0
    for (let lacks = keys; ; ) {
      const moment = await this.#read(lacks)
      for (const record of moment.records) records.set(nameOf(record.key), record)
      moments++
      const decided = decideAll(batch, records, this.#time())
      if (!('lacks' in decided)) return { version: moment.version, records, decided, moments }
      lacks = distinct(decided.lacks)
    }
  }

  async #read(keys: readonly Key[]): Promise<Moment> {
    const [moment, ...rows] = await this.#db.query<sql.ReadRow>(sql.read(keys))
    invariant(moment, 'the first row is the moment')
    this.#serverMs = Number(moment.value)
    const found = new Map(rows.map((row) => [Number(row.ordinal) - 1, row]))
    const records = keys.map((key, index) => {
      const row = found.get(index)
      return { key, version: row?.version ?? '0', value: row ? fromText(row.value) : undefined }
    })
    return { version: moment.version, records }
  }

  async #commit({ version, records, decided }: Proposal): Promise<boolean> {
    const [row] = await this.#db.query<sql.CommitRow>(sql.commit(version, records, decided))
    return row?.committed ?? false
  }
}

/** Read at one moment and writing nothing, it is as good as committed at that moment. */
const isReading = ({ moments, decided }: Proposal): boolean =>
  moments === 1 && decided.writes.size === 0 && decided.history.length === 0

/**
 * Whether a commit whose answer was lost has been done: what it wrote stands under its version. If it has not been done yet,
 * it never will be once another commit has written what both have read.
 */
const isDone = ({ version, decided }: Proposal, records: ReadRecords): boolean =>
  [...decided.writes.keys()].some((name) => records.get(name)?.version === version)

const touchedBy = ({ records, decided }: Proposal): readonly Key[] =>
  distinct([...[...records.values()].map(({ key }) => key), ...[...decided.writes.values()].map(keyOf)])

const distinct = (keys: readonly Key[]): readonly Key[] => [
  ...new Map(keys.map((key) => [nameOf(key), key])).values(),
]

/** Written by this store alone, from values of the port's types. */
const fromText = (text: string): Records[RecordKind] => JSON.parse(text)
