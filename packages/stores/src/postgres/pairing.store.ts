import {
  HISTORY_KEPT_DEFAULT,
  type HistoryEntry,
  type HistoryQuery,
  shelfOf,
} from '@latchkey/domain/audit/history'
import type { Decide, Key, PairingStore, RecordKind, Records } from '@latchkey/domain/runner-pairing/ports'
import { nameOf, storeTime } from '../decide.ts'
import { StoreUnavailable } from '../store-unavailable.ts'
import { type Decided, decideAll, type Job, jobOf, type ReadRecord, type ReadRecords } from './batch.ts'
import { type PostgresDatabase, RaceLost } from './database.ts'
import * as sql from './pairing.sql.ts'

export interface PostgresPairingStoreOptions {
  /** how many successes, and how many failures, the history keeps */
  readonly historyKept?: number
  /** milliseconds since the epoch, instead of the server's clock: for tests that set the time */
  readonly clock?: () => number
  /** how long a transaction may take before its caller is told that the store is away */
  readonly answerTimeoutMs?: number
}

/** What waits together is read, decided and committed together, up to this many, so that none waits long for the others. */
const BATCH_MAX = 256

/** Each loss means that another broker won, so there is progress; one that always loses is told so. */
const ATTEMPTS_MAX = 32

const ANSWER_TIMEOUT_MS = 500

/**
 * Keeps everything in PostgreSQL, for any number of brokers. The transactions of one process stand in one queue; those that
 * wait together are one read and one commit, which fails as a whole when another broker wrote what was read, and is then
 * decided afresh. Time is the server's, and never runs backwards within a process. `close` closes the database too.
 */
export function postgresPairingStore(
  db: PostgresDatabase,
  options: PostgresPairingStoreOptions = {},
): PairingStore {
  const { historyKept = HISTORY_KEPT_DEFAULT, answerTimeoutMs = ANSWER_TIMEOUT_MS } = options
  let serverMs = 0
  const time = storeTime(options.clock ?? (() => serverMs))
  let waiting: Job[] = []
  let working: Promise<void> | null = null
  let open = true

  const read = async (keys: readonly Key[], timeoutMs: number): Promise<readonly ReadRecord[]> => {
    const [clock, ...rows] = await db.query<sql.ReadRow>(sql.read(keys), { timeoutMs })
    serverMs = Number(clock?.version)
    const found = new Map(rows.map((row) => [Number(row.position) - 1, row]))
    return keys.map((key, index) => {
      const row = found.get(index)
      return { key, version: row?.version ?? '0', value: row?.value ? fromText(row.value) : undefined }
    })
  }

  const commit = async (records: ReadRecords, decided: Decided, timeoutMs: number): Promise<boolean> => {
    try {
      const [row] = await db.query<sql.CommitRow>(sql.commit(records, decided), { timeoutMs })
      return row?.committed ?? false
    } catch (error) {
      if (error instanceof RaceLost) return false
      throw error
    }
  }

  /** Decides until what was decided on still stood when it was committed. */
  const carryOut = async (batch: readonly Job[]): Promise<Decided> => {
    const deadlineMs = performance.now() + answerTimeoutMs
    const leftMs = () => Math.max(1, deadlineMs - performance.now())
    let wanted: readonly Key[] = distinct(batch.flatMap(({ keys }) => keys))
    for (let attempt = 0; attempt < ATTEMPTS_MAX && performance.now() < deadlineMs; attempt++) {
      const records = new Map<string, ReadRecord>()
      let moments = 0
      for (let lacks = wanted; ; ) {
        for (const record of await read(lacks, leftMs())) records.set(nameOf(record.key), record)
        moments++
        const decided = decideAll(batch, records, time())
        if ('lacks' in decided) {
          lacks = distinct(decided.lacks)
          continue
        }
        // Read at one moment and writing nothing, it is as good as committed at that moment.
        const settled = moments === 1 && decided.writes.size === 0 && decided.history.length === 0
        if (settled || (await commit(records, decided, leftMs()))) return decided
        break
      }
      // The second attempt reads at once, in one moment, what the first one found to be needed.
      wanted = [...records.values()].map(({ key }) => key)
    }
    throw new StoreUnavailable('other processes write the same records all the time')
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
        waiting.push(jobOf(keys, decide, resolve, reject))
        // A turn later, so that what is asked for in one turn is one batch.
        working ??= Promise.resolve().then(work)
      }),
    async list<K extends RecordKind>(kind: K) {
      const rows = await db.query<{ value: string }>(sql.list(kind))
      return rows.map(({ value }): Records[K] => JSON.parse(value))
    },
    async history(query: HistoryQuery) {
      const rows = await db.query<{ entry: string }>(sql.history(query, historyKept))
      return rows.map(({ entry }): HistoryEntry => JSON.parse(entry))
    },
    async sweep() {
      if (options.clock === undefined) await read([], answerTimeoutMs)
      const [row] = await db.query<{ swept: string }>(sql.sweep(time()))
      for (const shelf of SHELVES) await db.query(sql.forget(shelf, historyKept))
      return Number(row?.swept ?? 0)
    },
    async close() {
      open = false
      await working
      await db.close()
    },
  }
}

const SHELVES = [shelfOf('paired'), shelfOf('refused')] as const

/** Written by this store alone, from values of the port's types. */
const fromText = (text: string): Records[RecordKind] => JSON.parse(text)

const distinct = (keys: readonly Key[]): readonly Key[] => [
  ...new Map(keys.map((key) => [nameOf(key), key])).values(),
]
