import { type Instant, later } from '../kernel.ts'

/** How many failures a subject may have, and what follows. All times in milliseconds. */
export interface BudgetRule {
  /** the failure within the window that starts the ban: 6 means that five never ban */
  readonly bansAtFailure: number
  readonly windowMs: number
  readonly banMs: number
  /** Failures this close together share a stamp (counted one by one all the same), which bounds a record's size. 1 is exact. */
  readonly resolutionMs: number
}

/** The budgets that one attempt draws on at once. */
export interface AttemptLimits {
  readonly session: BudgetRule
  /** one IPv4 address or IPv6 /64 */
  readonly address: BudgetRule
  /** one IPv4 /24 or IPv6 /48 */
  readonly prefix: BudgetRule
  /** the breaker: typed codes are refused broker-wide, route tickets are not */
  readonly broker: BudgetRule
  /** new apps of one address that type a code, right or wrong */
  readonly newcomers: BudgetRule
  /** proposals of a code that somebody else has, by one runner: an honest runner never meets one */
  readonly runner: BudgetRule
  /** broker-wide failures within the broker's window that are worth waking somebody */
  readonly alarmAtFailure: number
  /** one code: so many apps that found it and did not finish within the window make its runner take another */
  readonly code: { readonly unfinishedMax: number; readonly windowMs: number }
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** SECURITY.md L1, L3, L4, L5, L6, L8. */
export const defaultLimits: AttemptLimits = {
  session: { bansAtFailure: 6, windowMs: MINUTE_MS, banMs: 5 * MINUTE_MS, resolutionMs: 1 },
  address: { bansAtFailure: 20, windowMs: HOUR_MS, banMs: HOUR_MS, resolutionMs: 1 },
  prefix: { bansAtFailure: 200, windowMs: HOUR_MS, banMs: HOUR_MS, resolutionMs: MINUTE_MS },
  broker: { bansAtFailure: 600, windowMs: MINUTE_MS, banMs: MINUTE_MS, resolutionMs: 1_000 },
  newcomers: { bansAtFailure: 30, windowMs: MINUTE_MS, banMs: MINUTE_MS, resolutionMs: 1_000 },
  runner: { bansAtFailure: 4, windowMs: HOUR_MS, banMs: HOUR_MS, resolutionMs: 1 },
  alarmAtFailure: 60,
  code: { unfinishedMax: 10, windowMs: HOUR_MS },
}

/** Failures that happened within one step of the rule's resolution. */
export interface FailureStamp {
  readonly at: Instant
  readonly count: number
}

/** One subject's failures, oldest first, and its ban. Never more stamps than the rule needs. */
export interface AttemptBudget {
  /** whose it is, as the id of its record; left out by older releases */
  readonly subject?: string
  readonly failures: readonly FailureStamp[]
  readonly bannedUntil: Instant | null
  /** the first refusal of this ban is in the history: the others are not written one by one */
  readonly refusalNoted: boolean
}

export const freshBudget: AttemptBudget = { failures: [], bannedUntil: null, refusalNoted: false }

/** Milliseconds until the ban ends; 0 when there is none. At its last instant the ban is over. */
export const banLeftMs = (budget: AttemptBudget | undefined, now: Instant): number =>
  budget?.bannedUntil == null ? 0 : Math.max(0, budget.bannedUntil - now)

/** What people are told: seconds, never 0 while a ban stands. */
export const secondsLeft = (leftMs: number): number => Math.ceil(leftMs / 1_000)

/** Failures that still count at `now`. */
export const failuresWithin = (budget: AttemptBudget | undefined, rule: BudgetRule, now: Instant): number =>
  counting(budget?.failures ?? [], rule, now).reduce((sum, stamp) => sum + stamp.count, 0)

/** One failure more. The one that reaches the rule's number starts the ban and empties the window. */
export function charge(budget: AttemptBudget | undefined, rule: BudgetRule, now: Instant): AttemptBudget {
  const failures = stamped(counting(budget?.failures ?? [], rule, now), rule, now)
  const total = failures.reduce((sum, stamp) => sum + stamp.count, 0)
  if (total < rule.bansAtFailure) {
    return { failures, bannedUntil: budget?.bannedUntil ?? null, refusalNoted: budget?.refusalNoted ?? false }
  }
  return { failures: [], bannedUntil: later(now, rule.banMs), refusalNoted: false }
}

/** When a budget has nothing left to say and may be swept. */
export function budgetEndsAt(budget: AttemptBudget, rule: BudgetRule, now: Instant): Instant {
  const newest = budget.failures.at(-1)
  const counted = newest ? later(newest.at, rule.windowMs + rule.resolutionMs) : now
  return budget.bannedUntil !== null && budget.bannedUntil > counted ? budget.bannedUntil : counted
}

/** A stamp counts until its youngest possible failure is a full window old. */
const counting = (
  failures: readonly FailureStamp[],
  rule: BudgetRule,
  now: Instant,
): readonly FailureStamp[] =>
  failures.filter((stamp) => now < stamp.at + rule.windowMs + rule.resolutionMs - 1)

function stamped(failures: readonly FailureStamp[], rule: BudgetRule, now: Instant): readonly FailureStamp[] {
  const newest = failures.at(-1)
  if (newest && now < newest.at + rule.resolutionMs) {
    return [...failures.slice(0, -1), { at: newest.at, count: newest.count + 1 }]
  }
  return [...failures, { at: now, count: 1 }]
}
