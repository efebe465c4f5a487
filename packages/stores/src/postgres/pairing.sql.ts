import { createHash } from 'node:crypto'
import type { HistoryEntry, HistoryQuery, HistoryShelf } from '@latchkey/domain/audit/history'
import { isAudited, shelfOf } from '@latchkey/domain/audit/history'
import type { Instant } from '@latchkey/domain/kernel'
import type { Key, RecordKind } from '@latchkey/domain/runner-pairing/ports'
import type { Decided, ReadRecords } from './batch.ts'
import type { Statement } from './query.ts'

export interface ReadRow {
  /** of the key in the list asked for, from 1 */
  readonly ordinal: string
  readonly value: string
  readonly version: string
}

/** The row of `read` that comes first, under the same names. */
export interface MomentRow {
  /** the server's clock, in milliseconds */
  readonly value: string
  /** a fresh version, for the commit of a decision on these records */
  readonly version: string
}

export interface CommitRow {
  readonly committed: boolean
}

/** That moment, and the records that are there, as they stand together. */
export const read = (keys: readonly Key[]): Statement => ({
  name: 'pairing-read',
  text: 'SELECT ordinal, value, version FROM pairing_read($1::text[], $2::text[])',
  values: [keys.map(({ kind }) => kind), keys.map(({ id }) => idText(id))],
})

/** All of it under that version, or `committed: false` and nothing where a record is not as it was read. */
export function commit(version: string, records: ReadRecords, { writes, history }: Decided): Statement {
  const read = [...records.values()]
  const written = [...writes.values()]
  return {
    name: 'pairing-commit',
    text: `SELECT pairing_commit($1::bigint, $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[],
      $8::bigint[], $9::text[], $10::bigint[], $11::text[], $12::text[], $13::text[], $14::boolean[]) AS committed`,
    values: [
      version,
      read.map(({ key }) => key.kind),
      read.map(({ key }) => idText(key.id)),
      read.map(({ version }) => version),
      written.map((write) => ('drop' in write ? write.drop : write.put)),
      written.map(({ id }) => idText(id)),
      written.map((write) => ('drop' in write ? null : JSON.stringify(write.value))),
      written.map((write) => ('drop' in write ? null : write.sweepAt)),
      history.map(({ outcome }) => shelfOf(outcome)),
      history.map(({ at }) => at),
      history.map((entry) => runnerText(entry.runnerId)),
      history.map(({ outcome }) => outcome),
      history.map((entry: HistoryEntry) => JSON.stringify(entry)),
      history.map(({ outcome }) => isAudited(outcome)),
    ],
  }
}

export const list = (kind: RecordKind): Statement => ({
  name: 'pairing-list',
  text: 'SELECT value FROM pairing_records WHERE kind = $1',
  values: [kind],
})

/** Of the newest `kept` of each shelf. */
export const history = (query: HistoryQuery, kept: number): Statement => ({
  name: 'pairing-history',
  text: `SELECT entry FROM (
      (SELECT * FROM pairing_history WHERE shelf = 'successes' ORDER BY seq DESC LIMIT $7)
      UNION ALL
      (SELECT * FROM pairing_history WHERE shelf = 'failures' ORDER BY seq DESC LIMIT $7)
    ) AS newest ${PAGE}`,
  values: [...pageValues(query), kept],
})

/** Of all that is audited. */
export const audit = (query: HistoryQuery): Statement => ({
  name: 'pairing-audit',
  text: `SELECT entry FROM pairing_audit ${PAGE}`,
  values: pageValues(query),
})

const PAGE = `WHERE ($1::bigint IS NULL OR at >= $1) AND ($2::bigint IS NULL OR at <= $2)
      AND ($3::text IS NULL OR runner_id = $3) AND ($4::text IS NULL OR outcome = $4)
    ORDER BY at DESC, seq DESC OFFSET $5 LIMIT $6`

const pageValues = (query: HistoryQuery): readonly unknown[] => [
  query.sinceMs ?? null,
  query.untilMs ?? null,
  runnerText(query.runnerId ?? null),
  query.outcome ?? null,
  query.skip ?? 0,
  Math.max(0, query.limit),
]

export const sweep = (now: Instant): Statement => ({
  name: 'pairing-sweep',
  text: `WITH gone AS (DELETE FROM pairing_records WHERE sweep_at <= $1 RETURNING 1) SELECT count(*) AS swept FROM gone`,
  values: [now],
})

/** Drops what `history` shows no more. */
export const forget = (shelf: HistoryShelf, kept: number): Statement => ({
  name: 'pairing-forget',
  text: `DELETE FROM pairing_history WHERE shelf = $1 AND seq <= (
      SELECT seq FROM pairing_history WHERE shelf = $1 ORDER BY seq DESC OFFSET $2 LIMIT 1)`,
  values: [shelf, kept],
})

/** Drops the oldest of the audit beyond its bound. */
export const forgetAudit = (kept: number): Statement => ({
  name: 'pairing-forget-audit',
  text: `DELETE FROM pairing_audit WHERE seq <= (
      SELECT seq FROM pairing_audit ORDER BY seq DESC OFFSET $1 LIMIT 1)`,
  values: [kept],
})

/** Longer ones do not fit into an index. */
const ID_TEXT_CHARS_MAX = 1_000

/** PostgreSQL's text holds neither NUL nor lone surrogates; JSON's escapes keep both. No JSON text begins as a digest here does. */
export function idText(id: string): string {
  const text = JSON.stringify(id)
  return text.length <= ID_TEXT_CHARS_MAX ? text : `sha256:${createHash('sha256').update(text).digest('hex')}`
}

const runnerText = (runnerId: string | null): string | null => (runnerId === null ? null : idText(runnerId))
