import { assertNever, type Instant } from '../kernel.ts'
import type { PairingErrorCode } from '../pairing-errors.ts'

/**
 * How an attempt ended. `banned` is the failure that started a ban, `rate-limited` the first refusal during one, `lifted` its
 * end by the operator.
 */
export type HistoryOutcome = 'paired' | 'unpaired' | 'refused' | 'banned' | 'rate-limited' | 'lifted'

/** One remembered attempt. Holds no live code: `maskedCode` is made by `maskCode`. */
export interface HistoryEntry {
  readonly at: Instant
  /** null when a runner's registration was refused */
  readonly appSessionId: string | null
  readonly runnerId: string | null
  readonly maskedCode: string
  readonly outcome: HistoryOutcome
  readonly errorCode: PairingErrorCode | null
  /** the subject that was charged, as `address:192.0.2.7` */
  readonly subject: string
}

/** Which entries are wanted, the newest first. */
export interface HistoryQuery {
  readonly limit: number
  /** how many of the newest are passed over: for the pages after the first */
  readonly skip?: number
  /** inclusive, milliseconds since the epoch */
  readonly sinceMs?: number
  /** inclusive, milliseconds since the epoch */
  readonly untilMs?: number
  readonly runnerId?: string
  readonly outcome?: HistoryOutcome
  /** asks the audit, which goes back further and holds what `isAudited`, instead of the newest attempts */
  readonly audit?: boolean
}

/** Entries are kept by shelf, so that a flood of failures never pushes a success out. */
export type HistoryShelf = 'successes' | 'failures'

/** How many entries each shelf keeps, unless set otherwise. */
export const HISTORY_KEPT_DEFAULT = 1_000

/**
 * How many entries the audit keeps. A busy fleet fills it in years; the bound is there so that no store grows for ever.
 */
export const AUDIT_KEPT_MAX = 1_000_000

/**
 * Whether an entry is kept beyond the newest attempts: access that was given or taken away, and failures that started a
 * ban. Single failures are not kept, so no number of them pushes anything out.
 */
export const isAudited = (outcome: HistoryOutcome): boolean =>
  shelfOf(outcome) === 'successes' || outcome === 'banned'

export function shelfOf(outcome: HistoryOutcome): HistoryShelf {
  switch (outcome) {
    case 'paired':
    case 'unpaired':
    case 'lifted':
      return 'successes'
    case 'refused':
    case 'banned':
    case 'rate-limited':
      return 'failures'
    default:
      return assertNever(outcome)
  }
}

/** The page asked for, of entries that are given the newest first. */
export const pageOf = (
  newestFirst: readonly HistoryEntry[],
  query: HistoryQuery,
): readonly HistoryEntry[] => {
  const { skip = 0, limit } = query
  return newestFirst.filter((entry) => matchesQuery(entry, query)).slice(skip, skip + Math.max(0, limit))
}

/** Whether an entry is among those asked for (`skip` and `limit` aside). */
export const matchesQuery = (entry: HistoryEntry, query: HistoryQuery): boolean =>
  (query.sinceMs === undefined || entry.at >= query.sinceMs) &&
  (query.untilMs === undefined || entry.at <= query.untilMs) &&
  (query.runnerId === undefined || entry.runnerId === query.runnerId) &&
  (query.outcome === undefined || entry.outcome === query.outcome)
