import { assertNever, type Instant, instant, later } from '../kernel.ts'
import { leaseHolds } from '../lease.ts'
import type { PairingCode } from './code.ts'
import type { Key, RecordKind, View, Write } from './ports.ts'
import type { AppSession, CodeClaim, HeldCode, RunnerRecord } from './records.ts'
import type { PairingRules } from './rules.ts'

type Online = Extract<RunnerRecord['presence'], { readonly status: 'online' }>

/** Whether it can be reached: connected, and its last heartbeat still holds. */
export const isAlive = (runner: RunnerRecord | undefined, now: Instant): boolean =>
  runner?.presence.status === 'online' && leaseHolds(leaseOf(runner.presence), now)

/** By its broker instance's lease; or by its own heartbeats, of which the last began it. */
const leaseOf = (presence: Online) => ({
  from: presence.node === undefined ? presence.heartbeatAt : instant(0),
  until: presence.leaseUntil,
})

/**
 * The moment this life of the runner ends or ended, if it does nothing; null while no end is in sight. A function of the
 * record alone, so that it does not matter when the clean-up comes by.
 */
export function runnerEndsAt(runner: RunnerRecord, rules: PairingRules): Instant | null {
  switch (runner.presence.status) {
    case 'unseen':
      return null
    case 'online':
      return later(runner.presence.leaseUntil, rules.graceMs)
    case 'silent':
    case 'suspended':
      return runner.presence.graceUntil
    case 'gone':
      return runner.presence.at
    default:
      return assertNever(runner.presence)
  }
}

/** Held by heartbeats of a clock that is not in force any more. */
const isVoid = (runner: RunnerRecord, now: Instant): boolean =>
  runner.presence.status === 'online' && now < runner.presence.leaseUntil && !isAlive(runner, now)

/** Whether this life is over, recorded or not. */
export function isOver(runner: RunnerRecord, rules: PairingRules, now: Instant): boolean {
  const endsAt = runnerEndsAt(runner, rules)
  return isVoid(runner, now) || (endsAt !== null && now >= endsAt)
}

/** Whether a held code has died of age. A used one never does. */
export const isAged = (held: HeldCode, now: Instant): boolean => held.usedCount === 0 && now >= held.expiresAt

/** What a code is worth now. */
export type CodeStanding =
  | { readonly standing: 'free' }
  | { readonly standing: 'expired'; readonly until: Instant }
  | { readonly standing: 'good'; readonly runner: RunnerRecord; readonly held: HeldCode }

/** Judges a claim by its holder's record: a claim alone proves nothing. `holder` is the record of the claim's runner. */
export function codeStanding(
  code: string,
  claim: CodeClaim | undefined,
  holder: RunnerRecord | undefined,
  rules: PairingRules,
  now: Instant,
): CodeStanding {
  if (!claim) return { standing: 'free' }
  switch (claim.status) {
    case 'tombstone':
      return now < claim.until ? { standing: 'expired', until: claim.until } : { standing: 'free' }
    case 'live': {
      const held = holder?.code
      if (!holder || !held || held.code !== code) return { standing: 'free' }
      const diedAt = codeDiedAt(holder, held, rules, now)
      if (diedAt === null) return { standing: 'good', runner: holder, held }
      const until = later(diedAt, rules.tombstoneMs)
      return now < until ? { standing: 'expired', until } : { standing: 'free' }
    }
    default:
      return assertNever(claim)
  }
}

/** When a held code died, null while it lives: of age, or with its runner, whichever came first. */
function codeDiedAt(holder: RunnerRecord, held: HeldCode, rules: PairingRules, now: Instant): Instant | null {
  const aged = isAged(held, now) ? held.expiresAt : null
  const ended = isOver(holder, rules, now) ? runnerEndsAt(holder, rules) : null
  if (aged === null || ended === null) return aged ?? ended
  return aged < ended ? aged : ended
}

/** Retires a runner’s code: it is reserved until its tombstone ends. Needs the code’s claim in the view. */
export function retireCode(
  view: View,
  runner: RunnerRecord,
  rules: PairingRules,
  now: Instant,
): readonly Write[] {
  const held = runner.code
  if (!held) return []
  const claim = view.get('code', held.code)
  // Somebody else's by now: an end that comes late takes nothing from the new holder.
  if (claim?.status !== 'live' || claim.runnerId !== runner.runnerId) return []
  const until = later(codeDiedAt(runner, held, rules, now) ?? now, rules.tombstoneMs)
  if (until <= now) return [{ drop: 'code', id: held.code }]
  const { runnerId } = runner
  return [{ put: 'code', id: held.code, value: { status: 'tombstone', until, runnerId }, sweepAt: until }]
}

/**
 * Ends a life: code retired, generation raised (which voids every pairing at once), the list of its apps given up. Needs the
 * claim of its code in the view.
 */
export function endLife(
  view: View,
  runner: RunnerRecord,
  rules: PairingRules,
  now: Instant,
): { readonly ended: RunnerRecord; readonly writes: readonly Write[] } {
  const due = runnerEndsAt(runner, rules)
  const at = due !== null && due < now ? due : now
  const ended: RunnerRecord = { ...runner, gen: runner.gen + 1, presence: { status: 'gone', at }, code: null }
  return {
    ended,
    writes: [
      ...retireCode(view, runner, rules, now),
      putRunner(ended, rules, now),
      { drop: 'apps', id: runner.runnerId },
    ],
  }
}

/** Whether a session is worth something: its generation is the runner's, the runner has not ended, it was used lately enough. */
export const isPaired = (
  session: AppSession | undefined,
  runner: RunnerRecord | undefined,
  rules: PairingRules,
  now: Instant,
): boolean =>
  session !== undefined &&
  runner !== undefined &&
  session.runnerId === runner.runnerId &&
  session.gen === runner.gen &&
  !isOver(runner, rules, now) &&
  now < session.usedAt + rules.sessionIdleMs

/** A runner's record is kept while it may return by key; one without a key goes some time after its end. */
export function putRunner(runner: RunnerRecord, rules: PairingRules, now: Instant): Write {
  const { presence } = runner
  const forgettable = runner.publicKey === null && runner.code === null
  const idle = presence.status === 'gone' || presence.status === 'unseen'
  const sweepAt = forgettable && idle ? later(now, rules.sessionIdleMs) : null
  return { put: 'runner', id: runner.runnerId, value: runner, sweepAt }
}

export const putSession = (session: AppSession, rules: PairingRules): Write => ({
  put: 'session',
  id: session.appSessionId,
  value: session,
  sweepAt: later(session.usedAt, rules.sessionIdleMs),
})

/** The list of a runner's apps with one of them taken out; nothing to write when it was not there. */
export function withoutApp(view: View, runnerId: string, appSessionId: string): readonly Write[] {
  const apps = view.get('apps', runnerId)
  if (!apps?.includes(appSessionId)) return []
  const left = apps.filter((app) => app !== appSessionId)
  return left.length === 0
    ? [{ drop: 'apps', id: runnerId }]
    : [{ put: 'apps', id: runnerId, value: left, sweepAt: null }]
}

export const key = <K extends RecordKind>(kind: K, id: string): Key<K> => ({ kind, id })

/** Those of the keys that the decision has not been shown yet. */
export const missing = (view: View, keys: readonly Key[]): readonly Key[] =>
  keys.filter(({ kind, id }) => !view.has(kind, id))

/** Keys that lead from a runner to all that its end touches. */
export const lifeKeys = (runner: RunnerRecord | undefined): readonly Key[] => {
  if (!runner) return []
  const apps = key('apps', runner.runnerId)
  return runner.code ? [apps, key('code', runner.code.code)] : [apps]
}

/** The runner that holds the code by its claim, to be read before the claim is judged. */
export function holderKeys(view: View, code: PairingCode): readonly Key[] {
  const claim = view.get('code', code)
  return claim?.status === 'live' ? [key('runner', claim.runnerId)] : []
}

/** The standing of a code whose claim and holder are in the view. */
export function standingIn(view: View, code: PairingCode, rules: PairingRules, now: Instant): CodeStanding {
  const claim = view.get('code', code)
  const holder = claim?.status === 'live' ? view.get('runner', claim.runnerId) : undefined
  return codeStanding(code, claim, holder, rules, now)
}
