import { accept, type Decision, type Instant, later, refuse } from '../kernel.ts'
import { finished } from './finders.ts'
import { byInstanceLease, instanceOf } from './instance-lease.ts'
import { endLife, isAlive, isOver, key, lifeKeys, missing, putRunner, runnerEndsAt } from './life.ts'
import type { Operation, Outcome, View } from './ports.ts'
import type { InstanceId, Presence, RunnerId, RunnerRecord } from './records.ts'
import type { PairingRules } from './rules.ts'

/** A connection speaks for a runner: only the newest one is listened to. */
export interface FromConnection {
  readonly runnerId: RunnerId
  readonly epoch: number
}

/** An older connection, or a life that is over: nothing was written. The socket is to be closed. */
export type StaleRefusal = { readonly reason: 'stale' }

/** A life has ended: these apps hear `runner:offline` and must pair again. */
export interface Ended {
  readonly status: 'gone'
  /** connections up to this epoch are over with it; a later one is another life's */
  readonly epoch: number
  readonly formerApps: readonly string[]
}

/** A connection is lost, its runner may return until then: these apps hear so. */
export interface Suspended {
  readonly status: 'suspended'
  readonly until: Instant
  readonly apps: readonly string[]
}

/**
 * Renews the lease, or brings back a runner that was silent. `returned`: its apps believed it offline. One that a broker instance holds
 * needs this only to come back: while it is heard, its broker instance's lease speaks for it.
 */
export const heartbeat = (
  command: FromConnection,
  rules: PairingRules,
): Operation<Decision<{ readonly leaseUntil: Instant; readonly returned: boolean }, StaleRefusal>> => ({
  keys: [key('runner', command.runnerId)],
  decide: byInstanceLease((view, now) => {
    const runner = speaking(view, command, rules, now)
    if (!runner || !isConnected(runner)) return stale()
    const returned = !isAlive(runner, now)
    const node = instanceOf(runner)
    if (node === null) {
      const leaseUntil = later(now, rules.leaseMs)
      const renewed: RunnerRecord = {
        ...runner,
        presence: { status: 'online', leaseUntil, heartbeatAt: now },
      }
      return { writes: [putRunner(renewed, rules, now)], answer: accept({ leaseUntil, returned }) }
    }
    if (!view.has('node', node)) return { need: [key('node', node)] }
    const leaseUntil = view.get('node', node)?.leaseUntil ?? now
    const back: RunnerRecord = {
      ...runner,
      presence: { status: 'online', leaseUntil, heartbeatAt: now, node },
    }
    return { writes: [putRunner(back, rules, now)], answer: accept({ leaseUntil, returned }) }
  }),
})

/** Nothing was heard on a connection that is still there: code and apps are held until the grace ends, with a grace of 0 not at all. */
export const fallSilent = (
  command: FromConnection,
  rules: PairingRules,
): Operation<Decision<Suspended | Ended, StaleRefusal>> => ({
  keys: [key('runner', command.runnerId)],
  decide: byInstanceLease((view, now) => {
    const runner = speaking(view, command, rules, now)
    const node = runner && instanceOf(runner)
    if (runner?.presence.status !== 'online' || !node) return stale()
    if (rules.graceMs === 0) return ending(view, runner, rules, now)
    const graceUntil = later(now, rules.graceMs)
    return suspending(view, runner, { status: 'silent', node, since: now, graceUntil }, rules, now)
  }),
})

/** Replaces the route tickets a runner would accept (SHA-256, hex). */
export const depositRouteTickets = (
  command: FromConnection & { readonly routeTickets: readonly string[] },
  rules: PairingRules,
): Operation<Decision<null, StaleRefusal>> => ({
  keys: [key('runner', command.runnerId)],
  decide: byInstanceLease((view, now) => {
    const runner = speaking(view, command, rules, now)
    if (!runner) return stale()
    const { routeTickets } = command
    const after = { ...runner, code: finished(runner, routeTickets), routeTickets }
    return { writes: [putRunner(after, rules, now)], answer: accept(null) }
  }),
})

/** Its transport was lost without a goodbye: code and apps are suspended until the grace ends, with a grace of 0 at once. */
export const lose = (
  command: FromConnection,
  rules: PairingRules,
): Operation<Decision<Suspended | Ended, StaleRefusal>> => ({
  keys: [key('runner', command.runnerId)],
  decide: byInstanceLease((view, now) => {
    const runner = speaking(view, command, rules, now)
    if (!runner || !isConnected(runner)) return stale()
    const { presence } = runner
    const until =
      presence.status === 'silent'
        ? presence.graceUntil
        : later(presence.leaseUntil < now ? presence.leaseUntil : now, rules.graceMs)
    if (until <= now) return ending(view, runner, rules, now)
    const node = instanceOf(runner)
    const suspended: Presence = { status: 'suspended', since: now, graceUntil: until, ...(node && { node }) }
    return suspending(view, runner, suspended, rules, now)
  }),
})

/** It left on purpose: ends at once. */
export const sayGoodbye = (
  command: FromConnection,
  rules: PairingRules,
): Operation<Decision<Ended, StaleRefusal>> => ({
  keys: [key('runner', command.runnerId)],
  decide: byInstanceLease((view, now) => {
    const runner = speaking(view, command, rules, now)
    return runner ? ending(view, runner, rules, now) : stale()
  }),
})

/** A life that goes on: until when, null while no end is in sight, and the broker process that watches over it, null when none does. */
export interface NotDue {
  readonly status: 'not-due'
  readonly endsAt: Instant | null
  readonly node: InstanceId | null
}

/** Records the end of a runner whose time is over. Decisions do not wait for it: it is what lets the apps be told. */
export const endIfDue = (
  command: { readonly runnerId: RunnerId },
  rules: PairingRules,
): Operation<Ended | NotDue> => ({
  keys: [key('runner', command.runnerId)],
  decide: byInstanceLease((view, now) => {
    const runner = view.get('runner', command.runnerId)
    if (!runner || runner.presence.status === 'gone')
      return { writes: [], answer: { status: 'not-due', endsAt: null, node: null } }
    if (!isOver(runner, rules, now)) {
      const endsAt = runnerEndsAt(runner, rules)
      return { writes: [], answer: { status: 'not-due', endsAt, node: instanceOf(runner) } }
    }
    const outcome = ending(view, runner, rules, now)
    return 'need' in outcome ? outcome : { writes: outcome.writes, answer: outcome.answer.value }
  }),
})

/** The runner, if this connection is the one that speaks for it and its life is not over. */
function speaking(
  view: View,
  { runnerId, epoch }: FromConnection,
  rules: PairingRules,
  now: Instant,
): RunnerRecord | null {
  const runner = view.get('runner', runnerId)
  return runner && runner.epoch === epoch && !isOver(runner, rules, now) ? runner : null
}

/** Whether a connection is there, heard or not. */
export const isConnected = (
  runner: RunnerRecord,
): runner is RunnerRecord & {
  readonly presence: Extract<Presence, { readonly status: 'online' | 'silent' }>
} => runner.presence.status === 'online' || runner.presence.status === 'silent'

const stale = () => ({ writes: [], answer: refuse<StaleRefusal>({ reason: 'stale' }) })

function suspending(
  view: View,
  runner: RunnerRecord,
  presence: Extract<Presence, { readonly status: 'silent' | 'suspended' }>,
  rules: PairingRules,
  now: Instant,
): Outcome<{ readonly ok: true; readonly value: Suspended }> {
  const need = missing(view, [key('apps', runner.runnerId)])
  if (need.length > 0) return { need }
  const apps = view.get('apps', runner.runnerId) ?? []
  return {
    writes: [putRunner({ ...runner, presence }, rules, now)],
    answer: accept({ status: 'suspended', until: presence.graceUntil, apps }),
  }
}

function ending(
  view: View,
  runner: RunnerRecord,
  rules: PairingRules,
  now: Instant,
): Outcome<{ readonly ok: true; readonly value: Ended }> {
  const need = missing(view, lifeKeys(runner))
  if (need.length > 0) return { need }
  const formerApps = view.get('apps', runner.runnerId) ?? []
  const { epoch } = runner
  return {
    writes: endLife(view, runner, rules, now).writes,
    answer: accept({ status: 'gone', epoch, formerApps }),
  }
}
