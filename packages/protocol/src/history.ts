import { z } from 'zod'
import { activityView } from './console.ts'

/**
 * `GET /operator/history`: all attempts, the newest first. For the operator, by the console's cookie or with the
 * operator's secret as bearer.
 */

const momentMs = z.coerce.number().int().nonnegative()

const ENTRIES_MAX = 500
const ENTRIES_DEFAULT = 50
/** Deeper pages are asked for by time instead. */
const SKIP_MAX = 100_000

export const historyOutcome = z.enum(['paired', 'unpaired', 'refused', 'banned', 'rate-limited', 'lifted'])

export const historyQuery = z.strictObject({
  /** milliseconds since the epoch, inclusive */
  since: momentMs.optional(),
  /** milliseconds since the epoch, inclusive; the reply's own for the pages after the first, so that they do not move */
  until: momentMs.optional(),
  /** a runner's id */
  runner: z.string().min(1).max(200).optional(),
  outcome: historyOutcome.optional(),
  /** `newest`: every attempt, of the newest; `audit`: pairings, their ends and bans, much further back */
  from: z.enum(['newest', 'audit']).default('newest'),
  limit: z.coerce.number().int().min(1).max(ENTRIES_MAX).default(ENTRIES_DEFAULT),
  /** how many of the newest were on the pages before */
  skip: z.coerce.number().int().min(0).max(SKIP_MAX).default(0),
})
export type HistoryRequest = z.output<typeof historyQuery>

export const historyReply = z.object({
  entries: z.array(activityView),
  /** what the next page is asked with, beside the same filters; null when this is the last */
  next: z.object({ until: z.number().int().nonnegative(), skip: z.number().int().nonnegative() }).nullable(),
})
export type HistoryReply = z.output<typeof historyReply>
