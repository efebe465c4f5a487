import { type Instant, later } from '../kernel.ts'
import { leaseHolds } from '../lease.ts'
import { key } from './life.ts'
import type { Decide, Key, Operation, RecordKind, Records, View, Write } from './ports.ts'
import type { BrokerInstance, InstanceId, RunnerRecord } from './records.ts'
import type { PairingRules } from './rules.ts'

/*
 * Presence by broker instance: a broker process renews one lease for itself, and the runners it is connected to are there while it holds.
 * So a heartbeat is never written, and a process that dies takes nothing with it but its lease.
 */

/** What a broker process says of itself with each renewal. */
export type InstanceFacts = Pick<BrokerInstance, 'nodeId' | 'address' | 'publicUrl' | 'summary'>

/** The runner as it stands: one that a broker instance holds is there while that broker instance's lease holds. */
export function asHeld(
  runner: RunnerRecord,
  instance: BrokerInstance | undefined,
  now: Instant,
): RunnerRecord {
  const { presence } = runner
  if (presence.status !== 'online' || presence.node === undefined || instance === undefined) return runner
  const isPast = now >= instance.leaseUntil || isInstanceAlive(instance, now)
  return { ...runner, presence: { ...presence, leaseUntil: isPast ? instance.leaseUntil : now } }
}

/** The process that holds the runner's connection or watches over its return; null for one that none does. */
export function instanceOf({ presence }: RunnerRecord): InstanceId | null {
  return 'node' in presence ? (presence.node ?? null) : null
}

export const isInstanceAlive = (
  instance: BrokerInstance | undefined,
  now: Instant,
): instance is BrokerInstance =>
  instance !== undefined &&
  leaseHolds({ from: instance.renewedAt ?? instance.startedAt, until: instance.leaseUntil }, now)

/**
 * Lets a decision see runners as they stand, and asks for the leases that this takes: so a decision names runners and need not
 * know that there are broker instances.
 */
export const byInstanceLease =
  <Answer>(decide: Decide<NoInfer<Answer>>): Decide<Answer> =>
  (view, now) => {
    const unknown: Key[] = []
    const held = (runner: RunnerRecord): RunnerRecord => {
      const { presence } = runner
      if (presence.status !== 'online' || presence.node === undefined) return runner
      if (view.has('node', presence.node)) return asHeld(runner, view.get('node', presence.node), now)
      unknown.push(key('node', presence.node))
      return runner
    }
    const outcome = decide(seeing(view, { runner: held }), now)
    // Decided without knowing a lease: not a decision yet.
    if (unknown.length === 0) return outcome
    return { need: 'need' in outcome ? [...unknown, ...outcome.need] : unknown }
  }

type Lenses = { readonly [K in RecordKind]?: (value: Records[K]) => Records[K] }

const seeing = (view: View, lenses: Lenses): View => ({
  has: (kind, id) => view.has(kind, id),
  get: <K extends RecordKind>(kind: K, id: string): Records[K] | undefined => {
    const value = view.get(kind, id)
    const lens: Lenses[K] = lenses[kind]
    return value !== undefined && lens !== undefined ? lens(value) : value
  },
})

/**
 * Begins or renews a broker instance’s lease. After a lapse its runners are there again, unless their end was recorded
 * meanwhile. When the store was away for all, no end was recorded, and no app has to pair again.
 */
export const renewInstance = (
  command: { readonly facts: InstanceFacts },
  rules: PairingRules,
): Operation<BrokerInstance> => ({
  keys: [key('node', command.facts.nodeId)],
  decide: (view, now) => {
    const { facts } = command
    const startedAt = view.get('node', facts.nodeId)?.startedAt ?? now
    const instance: BrokerInstance = {
      ...facts,
      startedAt,
      renewedAt: now,
      leaseUntil: later(now, rules.instanceLeaseMs),
    }
    return { writes: [putInstance(instance, rules)], answer: instance }
  },
})

/** A broker instance goes on purpose, or is known to be gone, whatever its lease says: what it held is away from now on, and may come back to another one. */
export const endInstance = (
  command: { readonly nodeId: InstanceId },
  rules: PairingRules,
): Operation<null> => ({
  keys: [key('node', command.nodeId)],
  decide: (view, now) => {
    const instance = view.get('node', command.nodeId)
    if (instance === undefined || now >= instance.leaseUntil) return { writes: [], answer: null }
    return { writes: [putInstance({ ...instance, leaseUntil: now }, rules)], answer: null }
  },
})

/** Kept long after its end: when a runner's code died is told by the lease of the broker instance that held it. */
const putInstance = (instance: BrokerInstance, rules: PairingRules): Write => ({
  put: 'node',
  id: instance.nodeId,
  value: instance,
  sweepAt: later(instance.leaseUntil, 2 * (rules.graceMs + rules.tombstoneMs)),
})
