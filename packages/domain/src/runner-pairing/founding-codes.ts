import { accept, type Decision, type Instant, later, refuse } from '../kernel.ts'
import { takenFrom } from './claim.ts'
import type { PairingCode } from './code.ts'
import { byInstanceLease } from './instance-lease.ts'
import {
  endLife,
  holderKeys,
  isAged,
  isOver,
  key,
  lifeKeys,
  missing,
  putRunner,
  retireCode,
  standingIn,
} from './life.ts'
import type { Operation, View, Write } from './ports.ts'
import { type PairingCodeEntry, type RunnerId, type RunnerRecord, unseenRunner } from './records.ts'
import type { PairingRules } from './rules.ts'

/*
 * The code operations of the founding document (seed 000), usable one by one. A runner that never registered gets a
 * record; an ended life that is not recorded yet is recorded first.
 */

/** Gives a runner a code and retires the one it had. Refuses when the code exists, lives or not. */
export const registerCode = (
  command: { readonly code: PairingCode; readonly runnerId: RunnerId },
  rules: PairingRules,
): Operation<Decision<null, { readonly code: 'DUPLICATE_CODE' }>> => ({
  keys: [key('code', command.code), key('runner', command.runnerId)],
  decide: byInstanceLease((view, now) => {
    const { code, runnerId } = command
    const need = missing(view, [...holderKeys(view, code), ...lifeKeys(view.get('runner', runnerId))])
    if (need.length > 0) return { need }
    if (standingIn(view, code, rules, now).standing !== 'free') {
      return { writes: [], answer: refuse({ code: 'DUPLICATE_CODE' }) }
    }
    const { runner, writes } = currentLife(view, runnerId, rules, now)
    const held = { code, createdAt: now, expiresAt: later(now, rules.codeLifeMs), usedCount: 0 }
    return {
      writes: [
        ...writes,
        ...retireCode(view, runner, rules, now),
        ...takenFrom(view, runner, code, rules, now),
        { put: 'code', id: code, value: { status: 'live', runnerId }, sweepAt: null },
        putRunner({ ...runner, code: held }, rules, now),
      ],
      answer: accept(null),
    }
  }),
})

/** Whether a code would find a runner, online or not. Writes nothing. */
export const validateCode = (
  command: { readonly code: PairingCode },
  rules: PairingRules,
): Operation<
  Decision<
    { readonly runnerId: RunnerId; readonly entry: PairingCodeEntry },
    { readonly code: 'CODE_NOT_FOUND' | 'CODE_EXPIRED' }
  >
> => ({
  keys: [key('code', command.code)],
  decide: byInstanceLease((view, now) => {
    const need = missing(view, holderKeys(view, command.code))
    if (need.length > 0) return { need }
    const found = standingIn(view, command.code, rules, now)
    if (found.standing !== 'good') {
      const code = found.standing === 'free' ? 'CODE_NOT_FOUND' : 'CODE_EXPIRED'
      return { writes: [], answer: refuse({ code }) }
    }
    const { runnerId } = found.runner
    const { foundBy: _private, ...held } = found.held
    return { writes: [], answer: accept({ runnerId, entry: { ...held, runnerId, isActive: true } }) }
  }),
})

/** Frees a living code at once: from then on it does not exist. A dead code stays as it is. */
export const invalidateCode = (
  command: { readonly code: PairingCode },
  rules: PairingRules,
): Operation<null> => ({
  keys: [key('code', command.code)],
  decide: byInstanceLease((view, now) => {
    const need = missing(view, holderKeys(view, command.code))
    if (need.length > 0) return { need }
    const found = standingIn(view, command.code, rules, now)
    if (found.standing !== 'good') return { writes: [], answer: null }
    const writes: readonly Write[] = [
      { drop: 'code', id: command.code },
      putRunner({ ...found.runner, code: null }, rules, now),
    ]
    return { writes, answer: null }
  }),
})

/** The code a runner can be found by now, or null. Writes nothing. */
export const findCodeByRunnerId = (
  command: { readonly runnerId: RunnerId },
  rules: PairingRules,
): Operation<PairingCode | null> => ({
  keys: [key('runner', command.runnerId)],
  decide: byInstanceLease((view, now) => {
    const runner = view.get('runner', command.runnerId)
    const held = runner?.code
    const lives = runner && held && !isOver(runner, rules, now) && !isAged(held, now)
    return { writes: [], answer: lives ? held.code : null }
  }),
})

/** Counts one use; the expiry stays as it is. Answers with the new count, null for a code that does not live. */
export const incrementUsageCount = (
  command: { readonly code: PairingCode },
  rules: PairingRules,
): Operation<number | null> => ({
  keys: [key('code', command.code)],
  decide: byInstanceLease((view, now) => {
    const need = missing(view, holderKeys(view, command.code))
    if (need.length > 0) return { need }
    const found = standingIn(view, command.code, rules, now)
    if (found.standing !== 'good') return { writes: [], answer: null }
    const usedCount = found.held.usedCount + 1
    const counted = { ...found.runner, code: { ...found.held, usedCount } }
    return { writes: [putRunner(counted, rules, now)], answer: usedCount }
  }),
})

/** What became of a runner's code at its deadline: how long an unused one still lives; null when nothing is due any more. */
export interface CodeDeadline {
  readonly leftMs: number | null
}

/**
 * Records that an unused code has died of age. Decisions do not wait for it: it is what lets others who read the store see that
 * the code is not active.
 */
export const retireAgedCode = (
  command: { readonly runnerId: RunnerId },
  rules: PairingRules,
): Operation<CodeDeadline> => ({
  keys: [key('runner', command.runnerId)],
  decide: (view, now) => {
    const runner = view.get('runner', command.runnerId)
    const held = runner?.code
    if (!runner || !held || held.usedCount > 0) return { writes: [], answer: { leftMs: null } }
    if (!isAged(held, now)) return { writes: [], answer: { leftMs: held.expiresAt - now } }
    const need = missing(view, [key('code', held.code)])
    if (need.length > 0) return { need }
    const writes = [...retireCode(view, runner, rules, now), putRunner({ ...runner, code: null }, rules, now)]
    return { writes, answer: { leftMs: null } }
  },
})

/**
 * The runner as a founding operation finds it: an ended life is closed first, and an unknown runner begins one. Needs
 * the runner and `lifeKeys` in the view.
 */
export function currentLife(
  view: View,
  runnerId: RunnerId,
  rules: PairingRules,
  now: Instant,
): { readonly runner: RunnerRecord; readonly writes: readonly Write[] } {
  const stored = view.get('runner', runnerId) ?? unseenRunner(runnerId)
  if (!isOver(stored, rules, now)) return { runner: stored, writes: [] }
  const { ended, writes } =
    stored.presence.status === 'gone' ? { ended: stored, writes: [] } : endLife(view, stored, rules, now)
  return { runner: { ...ended, presence: { status: 'unseen' } }, writes }
}
