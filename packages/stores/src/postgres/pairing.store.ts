import {
  AUDIT_KEPT_MAX,
  HISTORY_KEPT_DEFAULT,
  type HistoryEntry,
  type HistoryQuery,
  shelfOf,
} from '@latchkey/domain/audit/history'
import { invariant } from '@latchkey/domain/kernel'
import type { Decide, Key, PairingStore, RecordKind, Records } from '@latchkey/domain/runner-pairing/ports'
import { nameOf, storeTime } from '../decide.ts'
import { StoreUnavailable } from '../store-unavailable.ts'
import {
  type Decided,
  decideAll,
  type Job,
  jobOf,
  keyOf,
  type ReadRecord,
  type ReadRecords,
} from './batch.ts'
import { ConnectionLost, LONG, type PostgresDatabase, RaceLost } from './database.ts'
import * as sql from './pairing.sql.ts'

export interface PostgresPairingStoreOptions {
  /** how many successes, and how many failures, the history keeps */
  readonly historyKept?: number
  /** milliseconds since the epoch, instead of the server's clock: for tests that set the time */
  readonly clock?: () => number
}

/** What waits together is read, decided and committed together, up to this many, so that none waits long for the others. */
const BATCH_MAX = 256

/** Each loss means that another broker won, so there is progress; one that always loses is told so. */
const ATTEMPTS_MAX = 32

/** A server that is slow is given time for reading, reading more and committing, each as long as one answer may take. */
const TURNS_MAX = 3

/** Beyond this many a new one is refused: it would wait longer than anybody wants to. */
const WAITING_MAX = 8_192

/** The server may have restarted and broken every connection of the pool: a few more are tried before it counts as away. */
const LOSSES_MAX = 3

/** Records as they stand together. */
interface Moment {
  /** nobody else has had it */
  readonly version: string
  readonly records: readonly ReadRecord[]
}

/** What was decided, on what, and under which version it is to be committed. */
interface Attempt {
  readonly version: string
  readonly records: ReadRecords
  readonly decided: Decided
  /** how often was read, for it */
  readonly moments: number
}

/**
 * Keeps everything in PostgreSQL, for any number of brokers. The transactions of one process stand in one queue; those that
 * wait together are one read and one commit, which fails as a whole when another broker wrote what was read, and is then
 * decided afresh. Time is the server's, and never runs backwards within a process. `close` closes the database too.
 */
export function postgresPairingStore(
  db: PostgresDatabase,
  options: PostgresPairingStoreOptions = {},
): PairingStore {
  const { historyKept = HISTORY_KEPT_DEFAULT } = options
  const { answerTimeoutMs } = db
  let serverMs = 0
  const time = storeTime(options.clock ?? (() => serverMs))
  let waiting: Job[] = []
  let working: Promise<void> | null = null
  let open = true

  const read = async (keys: readonly Key[]): Promise<Moment> => {
    const [moment, ...rows] = await db.query<sql.ReadRow>(sql.read(keys))
    invariant(moment, 'the first row is the moment')
    serverMs = Number(moment.value)
    const found = new Map(rows.map((row) => [Number(row.ordinal) - 1, row]))
    const records = keys.map((key, index) => {
      const row = found.get(index)
      return { key, version: row?.version ?? '0', value: row ? fromText(row.value) : undefined }
    })
    return { version: moment.version, records }
  }

  /** Decides on records read together, or one after the other where a decision asked for more. */
  const decide = async (batch: readonly Job[], keys: readonly Key[]): Promise<Attempt> => {
    const records = new Map<string, ReadRecord>()
    let version = ''
    let moments = 0
    for (let lacks = keys; ; ) {
      const moment = await read(lacks)
      for (const record of moment.records) records.set(nameOf(record.key), record)
      version = moment.version
      moments++
      const decided = decideAll(batch, records, time())
      if (!('lacks' in decided)) return { version, records, decided, moments }
      lacks = distinct(decided.lacks)
    }
  }

  const commit = async ({ version, records, decided }: Attempt): Promise<boolean> => {
    const [row] = await db.query<sql.CommitRow>(sql.commit(version, records, decided))
    return row?.committed ?? false
  }

  /** Decides until what was decided on still stood when it was committed. Answers with what to tell the callers. */
  const carryOut = async (batch: readonly Job[]): Promise<Decided> => {
    const deadlineMs = performance.now() + answerTimeoutMs * TURNS_MAX
    let keys: readonly Key[] = distinct(batch.flatMap((job) => job.keys))
    const unanswered: Attempt[] = []
    let losses = 0
    for (let tried = 0; tried < ATTEMPTS_MAX && performance.now() < deadlineMs; tried++) {
      let attempt: Attempt | null = null
      try {
        attempt = await decide(batch, keys)
        const { records } = attempt
        const done = unanswered.find((earlier) => isDone(earlier, records))
        if (done) return done.decided
        if (isReading(attempt) || (await commit(attempt))) return attempt.decided
        // Somebody else came first. All that was found to be needed is read in one moment now.
        keys = [...records.values()].map(({ key }) => key)
      } catch (error) {
        if (error instanceof RaceLost) continue
        if (!(error instanceof ConnectionLost) || ++losses > LOSSES_MAX) throw error
        if (attempt === null) continue
        unanswered.push(attempt)
        const written = [...attempt.decided.writes.values()].map(keyOf)
        keys = distinct([...[...attempt.records.values()].map(({ key }) => key), ...written])
      }
    }
    throw new StoreUnavailable(
      'other processes write the same records all the time',
      undefined,
      unanswered.length > 0 ? 'unknown' : 'nothing-written',
    )
  }

  const work = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH_MAX)
      waiting = waiting.slice(BATCH_MAX)
      try {
        for (const tell of (await carryOut(batch)).tell) tell()
      } catch (error) {
        // Those behind have waited for the same server: they are told now instead of waiting as long again.
        for (const job of [...batch, ...waiting.splice(0)]) job.fail(error)
      }
    }
    working = null
  }

  return {
    transaction: <Answer>(keys: readonly Key[], decide: Decide<Answer>) =>
      new Promise<Answer>((resolve, reject) => {
        if (!open) return reject(new StoreUnavailable('it has been closed'))
        if (waiting.length >= WAITING_MAX) return reject(new StoreUnavailable('too much waits for it'))
        waiting.push(jobOf(keys, decide, resolve, reject))
        // A turn later, so that what is asked for in one turn is one batch.
        working ??= Promise.resolve().then(work)
      }),
    async list<K extends RecordKind>(kind: K) {
      const rows = await db.query<{ value: string }>(sql.list(kind), LONG)
      return rows.map(({ value }): Records[K] => JSON.parse(value))
    },
    async history(query: HistoryQuery) {
      const rows = await db.query<{ entry: string }>(
        query.audit ? sql.audit(query) : sql.history(query, historyKept),
        LONG,
      )
      return rows.map(({ entry }): HistoryEntry => JSON.parse(entry))
    },
    async sweep() {
      if (options.clock === undefined) await read([])
      const [row] = await db.query<{ swept: string }>(sql.sweep(time()), LONG)
      for (const shelf of SHELVES) await db.query(sql.forget(shelf, historyKept), LONG)
      await db.query(sql.forgetAudit(AUDIT_KEPT_MAX), LONG)
      return Number(row?.swept ?? 0)
    },
    async close() {
      open = false
      await working
      await db.close()
    },
  }
}

/** Read at one moment and writing nothing, it is as good as committed at that moment. */
const isReading = ({ moments, decided }: Attempt): boolean =>
  moments === 1 && decided.writes.size === 0 && decided.history.length === 0

/**
 * Whether a commit whose answer was lost has been done: what it wrote stands under its version. If it has not been done yet,
 * it never will be once another commit has written what both have read.
 */
const isDone = ({ version, decided }: Attempt, records: ReadRecords): boolean =>
  [...decided.writes.keys()].some((name) => records.get(name)?.version === version)

const SHELVES = [shelfOf('paired'), shelfOf('refused')] as const

/** Written by this store alone, from values of the port's types. */
const fromText = (text: string): Records[RecordKind] => JSON.parse(text)

const distinct = (keys: readonly Key[]): readonly Key[] => [
  ...new Map(keys.map((key) => [nameOf(key), key])).values(),
]
