import { type Instant, later } from '../kernel.ts'
import { leaseHolds } from '../lease.ts'
import { key } from './life.ts'
import type { Decide, Key, Operation, RecordKind, Records, View, Write } from './ports.ts'
import type { BrokerNode, NodeId, RunnerRecord } from './records.ts'
import type { PairingRules } from './rules.ts'

/*
 * Presence by node: a broker process renews one lease for itself, and the runners it is connected to are there while it holds.
 * So a heartbeat is never written, and a process that dies takes nothing with it but its lease.
 */

/** What a broker process says of itself with each renewal. */
export type NodeFacts = Pick<BrokerNode, 'nodeId' | 'address' | 'publicUrl' | 'summary'>

/** The runner as it stands: one that a node holds is there while that node's lease holds. */
export function asHeld(runner: RunnerRecord, node: BrokerNode | undefined, now: Instant): RunnerRecord {
  const { presence } = runner
  if (presence.status !== 'online' || presence.node === undefined || node === undefined) return runner
  const isPast = now >= node.leaseUntil || isNodeAlive(node, now)
  return { ...runner, presence: { ...presence, leaseUntil: isPast ? node.leaseUntil : now } }
}

/** The process that holds the runner's connection or watches over its return; null for one that none does. */
export function nodeOf({ presence }: RunnerRecord): NodeId | null {
  return 'node' in presence ? (presence.node ?? null) : null
}

export const isNodeAlive = (node: BrokerNode | undefined, now: Instant): node is BrokerNode =>
  node !== undefined && leaseHolds({ from: node.renewedAt ?? node.startedAt, until: node.leaseUntil }, now)

/**
 * Lets a decision see runners as they stand, and asks for the leases that this takes: so a decision names runners and need not
 * know that there are nodes.
 */
export const byNodeLease =
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
export const renewNode = (
  command: { readonly facts: NodeFacts },
  rules: PairingRules,
): Operation<BrokerNode> => ({
  keys: [key('node', command.facts.nodeId)],
  decide: (view, now) => {
    const { facts } = command
    const startedAt = view.get('node', facts.nodeId)?.startedAt ?? now
    const node: BrokerNode = {
      ...facts,
      startedAt,
      renewedAt: now,
      leaseUntil: later(now, rules.nodeLeaseMs),
    }
    return { writes: [putNode(node, rules)], answer: node }
  },
})

/** A node goes on purpose, or is known to be gone, whatever its lease says: what it held is away from now on, and may come back to another one. */
export const endNode = (command: { readonly nodeId: NodeId }, rules: PairingRules): Operation<null> => ({
  keys: [key('node', command.nodeId)],
  decide: (view, now) => {
    const node = view.get('node', command.nodeId)
    if (node === undefined || now >= node.leaseUntil) return { writes: [], answer: null }
    return { writes: [putNode({ ...node, leaseUntil: now }, rules)], answer: null }
  },
})

/** Kept long after its end: when a runner's code died is told by the lease of the node that held it. */
const putNode = (node: BrokerNode, rules: PairingRules): Write => ({
  put: 'node',
  id: node.nodeId,
  value: node,
  sweepAt: later(node.leaseUntil, 2 * (rules.graceMs + rules.tombstoneMs)),
})
