import type { HistoryEntry } from '../audit/history.ts'
import { type Instant, later } from '../kernel.ts'
import {
  type AttemptLimits,
  type BudgetRule,
  banLeftMs,
  budgetEndsAt,
  charge,
  failuresWithin,
} from '../limits/budget.ts'
import { BROKER_SUBJECT, type LimitSubjects, newcomersOf } from '../limits/subjects.ts'
import { maskCode } from './code.ts'
import type { Key, Operation, View, Write } from './ports.ts'

/** One budget an attempt draws on. */
interface Drawn {
  readonly subject: string
  readonly rule: BudgetRule
}

/** The ban that stands in an attempt's way. */
export interface Ban {
  readonly subject: string
  readonly leftMs: number
  /** whether a refusal by it is in the history already */
  readonly noted: boolean
}

/** What a charge has set off. */
export interface Charged {
  readonly writes: readonly Write[]
  /** this failure started a ban; its length in milliseconds, 0 if not */
  readonly bannedMs: number
  /** this failure brought the broker exactly to its alarm, so that it rings once a window at most */
  readonly alarm: boolean
  /** this failure opened the breaker */
  readonly breaker: boolean
}

/** Nothing was guessed, so nothing was charged. */
export const NOT_CHARGED: Charged = { writes: [], bannedMs: 0, alarm: false, breaker: false }

export const budgetKeys = (subjects: LimitSubjects): readonly Key[] =>
  [subjects.self, subjects.address, subjects.prefix, BROKER_SUBJECT].map((id) => ({ kind: 'budget', id }))

/** The longest ban on any of the subjects, or null. With `breaker` false the broker-wide one does not count. */
export function banOn(
  view: View,
  subjects: LimitSubjects,
  now: Instant,
  { breaker }: { readonly breaker: boolean },
): Ban | null {
  const ids = [subjects.self, subjects.address, subjects.prefix, ...(breaker ? [BROKER_SUBJECT] : [])]
  let longest: Ban | null = null
  for (const subject of ids) {
    const budget = view.get('budget', subject)
    const leftMs = banLeftMs(budget, now)
    if (leftMs > (longest?.leftMs ?? 0)) longest = { subject, leftMs, noted: budget?.refusalNoted ?? false }
  }
  return longest
}

/**
 * A session is free to make, so those that one address makes are counted, whatever becomes of them. A newcomer is an app that
 * has neither been paired nor failed before. Answers with the ban that keeps newcomers of this address out, or the count.
 */
export function countNewcomer(
  view: View,
  subjects: LimitSubjects,
  limits: AttemptLimits,
  now: Instant,
): { readonly ban: Ban | null; readonly writes: readonly Write[] } {
  const subject = newcomersOf(subjects)
  const before = view.get('budget', subject)
  const leftMs = banLeftMs(before, now)
  if (leftMs > 0) return { ban: { subject, leftMs, noted: before?.refusalNoted ?? false }, writes: [] }
  const value = { ...charge(before, limits.newcomers, now), subject }
  const sweepAt = budgetEndsAt(value, limits.newcomers, now)
  return { ban: null, writes: [{ put: 'budget', id: subject, value, sweepAt }] }
}

/** Remembers that a ban's refusal is in the history. */
export function noteRefusal(view: View, ban: Ban, now: Instant): readonly Write[] {
  const budget = view.get('budget', ban.subject)
  if (!budget || ban.noted) return []
  const value = { ...budget, refusalNoted: true }
  return [{ put: 'budget', id: ban.subject, value, sweepAt: later(now, ban.leftMs) }]
}

/** Charges one failure to every subject and to the broker. */
export function chargeAll(view: View, subjects: LimitSubjects, limits: AttemptLimits, now: Instant): Charged {
  const drawn = draws(subjects, limits)
  const charged = drawn.map(({ subject, rule }) => ({
    subject,
    rule,
    budget: charge(view.get('budget', subject), rule, now),
  }))
  const broker = failuresWithin(view.get('budget', BROKER_SUBJECT), limits.broker, now)
  const openUntil = charged.at(-1)?.budget.bannedUntil ?? null
  return {
    writes: charged.map(({ subject, rule, budget }) => ({
      put: 'budget',
      id: subject,
      value: { ...budget, subject },
      sweepAt: budgetEndsAt(budget, rule, now),
    })),
    // The breaker does not ban the author of the last failure.
    bannedMs: Math.max(...charged.slice(0, -1).map(({ budget }) => banLeftMs(budget, now))),
    alarm: broker + 1 === limits.alarmAtFailure,
    breaker: openUntil !== null && openUntil !== view.get('budget', BROKER_SUBJECT)?.bannedUntil,
  }
}

/** What became of a secret that was shown. */
export type SecretAnswer =
  | { readonly status: 'right' }
  | { readonly status: 'wrong'; readonly charged: Charged }
  /** the answer does not say whether the secret was right */
  | { readonly status: 'banned'; readonly leftMs: number }

/**
 * A secret was shown, and compared by the shell. Whether it was right is answered in the same step that charges a wrong one,
 * so that a thousand shown at once are not a thousand guesses.
 */
export const offerSecret = (
  { isRight, subjects }: { readonly isRight: boolean; readonly subjects: LimitSubjects },
  limits: AttemptLimits,
): Operation<SecretAnswer> => ({
  keys: budgetKeys(subjects),
  decide: (view, now) => {
    const ban = banOn(view, subjects, now, { breaker: false })
    if (ban) return { writes: [], answer: { status: 'banned', leftMs: ban.leftMs } }
    if (isRight) return { writes: [], answer: { status: 'right' } }
    const charged = chargeAll(view, subjects, limits, now)
    const entry: HistoryEntry = {
      at: now,
      appSessionId: null,
      runnerId: null,
      maskedCode: maskCode(null),
      outcome: charged.bannedMs > 0 ? 'banned' : 'refused',
      errorCode: 'INVALID_SECRET',
      subject: subjects.address,
    }
    return { writes: charged.writes, history: [entry], answer: { status: 'wrong', charged } }
  },
})

/** The founding service's step by step form: one failure of these subjects. Answers with the ban it started, if any. */
export const recordFailure = (subjects: LimitSubjects, limits: AttemptLimits): Operation<Charged> => ({
  keys: budgetKeys(subjects),
  decide: (view, now) => {
    const charged = chargeAll(view, subjects, limits, now)
    return { writes: charged.writes, answer: charged }
  },
})

/** The same where only the session is known. Answers with the milliseconds of the ban that it started, 0 if none. */
export const recordSessionFailure = (
  { self }: Pick<LimitSubjects, 'self'>,
  { session }: AttemptLimits,
): Operation<number> => ({
  keys: [{ kind: 'budget', id: self }],
  decide: (view, now) => {
    const value = { ...charge(view.get('budget', self), session, now), subject: self }
    const write: Write = { put: 'budget', id: self, value, sweepAt: budgetEndsAt(value, session, now) }
    return { writes: [write], answer: banLeftMs(value, now) }
  },
})

/** The founding service's step by step form: milliseconds until these subjects may try again, 0 for now. Writes nothing. */
export const banLeft = (subjects: LimitSubjects): Operation<number> => ({
  keys: budgetKeys(subjects),
  decide: (view, now) => ({ writes: [], answer: banOn(view, subjects, now, { breaker: true })?.leftMs ?? 0 }),
})

/** The same where only the session is known. */
export const sessionBanLeft = ({ self }: Pick<LimitSubjects, 'self'>): Operation<number> => ({
  keys: [{ kind: 'budget', id: self }],
  decide: (view, now) => ({ writes: [], answer: banLeftMs(view.get('budget', self), now) }),
})

/** How much the whole broker is guessed at. */
export interface Guessing {
  /** failures within the broker's window */
  readonly failures: number
  /** until when the breaker is open; null while it is closed */
  readonly breakerUntil: Instant | null
}

/** The broker’s own budget, for the alarm. Writes nothing. */
export const guessing = (limits: AttemptLimits): Operation<Guessing> => ({
  keys: [{ kind: 'budget', id: BROKER_SUBJECT }],
  decide: (view, now) => {
    const budget = view.get('budget', BROKER_SUBJECT)
    const failures = failuresWithin(budget, limits.broker, now)
    const breakerUntil = banLeftMs(budget, now) > 0 ? (budget?.bannedUntil ?? null) : null
    return { writes: [], answer: { failures, breakerUntil } }
  },
})

const draws = (subjects: LimitSubjects, limits: AttemptLimits): readonly Drawn[] => [
  { subject: subjects.self, rule: subjects.self.startsWith('runner:') ? limits.runner : limits.session },
  { subject: subjects.address, rule: limits.address },
  { subject: subjects.prefix, rule: limits.prefix },
  { subject: BROKER_SUBJECT, rule: limits.broker },
]
