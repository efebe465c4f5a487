import { accept, type Instant, later, refuse } from '../kernel.ts'
import type { LimitSubjects } from '../limits/subjects.ts'
import { banOn, type Charged, chargeAll, NOT_CHARGED } from './attempts.ts'
import { maskCode, type PairingCode } from './code.ts'
import { putRunner, retireCode, standingIn } from './life.ts'
import type { View, Write } from './ports.ts'
import type { RunnerRecord } from './records.ts'
import type { PairingRules } from './rules.ts'

/** Why a proposed code is not given. `alarm`: the broker has just reached the number of failures worth waking somebody. */
export type ClaimRefusal =
  | ({
      readonly reason: 'duplicate-code'
      /** whether it was charged: a runner that proposes its own code, living or dead, guesses nothing */
      readonly isGuess: boolean
    } & Omit<Charged, 'writes'>)
  | { readonly reason: 'rate-limited'; readonly retryAfterMs: number }

/**
 * Takes a code for a runner and retires the one it held, in one step; or refuses a taken one. The proposal of another runner's
 * code is charged.
 */
export function claimCode(
  view: View,
  runner: RunnerRecord,
  { proposedCode, subjects }: { readonly proposedCode: PairingCode; readonly subjects: LimitSubjects },
  known: boolean,
  rules: PairingRules,
  now: Instant,
) {
  // A known runner answers for itself alone: a neighbour's failures must not keep it from coming back.
  const own = { self: subjects.self, address: subjects.self, prefix: subjects.self }
  const ban = banOn(view, known ? own : subjects, now, { breaker: false })
  if (ban) {
    const why: ClaimRefusal = { reason: 'rate-limited', retryAfterMs: ban.leftMs }
    return refuse({ why, writes: [], history: [] })
  }
  if (standingIn(view, proposedCode, rules, now).standing !== 'free') {
    // A runner that was away too long proposes its former code: the code is reserved for a while, and this is no guess.
    if (view.get('code', proposedCode)?.runnerId === runner.runnerId) {
      const { writes, ...charged } = NOT_CHARGED
      const why: ClaimRefusal = { reason: 'duplicate-code', isGuess: false, ...charged }
      return refuse({ why, writes, history: [] })
    }
    // DUPLICATE_CODE tells that a code exists, which is worth as much as a guess (SECURITY.md L8).
    const { writes, ...charged } = chargeAll(view, subjects, rules.limits, now)
    const why: ClaimRefusal = { reason: 'duplicate-code', isGuess: true, ...charged }
    const { bannedMs } = charged
    const outcome: 'banned' | 'refused' = bannedMs > 0 ? 'banned' : 'refused'
    const errorCode = 'DUPLICATE_CODE' as const
    const entry = {
      at: now,
      appSessionId: null,
      runnerId: runner.runnerId,
      maskedCode: maskCode(null),
      outcome,
      errorCode,
      subject: subjects.address,
    }
    return refuse({ why, writes, history: [entry] })
  }
  const held = { code: proposedCode, createdAt: now, expiresAt: later(now, rules.codeLifeMs), usedCount: 0 }
  const stored = view.get('runner', runner.runnerId)
  const retired = stored ? retireCode(view, stored, rules, now) : []
  const claim: Write = {
    put: 'code',
    id: proposedCode,
    value: { status: 'live', runnerId: runner.runnerId },
    sweepAt: null,
  }
  return accept({ held, writes: [...retired, ...takenFrom(view, runner, proposedCode, rules, now), claim] })
}

/** A code free again after its tombstone may still stand in its last holder's record: it is taken out there. */
export function takenFrom(
  view: View,
  by: RunnerRecord,
  code: PairingCode,
  rules: PairingRules,
  now: Instant,
): readonly Write[] {
  const claim = view.get('code', code)
  const last =
    claim?.status === 'live' && claim.runnerId !== by.runnerId
      ? view.get('runner', claim.runnerId)
      : undefined
  return last?.code?.code === code ? [putRunner({ ...last, code: null }, rules, now)] : []
}
