import type { HistoryEntry, HistoryQuery } from '../audit/history.ts'
import type { Instant } from '../kernel.ts'
import type { AttemptBudget } from '../limits/budget.ts'
import type { AppSession, BrokerInstance, CodeClaim, OperatorGrant, RunnerRecord } from './records.ts'

/** Every kind of record the store keeps, by the name of its key. */
export interface Records {
  /** by runner id */
  runner: RunnerRecord
  /** by pairing code: its holder, or until when it may not be used again */
  code: CodeClaim
  /** by app session id */
  session: AppSession
  /** by runner id: app sessions that paired with it. A hint for finding them; validity is `session.gen === runner.gen`. */
  apps: readonly string[]
  /** by limited subject, as `session:…`, `runner:…`, `address:…`, `prefix:…`, `broker` */
  budget: AttemptBudget
  /** by broker instance id: the broker processes that share this store */
  node: BrokerInstance
  /** by the digest (SHA-256, base64url) of a console session or of a used console URL */
  operator: OperatorGrant
}
export type RecordKind = keyof Records

/** Names one record. */
export interface Key<K extends RecordKind = RecordKind> {
  readonly kind: K
  readonly id: string
}

/** What a decision sees: the records it named, as they stand together at one moment. Reading an unnamed key throws. */
export interface View {
  get<K extends RecordKind>(kind: K, id: string): Records[K] | undefined
  /** whether this record was named, that is: whether `get` may be called for it */
  has(kind: RecordKind, id: string): boolean
}

/** One write of a decision. A `put` without a `sweepAt` lives for ever; with one it may be swept after that moment (never relied upon). */
export type Write = {
  [K in RecordKind]:
    | { readonly put: K; readonly id: string; readonly value: Records[K]; readonly sweepAt: Instant | null }
    | { readonly drop: K; readonly id: string }
}[RecordKind]

/** A decision either wants to see more records first, or says what to write and what to answer. */
export type Outcome<Answer> =
  | { readonly need: readonly Key[] }
  | { readonly writes: readonly Write[]; readonly history?: readonly HistoryEntry[]; readonly answer: Answer }

/** Pure. May be run several times by one transaction; must not have effects. `now` is the store's time. */
export type Decide<Answer> = (view: View, now: Instant) => Outcome<Answer>

/** One decision and the records it starts from: `store.run(operation)`. */
export interface Operation<Answer> {
  readonly keys: readonly Key[]
  readonly decide: Decide<Answer>
}

/** Reads one record as it stands: `store.run(readRecord('runner', id))`. Writes nothing. */
export const readRecord = <K extends RecordKind>(kind: K, id: string): Operation<Records[K] | undefined> => ({
  keys: [{ kind, id }],
  decide: (view) => ({ writes: [], answer: view.get(kind, id) }),
})

/** The one mechanism: decide purely, commit atomically. Implemented by each store, tested by one contract suite. */
export interface PairingStore {
  /**
   * Reads the named records together, runs `decide` (again with more records when it asks, again from fresh records when
   * a race was lost), and writes all of its outcome or nothing. Rejects only when the store itself failed.
   */
  run<Answer>(operation: Operation<Answer>): Promise<Answer>
  /** All records of one kind, for start-up and the console. Unordered. */
  list<K extends RecordKind>(kind: K): Promise<ReadonlyArray<Records[K]>>
  /** The newest entries first. */
  history(query: HistoryQuery): Promise<readonly HistoryEntry[]>
  /** Removes records past their `sweepAt`; answers with their number. */
  sweep(): Promise<number>
  close(): Promise<void>
}
