import { later } from '../kernel.ts'
import { currentLife } from './founding-codes.ts'
import { byInstanceLease, instanceOf } from './instance-lease.ts'
import {
  isAlive,
  isOver,
  isPaired,
  key,
  lifeKeys,
  missing,
  putRunner,
  putSession,
  withoutApp,
} from './life.ts'
import type { Operation, Write } from './ports.ts'
import type { AppSession, AppSessionId, PairingSession, RunnerId, RunnerRecord } from './records.ts'
import type { PairingRules } from './rules.ts'

/* The session operations of the founding document (seed 002), usable one by one, as those of codes are. */

/** Pairs an app with a runner, online or not, and takes it from the one it was paired with. */
export const createSession = (
  command: { readonly appSessionId: AppSessionId; readonly runnerId: RunnerId },
  rules: PairingRules,
): Operation<null> => ({
  keys: [
    key('session', command.appSessionId),
    key('runner', command.runnerId),
    key('apps', command.runnerId),
  ],
  decide: byInstanceLease((view, now) => {
    const { appSessionId, runnerId } = command
    const before = view.get('session', appSessionId)
    const left = before && before.runnerId !== runnerId ? before.runnerId : null
    const need = missing(view, [
      ...lifeKeys(view.get('runner', runnerId)),
      ...(left ? [key('apps', left)] : []),
    ])
    if (need.length > 0) return { need }
    const { runner, writes } = currentLife(view, runnerId, rules, now)
    // A life that had to be ended first has taken its list of apps with it.
    const apps = writes.length > 0 ? [] : (view.get('apps', runnerId) ?? [])
    const session: AppSession = {
      appSessionId,
      runnerId,
      gen: runner.gen,
      pairedAt: now,
      usedAt: now,
      pid: null,
    }
    return {
      writes: [
        ...writes,
        putRunner(runner, rules, now),
        putSession(session, rules),
        {
          put: 'apps',
          id: runnerId,
          value: [...apps.filter((app) => app !== appSessionId), appSessionId],
          sweepAt: null,
        },
        ...(left ? withoutApp(view, left, appSessionId) : []),
      ],
      answer: null,
    }
  }),
})

/** The app's pairing, or null when it has none that is worth something. Writes nothing. */
export const getSession = (
  command: { readonly appSessionId: AppSessionId },
  rules: PairingRules,
): Operation<PairingSession | null> => ({
  keys: [key('session', command.appSessionId)],
  decide: byInstanceLease((view, now) => {
    const session = view.get('session', command.appSessionId)
    if (!session) return { writes: [], answer: null }
    const need = missing(view, [key('runner', session.runnerId)])
    if (need.length > 0) return { need }
    if (!isPaired(session, view.get('runner', session.runnerId), rules, now))
      return { writes: [], answer: null }
    return { writes: [], answer: viewOf(session) }
  }),
})

/** Ends the app's pairing, if it has one. */
export const removeSession = (command: { readonly appSessionId: AppSessionId }): Operation<null> => ({
  keys: [key('session', command.appSessionId)],
  decide: (view) => {
    const session = view.get('session', command.appSessionId)
    if (!session) return { writes: [], answer: null }
    const need = missing(view, [key('apps', session.runnerId)])
    if (need.length > 0) return { need }
    const { appSessionId, runnerId } = session
    return {
      writes: [{ drop: 'session', id: appSessionId }, ...withoutApp(view, runnerId, appSessionId)],
      answer: null,
    }
  },
})

/** The apps paired with a runner, in the order they paired. Writes nothing. */
export const getAppsByRunnerId = (
  command: { readonly runnerId: RunnerId },
  rules: PairingRules,
): Operation<readonly string[]> => ({
  keys: [key('runner', command.runnerId), key('apps', command.runnerId)],
  decide: byInstanceLease((view, now) => {
    const runner = view.get('runner', command.runnerId)
    const apps = runner && !isOver(runner, rules, now) ? (view.get('apps', command.runnerId) ?? []) : []
    return { writes: [], answer: apps }
  }),
})

/** Whether the runner's last heartbeat still holds. Writes nothing. */
export const isRunnerOnline = (command: { readonly runnerId: RunnerId }): Operation<boolean> => ({
  keys: [key('runner', command.runnerId)],
  decide: byInstanceLease((view, now) => ({
    writes: [],
    answer: isAlive(view.get('runner', command.runnerId), now),
  })),
})

/**
 * The founding heartbeat, which knows no epoch: for callers inside the broker and other applications on the same store, never for
 * what came over a wire. A runner that a broker holds, or watches over until its grace ends, stays that broker's: of such a one
 * only the stamp of its last heartbeat is renewed.
 */
export const updateHeartbeat = (
  command: { readonly runnerId: RunnerId },
  rules: PairingRules,
): Operation<null> => ({
  keys: [key('runner', command.runnerId)],
  decide: byInstanceLease((view, now) => {
    const need = missing(view, lifeKeys(view.get('runner', command.runnerId)))
    if (need.length > 0) return { need }
    const { runner, writes } = currentLife(view, command.runnerId, rules, now)
    if (instanceOf(runner) !== null) {
      if (runner.presence.status !== 'online') return { writes, answer: null }
      const stamped: RunnerRecord = { ...runner, presence: { ...runner.presence, heartbeatAt: now } }
      return { writes: [...writes, putRunner(stamped, rules, now)], answer: null }
    }
    const presence = { status: 'online' as const, leaseUntil: later(now, rules.leaseMs), heartbeatAt: now }
    return { writes: [...writes, putRunner({ ...runner, presence }, rules, now)], answer: null }
  }),
})

/** Ends every pairing with a runner by raising its generation, and removes their records. Answers with the apps. */
export const removeAllSessionsForRunner = (
  command: { readonly runnerId: RunnerId },
  rules: PairingRules,
): Operation<readonly string[]> => ({
  keys: [key('runner', command.runnerId), key('apps', command.runnerId)],
  decide: byInstanceLease((view, now) => {
    const { runnerId } = command
    const apps = view.get('apps', runnerId) ?? []
    const need = missing(view, [
      ...lifeKeys(view.get('runner', runnerId)),
      ...apps.map((app) => key('session', app)),
    ])
    if (need.length > 0) return { need }
    const runner = view.get('runner', runnerId)
    if (!runner) return { writes: [], answer: [] }
    const raised: RunnerRecord = { ...runner, gen: runner.gen + 1 }
    const own = apps.filter((app) => view.get('session', app)?.runnerId === runnerId)
    const writes: readonly Write[] = [
      putRunner(raised, rules, now),
      { drop: 'apps', id: runnerId },
      ...own.map((app): Write => ({ drop: 'session', id: app })),
    ]
    return { writes, answer: own }
  }),
})

const viewOf = (session: AppSession): PairingSession => ({
  appSessionId: session.appSessionId,
  runnerId: session.runnerId,
  pairedAt: session.pairedAt,
  isActive: true,
})
