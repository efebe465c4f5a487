import type { HistoryEntry } from '@latchkey/domain/audit/history'
import type { Instant } from '@latchkey/domain/kernel'
import type { Key, Operation, RecordKind, Records, Write } from '@latchkey/domain/runner-pairing/ports'
import { type Lacking, type Loaded, nameOf, type Read, settleFrom } from '../decide.ts'

/** One record as it was read. */
export interface ReadRecord {
  readonly key: Key
  /** new at every write; '0' where there was no record */
  readonly version: string
  readonly value: Records[RecordKind] | undefined
}

/** Records that have been read, by `nameOf` their key. */
export type ReadRecords = ReadonlyMap<string, ReadRecord>

/** One caller's transaction, waiting for its turn. */
export interface Job {
  readonly keys: readonly Key[]
  readonly decide: (read: Read, loaded: Loaded, now: Instant) => Settlement | Lacking
  readonly fail: (error: unknown) => void
}

interface Settlement {
  readonly writes: readonly Write[]
  readonly history: readonly HistoryEntry[]
  /** answers the caller, once all is committed */
  readonly tell: () => void
}

/** What several decisions, one after the other, come to. */
export interface Decided {
  /** the last write of each record, by `nameOf` its key */
  readonly writes: ReadonlyMap<string, Write>
  readonly history: readonly HistoryEntry[]
  readonly tell: ReadonlyArray<() => void>
}

/** A decision that throws settles too: it writes nothing, and its caller hears of it when what it saw has been confirmed. */
export const jobOf = <Answer>(
  operation: Operation<Answer>,
  resolve: (answer: Answer) => void,
  reject: (error: unknown) => void,
): Job => ({
  keys: operation.keys,
  fail: reject,
  decide: (read, loaded, now) => {
    try {
      const settled = settleFrom(read, loaded, operation, now)
      if ('lacks' in settled) return settled
      const { writes, history = [], answer } = settled
      return { writes, history, tell: () => resolve(answer) }
    } catch (thrown) {
      return { writes: [], history: [], tell: () => reject(thrown) }
    }
  },
})

/** Runs the decisions in their order, each seeing what those before it write; or answers with the records some of them lack. */
export function decideAll(jobs: readonly Job[], records: ReadRecords, now: Instant): Decided | Lacking {
  const writes = new Map<string, Write>()
  const history: HistoryEntry[] = []
  const tell: Array<() => void> = []
  const lacks: Key[] = []
  const read = readThrough(records, writes)
  const loaded: Loaded = (key) => records.has(nameOf(key)) || writes.has(nameOf(key))
  for (const job of jobs) {
    const settled = job.decide(read, loaded, now)
    if ('lacks' in settled) {
      lacks.push(...settled.lacks)
      continue
    }
    for (const write of settled.writes) writes.set(nameOf(keyOf(write)), write)
    history.push(...settled.history)
    tell.push(settled.tell)
  }
  return lacks.length > 0 ? { lacks } : { writes, history, tell }
}

/** Names the record that is written. */
export const keyOf = (write: Write): Key => ({ kind: 'drop' in write ? write.drop : write.put, id: write.id })

/** Writes of earlier decisions take precedence over records that were read. */
function readThrough(records: ReadRecords, writes: ReadonlyMap<string, Write>): Read {
  return <K extends RecordKind>(kind: K, id: string) => {
    const name = nameOf({ kind, id })
    const write = writes.get(name)
    if (write === undefined) return valueOf<K>(records.get(name)?.value)
    return 'drop' in write ? undefined : valueOf<K>(write.value)
  }
}

/** Kept under a name that begins with its kind, so it is of that kind. */
const valueOf = <K extends RecordKind>(value: Records[RecordKind] | undefined) =>
  value as Records[K] | undefined
