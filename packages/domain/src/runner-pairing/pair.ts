import type { HistoryEntry, HistoryOutcome } from '../audit/history.ts'
import { accept, type Decision, type Instant, refuse } from '../kernel.ts'
import { type LimitSubjects, newcomersOf } from '../limits/subjects.ts'
import {
  type Ban,
  banOn,
  budgetKeys,
  chargeAll,
  countNewcomer,
  NOT_CHARGED,
  noteRefusal,
} from './attempts.ts'
import type { PairingCode } from './code.ts'
import { found } from './finders.ts'
import { byInstanceLease, instanceOf } from './instance-lease.ts'
import { holderKeys, isAlive, key, missing, putRunner, putSession, standingIn, withoutApp } from './life.ts'
import type { Key, Operation, Outcome, View, Write } from './ports.ts'
import type { AppSession, AppSessionId, InstanceId, RunnerId, RunnerRecord } from './records.ts'
import type { PairingRules } from './rules.ts'

/** How an app finds its runner: what a person typed, or a ticket the runner itself deposited (known app, QR). */
export type PairBy =
  | { readonly via: 'code'; readonly candidates: readonly PairingCode[] }
  /** SHA-256, hex, of the ticket shown */
  | { readonly via: 'route'; readonly runnerId: RunnerId; readonly routeTicketDigest: string }

export interface Pair {
  readonly appSessionId: AppSessionId
  readonly by: PairBy
  /** the new pairing's public name: 16 random bytes as text */
  readonly pid: string
  /** the first candidate by `maskCode`, for the history */
  readonly maskedCode: string
  readonly subjects: LimitSubjects
  /** how the app calls itself and where it is, for people to know it by */
  readonly seen?: AppSession['seen']
}

export interface Paired {
  readonly runnerId: RunnerId
  /** how people call it */
  readonly runnerLabel: string
  /** the broker process that holds its connection */
  readonly node: InstanceId | null
  readonly gen: number
  readonly epoch: number
  readonly pairedAt: Instant
  readonly pid: string
  /** the code that was found; null by ticket */
  readonly code: PairingCode | null
  /** the runner this app was taken from, which is to be told */
  readonly movedFrom: RunnerId | null
  /** an app that had to make room, which is to be told */
  readonly displaced: string | null
  /** too many apps found this code and got no further: its runner is to take another */
  readonly codeIsKnown: boolean
}

export type PairRefusal =
  | {
      readonly code: 'CODE_NOT_FOUND' | 'CODE_EXPIRED' | 'RUNNER_OFFLINE'
      /** this failure started a ban of that many milliseconds; 0 if not */
      readonly bannedMs: number
      readonly alarm: boolean
      readonly breaker: boolean
      /** whether it was a guess, and so was charged. A valid ticket for an offline runner is not a guess. */
      readonly isGuess: boolean
    }
  | { readonly code: 'INVALID_FORMAT' }
  | { readonly code: 'RATE_LIMITED'; readonly retryAfterMs: number }

type Failure = 'CODE_NOT_FOUND' | 'CODE_EXPIRED' | 'RUNNER_OFFLINE'
type Found =
  | { readonly found: true; readonly runner: RunnerRecord; readonly code: PairingCode | null }
  /** `guess` false: a valid ticket was shown, so nothing is charged */
  | { readonly found: false; readonly why: Failure; readonly guess: boolean }

/**
 * An app pairs: ban, code, session, use count, budget and history in one step, so that nothing comes between and parallel
 * guesses are not free. The failure that starts a ban is still evaluated; after it nothing is.
 */
export function pair(command: Pair, rules: PairingRules): Operation<Decision<Paired, PairRefusal>> {
  const { by, subjects, appSessionId } = command
  if (by.via === 'code' && by.candidates.length === 0) {
    return { keys: [], decide: () => ({ writes: [], answer: refuse({ code: 'INVALID_FORMAT' }) }) }
  }
  const target: readonly Key[] =
    by.via === 'code' ? by.candidates.map((code) => key('code', code)) : [key('runner', by.runnerId)]
  return {
    keys: [
      key('session', appSessionId),
      ...budgetKeys(subjects),
      ...(by.via === 'code' ? [key('budget', newcomersOf(subjects))] : []),
      ...target,
    ],
    decide: byInstanceLease((view, now) => {
      const arrival = isNewcomer(view, command)
        ? countNewcomer(view, subjects, rules.limits, now)
        : NO_NEWCOMER
      const ban = banOn(view, subjects, now, { breaker: !hasTicket(view, by) }) ?? arrival.ban
      if (ban) return heldOff(view, command, ban, now)
      const need = by.via === 'code' ? missing(view, codeKeys(view, by.candidates, rules)) : []
      if (need.length > 0) return { need }
      const found = find(view, command, rules, now)
      const outcome = found.found
        ? succeed(view, command, found, rules, now)
        : fail(view, command, found, rules, now)
      return 'need' in outcome ? outcome : { ...outcome, writes: [...arrival.writes, ...outcome.writes] }
    }),
  }
}

const NO_NEWCOMER: ReturnType<typeof countNewcomer> = { ban: null, writes: [] }

/** An app that types a code and has neither been paired nor failed before. */
const isNewcomer = (view: View, { appSessionId, by, subjects }: Pair): boolean =>
  by.via === 'code' &&
  view.get('session', appSessionId) === undefined &&
  view.get('budget', subjects.self) === undefined

/** Nothing is judged; the first refusal of a ban is remembered. */
function heldOff(view: View, command: Pair, ban: Ban, now: Instant): Outcome<Decision<Paired, PairRefusal>> {
  const history = ban.noted ? [] : [remembered(command, null, 'rate-limited', now, ban.subject)]
  const answer = refuse<PairRefusal>({ code: 'RATE_LIMITED', retryAfterMs: ban.leftMs })
  return { writes: noteRefusal(view, ban, now), history, answer }
}

/** Where codes are refused alike, one that leads nowhere is followed as far as one that leads to a runner. */
const codeKeys = (view: View, candidates: readonly PairingCode[], rules: PairingRules): readonly Key[] =>
  candidates.flatMap((code) => {
    const holder = holderKeys(view, code)
    return holder.length === 0 && rules.refusesAlike ? [key('session', `nobody:${code}`)] : holder
  })

/** The right ticket is proof by itself: it passes the breaker, and a runner that is away costs it nothing. */
const hasTicket = (view: View, by: PairBy): boolean =>
  by.via === 'route' &&
  (view.get('runner', by.runnerId)?.routeTickets.includes(by.routeTicketDigest) ?? false)

/**
 * An app that types a code of the runner it paired with last guesses nothing: that runner may be away, or have another code by now.
 * Needs the code's claim and the app's session in the view.
 */
function isOwnRunners(view: View, appSessionId: AppSessionId, code: PairingCode): boolean {
  const runnerId = view.get('code', code)?.runnerId
  return runnerId !== undefined && view.get('session', appSessionId)?.runnerId === runnerId
}

function find(view: View, { by, appSessionId }: Pair, rules: PairingRules, now: Instant): Found {
  if (by.via === 'route') {
    const runner = view.get('runner', by.runnerId)
    // A store that forgot the runner knows its name alone, and its tickets once it has registered again: until then none is wrong.
    if (runner?.presence.status === 'unseen') return { found: false, why: 'RUNNER_OFFLINE', guess: false }
    if (!runner || !hasTicket(view, by)) return { found: false, why: 'CODE_NOT_FOUND', guess: true }
    if (!isAlive(runner, now)) return { found: false, why: 'RUNNER_OFFLINE', guess: false }
    return { found: true, runner, code: null }
  }
  let why: Failure = 'CODE_NOT_FOUND'
  let guess = true
  for (const code of by.candidates) {
    const standing = standingIn(view, code, rules, now)
    if (standing.standing === 'good' && isAlive(standing.runner, now)) {
      return { found: true, runner: standing.runner, code }
    }
    // The first reading that meant something says why.
    if (why === 'CODE_NOT_FOUND' && standing.standing !== 'free') {
      why = standing.standing === 'good' ? 'RUNNER_OFFLINE' : 'CODE_EXPIRED'
      guess = !isOwnRunners(view, appSessionId, code)
    }
  }
  return { found: false, why, guess }
}

function fail(
  view: View,
  command: Pair,
  { why, guess }: { readonly why: Failure; readonly guess: boolean },
  rules: PairingRules,
  now: Instant,
): Outcome<Decision<Paired, PairRefusal>> {
  const charged = guess ? chargeAll(view, command.subjects, rules.limits, now) : NOT_CHARGED
  const { bannedMs, alarm, breaker } = charged
  const outcome = bannedMs > 0 ? 'banned' : 'refused'
  const runnerId = command.by.via === 'route' ? command.by.runnerId : null
  return {
    writes: charged.writes,
    history: [{ ...remembered(command, runnerId, outcome, now, command.subjects.address), errorCode: why }],
    answer: refuse({
      code: rules.refusesAlike ? 'CODE_NOT_FOUND' : why,
      bannedMs,
      alarm,
      breaker,
      isGuess: guess,
    }),
  }
}

function succeed(
  view: View,
  command: Pair,
  { runner, code }: { readonly runner: RunnerRecord; readonly code: PairingCode | null },
  rules: PairingRules,
  now: Instant,
): Outcome<Decision<Paired, PairRefusal>> {
  const { appSessionId, pid } = command
  const before = view.get('session', appSessionId)
  const left = before && before.runnerId !== runner.runnerId ? before.runnerId : null
  const need = missing(view, [key('apps', runner.runnerId), ...(left ? [key('apps', left)] : [])])
  if (need.length > 0) return { need }

  const others = (view.get('apps', runner.runnerId) ?? []).filter((app) => app !== appSessionId)
  // The list is bounded; the longest paired app makes room, and comes back by its ticket.
  const displaced = others.length >= rules.appsMax ? (others[0] ?? null) : null
  const apps = displaced === null ? others : others.slice(1)
  if (displaced !== null && !view.has('session', displaced)) return { need: [key('session', displaced)] }

  const { runnerId, gen, epoch } = runner
  const { seen } = command
  const session: AppSession = {
    appSessionId,
    runnerId,
    gen,
    pairedAt: now,
    usedAt: now,
    pid,
    ...(seen && { seen }),
  }
  const use = code !== null && runner.code ? found(runner.code, appSessionId, rules.limits, now) : null
  const writes: readonly Write[] = [
    putSession(session, rules),
    { put: 'apps', id: runnerId, value: [...apps, appSessionId], sweepAt: null },
    ...(left ? withoutApp(view, left, appSessionId) : []),
    ...(use ? [putRunner({ ...runner, code: use.held }, rules, now)] : []),
    ...(displaced === null ? [] : endedSession(view, displaced, runnerId)),
  ]
  return {
    writes,
    history: [remembered(command, runnerId, 'paired', now, command.subjects.address)],
    answer: accept({
      runnerId,
      runnerLabel: runner.label,
      node: instanceOf(runner),
      gen,
      epoch,
      pairedAt: now,
      pid,
      code,
      movedFrom: left,
      displaced,
      codeIsKnown: use?.tooMany ?? false,
    }),
  }
}

/** The list is a hint: a session that has moved on is not touched. */
const endedSession = (view: View, appSessionId: string, runnerId: RunnerId): readonly Write[] =>
  view.get('session', appSessionId)?.runnerId === runnerId ? [{ drop: 'session', id: appSessionId }] : []

const remembered = (
  command: Pair,
  runnerId: RunnerId | null,
  outcome: HistoryOutcome,
  now: Instant,
  subject: string,
): HistoryEntry => ({
  at: now,
  appSessionId: command.appSessionId,
  runnerId,
  maskedCode: command.maskedCode,
  outcome,
  errorCode: outcome === 'rate-limited' ? 'RATE_LIMITED' : null,
  subject,
})
