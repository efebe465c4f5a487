import { assertNever, type Instant } from '../kernel.ts'
import type { PairingErrorCode } from '../runner-pairing/errors.ts'

/** How an attempt ended. `banned` is the failure that started a ban, `rate-limited` the first refusal during one. */
export type HistoryOutcome = 'paired' | 'unpaired' | 'refused' | 'banned' | 'rate-limited'

/** One remembered attempt. Holds no live code: `maskedCode` is made by `maskCode`. */
export interface HistoryEntry {
  readonly at: Instant
  /** null when a runner's registration was refused */
  readonly appSessionId: string | null
  readonly runnerId: string | null
  readonly maskedCode: string
  readonly outcome: HistoryOutcome
  readonly errorCode: PairingErrorCode | null
  /** who was charged, as `address:192.0.2.7` */
  readonly subject: string
}

/** Which entries are wanted, the newest first. */
export interface HistoryQuery {
  readonly limit: number
  /** inclusive, milliseconds since the epoch */
  readonly sinceMs?: number
  readonly runnerId?: string
  readonly outcome?: HistoryOutcome
}

/** Entries are kept by shelf, so that a flood of failures never pushes a success out. */
export type HistoryShelf = 'successes' | 'failures'

/** How many entries each shelf keeps, unless set otherwise. */
export const HISTORY_KEPT_DEFAULT = 1_000

export function shelfOf(outcome: HistoryOutcome): HistoryShelf {
  switch (outcome) {
    case 'paired':
    case 'unpaired':
      return 'successes'
    case 'refused':
    case 'banned':
    case 'rate-limited':
      return 'failures'
    default:
      return assertNever(outcome)
  }
}

/** Whether an entry is among those asked for (`limit` aside). */
export const matchesQuery = (entry: HistoryEntry, query: HistoryQuery): boolean =>
  (query.sinceMs === undefined || entry.at >= query.sinceMs) &&
  (query.runnerId === undefined || entry.runnerId === query.runnerId) &&
  (query.outcome === undefined || entry.outcome === query.outcome)
