import { accept, type Decision, type Instant, refuse } from '../kernel.ts'
import { maskCode } from './code.ts'
import { byInstanceLease, instanceOf } from './instance-lease.ts'
import { isAlive, isPaired, key, missing, putSession, runnerEndsAt, withoutApp } from './life.ts'
import type { Operation, Write } from './ports.ts'
import type { AppSession, AppSessionId, InstanceId, RunnerId, RunnerRecord } from './records.ts'
import type { PairingRules } from './rules.ts'

/** What an app is told about itself. */
export type PairingStatus =
  | {
      readonly paired: true
      readonly runnerId: RunnerId
      readonly pid: string | null
      readonly pairedAt: Instant
      readonly runnerOnline: boolean
      /** while the runner is away: until when it may come back to this pairing */
      readonly heldUntil: Instant | null
    }
  /** `formerRunnerId`: the runner whose end ended the pairing, for "pair again with …" */
  | { readonly paired: false; readonly formerRunnerId: RunnerId | null }

/** What a frame or command of an app may reach. */
export interface Authority {
  readonly runnerId: RunnerId
  readonly gen: number
  readonly epoch: number
  readonly pid: string | null
  /** the broker process that has the runner's connection; null when none does */
  readonly node: InstanceId | null
}

/** A pairing in use is renewed this often at most: each renewal is a write. */
const RENEWED_EVERY_MS = 60 * 60 * 1_000

/** Whether and with whom an app is paired. Renews the pairing's idle deadline, at most once an hour. */
export const pairingStatus = (
  command: { readonly appSessionId: AppSessionId },
  rules: PairingRules,
): Operation<PairingStatus> => ({
  keys: [key('session', command.appSessionId)],
  decide: byInstanceLease((view, now) => {
    const session = view.get('session', command.appSessionId)
    if (!session) return { writes: [], answer: { paired: false, formerRunnerId: null } }
    const need = missing(view, [key('runner', session.runnerId)])
    if (need.length > 0) return { need }
    const runner = view.get('runner', session.runnerId)
    if (!runner || !isPaired(session, runner, rules, now)) {
      return { writes: [], answer: { paired: false, formerRunnerId: session.runnerId } }
    }
    return { writes: renewal(session, rules, now), answer: statusOf(session, runner, rules, now) }
  }),
})

/** Whether an app may reach its runner now. Refuses with NOT_PAIRED or RUNNER_OFFLINE. Writes nothing. */
export const authorise = (
  command: { readonly appSessionId: AppSessionId },
  rules: PairingRules,
): Operation<Decision<Authority, { readonly code: 'NOT_PAIRED' | 'RUNNER_OFFLINE' }>> => ({
  keys: [key('session', command.appSessionId)],
  decide: byInstanceLease((view, now) => {
    const session = view.get('session', command.appSessionId)
    if (!session) return { writes: [], answer: refuse({ code: 'NOT_PAIRED' }) }
    const need = missing(view, [key('runner', session.runnerId)])
    if (need.length > 0) return { need }
    const runner = view.get('runner', session.runnerId)
    if (!runner || !isPaired(session, runner, rules, now))
      return { writes: [], answer: refuse({ code: 'NOT_PAIRED' }) }
    if (!isAlive(runner, now)) return { writes: [], answer: refuse({ code: 'RUNNER_OFFLINE' }) }
    const { runnerId, gen, epoch } = runner
    return {
      writes: [],
      answer: accept({ runnerId, gen, epoch, pid: session.pid, node: instanceOf(runner) }),
    }
  }),
})

/** All that an app which comes back wants to know, as of one moment. */
export interface PairingStanding {
  readonly status: PairingStatus
  /** its runner, or the one that it was paired with last, as it is recorded */
  readonly runner: RunnerRecord | undefined
  readonly entry: Decision<Authority, { readonly code: 'NOT_PAIRED' | 'RUNNER_OFFLINE' }>
}

/** `pairingStatus` and `authorise` in one run: when ten thousand apps come back at once, each run of the store counts. */
export const pairingStanding = (
  command: { readonly appSessionId: AppSessionId },
  rules: PairingRules,
): Operation<PairingStanding> => {
  const [status, entry] = [pairingStatus(command, rules), authorise(command, rules)]
  return {
    keys: status.keys,
    decide: (view, now) => {
      const told = status.decide(view, now)
      if ('need' in told) return told
      const entered = entry.decide(view, now)
      if ('need' in entered) return entered
      const { answer } = told
      const runnerId = answer.paired ? answer.runnerId : answer.formerRunnerId
      const runner = runnerId === null ? undefined : view.get('runner', runnerId)
      return { ...told, answer: { status: answer, runner, entry: entered.answer } }
    },
  }
}

/** What an unpairing ended; all null when the app was not paired, which is a success too. */
export interface Unpaired {
  readonly runnerId: RunnerId | null
  readonly pid: string | null
}

/** Ends an app's pairing; the runner's code lives on. `ofRunner` ends it only if it is with that runner (a runner revokes). */
export const unpair = (
  command: { readonly appSessionId: AppSessionId; readonly ofRunner?: RunnerId; readonly subject?: string },
  rules: PairingRules,
): Operation<Unpaired> => ({
  keys: [key('session', command.appSessionId)],
  decide: byInstanceLease((view, now) => {
    const { appSessionId, ofRunner } = command
    const session = view.get('session', appSessionId)
    if (!session || (ofRunner !== undefined && session.runnerId !== ofRunner)) {
      return { writes: [], answer: { runnerId: null, pid: null } }
    }
    const { runnerId, pid } = session
    const need = missing(view, [key('runner', runnerId), key('apps', runnerId)])
    if (need.length > 0) return { need }
    const writes: readonly Write[] = [
      { drop: 'session', id: appSessionId },
      ...withoutApp(view, runnerId, appSessionId),
    ]
    if (!isPaired(session, view.get('runner', runnerId), rules, now))
      return { writes, answer: { runnerId: null, pid: null } }
    const subject = command.subject ?? `session:${appSessionId}`
    const entry = {
      at: now,
      appSessionId,
      runnerId,
      maskedCode: maskCode(null),
      outcome: 'unpaired' as const,
      errorCode: null,
      subject,
    }
    return { writes, history: [entry], answer: { runnerId, pid } }
  }),
})

function statusOf(
  session: AppSession,
  runner: RunnerRecord,
  rules: PairingRules,
  now: Instant,
): PairingStatus {
  const runnerOnline = isAlive(runner, now)
  return {
    paired: true,
    runnerId: runner.runnerId,
    pid: session.pid,
    pairedAt: session.pairedAt,
    runnerOnline,
    heldUntil: runnerOnline ? null : runnerEndsAt(runner, rules),
  }
}

function renewal(session: AppSession, rules: PairingRules, now: Instant): readonly Write[] {
  const everyMs = Math.min(RENEWED_EVERY_MS, rules.sessionIdleMs / 2)
  return now - session.usedAt < everyMs ? [] : [putSession({ ...session, usedAt: now }, rules)]
}
