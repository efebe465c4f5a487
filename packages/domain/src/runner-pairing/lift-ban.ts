import type { HistoryEntry } from '../audit/history.ts'
import type { Instant } from '../kernel.ts'
import { banLeftMs } from '../limits/budget.ts'
import { addressSubject, BROKER_SUBJECT } from '../limits/subjects.ts'
import { maskCode } from './code.ts'
import type { Operation } from './ports.ts'
import { parseAppSessionId, parseRunnerId } from './records.ts'

/** A ban that was taken back before its time. */
export interface LiftedBan {
  /** the id of its budget, as `address:192.0.2.7` */
  readonly subject: string
  /** until when it would have held */
  readonly bannedUntil: Instant
}

/**
 * The budgets that an operator means by `named`: an address with all that is counted for it, a network, a session or a runner,
 * as a list of bans shows them. A whole IPv6 address stands for its /64.
 */
export function subjectsNamed(named: string): readonly string[] {
  const address = addressSubject(named)
  const addresses = [`address:${named}`, ...(address === UNREADABLE ? [] : [address])]
  return [
    ...new Set([
      ...addresses.flatMap((each) => [each, `secret:${each}`, `newcomers:${each}`]),
      ...['prefix', 'session', 'runner'].map((kind) => `${kind}:${named}`),
    ]),
  ]
}

/**
 * Lifts the bans of these budgets, and remembers each: the counted failures are forgotten, so that the next failure is
 * the first. Answers with the lifted bans. The breaker is no ban, and closes by itself.
 */
export const liftBans = (subjects: readonly string[]): Operation<readonly LiftedBan[]> => ({
  keys: subjects.map((id) => ({ kind: 'budget', id })),
  decide: (view, now) => {
    const lifted = subjects.flatMap((subject): readonly LiftedBan[] => {
      const budget = view.get('budget', subject)
      const bannedUntil = budget?.bannedUntil ?? null
      const stands = subject !== BROKER_SUBJECT && banLeftMs(budget, now) > 0
      return stands && bannedUntil !== null ? [{ subject, bannedUntil }] : []
    })
    return {
      writes: lifted.map(({ subject }) => ({ drop: 'budget', id: subject })),
      history: lifted.map(({ subject }) => remembered(subject, now)),
      answer: lifted,
    }
  },
})

/** What `addressSubject` says of text that is no address. */
const UNREADABLE = addressSubject('')

function remembered(subject: string, now: Instant): HistoryEntry {
  const colon = subject.indexOf(':')
  const [kind, id] = [subject.slice(0, colon), subject.slice(colon + 1)]
  return {
    at: now,
    appSessionId: kind === 'session' ? parseAppSessionId(id) : null,
    runnerId: kind === 'runner' ? parseRunnerId(id) : null,
    maskedCode: maskCode(null),
    outcome: 'lifted',
    errorCode: null,
    subject,
  }
}
