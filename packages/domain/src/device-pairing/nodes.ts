import { accept, type Decision, type Instant, later, refuse } from '../kernel.ts'
import { meshKey, unread } from './deciding.ts'
import type { PairingEvent } from './events.ts'
import type { NodeId, SecretDigest } from './ids.ts'
import type { MeshOperation, MeshView, MeshWrite } from './ports.ts'
import type { MeshNode, NodeRole } from './records.ts'
import { voided } from './registration.ts'
import type { DeviceRules } from './rules.ts'

export type NodeRefusal = { readonly code: 'NODE_UNKNOWN' | 'NODE_REVOKED' }

/** What is void from now on. */
export interface Revoked {
  readonly node: MeshNode
  readonly tokens: readonly SecretDigest[]
  /** by public handle */
  readonly sessions: readonly string[]
  readonly runners: readonly string[]
}

/** A node is no node any more, and all it holds is void. Its enrolments stay, so that its runners are known to be out. */
export const revokeNode = (command: {
  readonly nodeId: NodeId
}): MeshOperation<Decision<Revoked, NodeRefusal>> => ({
  keys: [meshKey('node', command.nodeId), meshKey('holdings', command.nodeId)],
  decide: (view, now) => {
    const found = living(view, command.nodeId)
    if (!found.ok) return { writes: [], answer: found }
    const node: MeshNode = { ...found.value, updatedAt: now, revokedAt: now }
    const { tokens, sessions, runners } = view.get('holdings', node.id) ?? NOTHING
    return {
      writes: [{ put: 'node', value: node }, ...voided(view, node.id, now)],
      events: [
        { type: 'NodeRevoked', nodeId: node.id, tokens: tokens.length, sessions: sessions.length, at: now },
      ],
      answer: accept({
        node,
        tokens: tokens.map(({ token }) => token),
        sessions: sessions.map(({ handle }) => handle),
        runners,
      }),
    }
  },
})

export const renameNode = (command: {
  readonly nodeId: NodeId
  readonly name: string
}): MeshOperation<Decision<MeshNode, NodeRefusal>> => ({
  keys: [meshKey('node', command.nodeId)],
  decide: (view, now) => {
    const found = living(view, command.nodeId)
    if (!found.ok || found.value.name === command.name) return { writes: [], answer: found }
    const node: MeshNode = { ...found.value, name: command.name, updatedAt: now }
    return {
      writes: [{ put: 'node', value: node }],
      events: [{ type: 'NodeRenamed', nodeId: node.id, at: now }],
      answer: accept(node),
    }
  },
})

/** The machine that the mesh begins with: added while there has never been a node, and then never again. */
export const addFirstNode = (command: {
  readonly nodeId: NodeId
  readonly name: string
  readonly hostname: string
  readonly port: number | null
  readonly publicKey: string | null
  /** the runner on it, if there is one */
  readonly runnerId: string | null
}): MeshOperation<MeshNode | null> => ({
  keys: [meshKey('census', '')],
  decide: (view, now) => {
    if ((view.get('census', '')?.everNodes ?? 0) > 0) return { writes: [], answer: null }
    const { nodeId: id, runnerId, ...said } = command
    const node: MeshNode = {
      id,
      ...said,
      roles: ['runner'],
      createdAt: now,
      updatedAt: now,
      lastSeenAt: now,
      revokedAt: null,
    }
    const enrolled: readonly MeshWrite[] =
      runnerId === null ? [] : [{ put: 'enrolment', value: { runnerId, nodeId: id, at: now } }]
    return {
      writes: [{ put: 'node', value: node }, ...enrolled],
      events: [{ type: 'NodeAdded', nodeId: id, at: now }],
      answer: node,
    }
  },
})

/** Who somebody is that showed a peer token or a session secret. */
export interface Authenticated {
  readonly node: MeshNode
  readonly permissions: readonly NodeRole[]
  readonly expiresAt: Instant
}

/**
 * Whose peer token this is; null if it is none, or no longer. Used in its last week it lives as long again, so that a
 * device in use never has to be paired anew.
 */
export const usePeerToken = (
  command: { readonly token: SecretDigest },
  rules: DeviceRules,
): MeshOperation<Authenticated | null> => ({
  keys: [meshKey('peerToken', command.token)],
  decide: (view, now) => {
    const token = view.get('peerToken', command.token)
    if (token === undefined || token.revokedAt !== null || now >= token.expiresAt)
      return { writes: [], answer: null }
    const need = unread(view, [meshKey('node', token.nodeId)])
    if (need.length > 0) return { need }
    const node = view.get('node', token.nodeId)
    if (node === undefined || node.revokedAt !== null) return { writes: [], answer: null }
    const due = token.expiresAt - now <= rules.renewWithinMs
    const expiresAt = due ? later(now, rules.peerTokenLifeMs) : token.expiresAt
    const renewed: readonly MeshWrite[] = due ? [{ put: 'peerToken', value: { ...token, expiresAt } }] : []
    const events: readonly PairingEvent[] = due ? [{ type: 'TokenRenewed', nodeId: node.id, at: now }] : []
    return {
      writes: [...renewed, ...seen(node, rules, now)],
      events,
      answer: { node, permissions: token.permissions, expiresAt },
    }
  },
})

/** Whose session this is; null if it is none, or no longer. */
export const useSession = (
  command: { readonly session: SecretDigest },
  rules: DeviceRules,
): MeshOperation<Authenticated | null> => ({
  keys: [meshKey('session', command.session)],
  decide: (view, now) => {
    const session = view.get('session', command.session)
    if (session === undefined || session.revokedAt !== null || now >= session.expiresAt)
      return { writes: [], answer: null }
    const need = unread(view, [meshKey('node', session.nodeId)])
    if (need.length > 0) return { need }
    const node = view.get('node', session.nodeId)
    if (node === undefined || node.revokedAt !== null) return { writes: [], answer: null }
    const { expiresAt } = session
    return { writes: seen(node, rules, now), answer: { node, permissions: ['app'], expiresAt } }
  },
})

/** A runner that a node's peer token let in is that node's from now on. False: it is no node any more, or has enrolled enough of them. */
export const enrolRunner = (
  command: { readonly runnerId: string; readonly nodeId: NodeId },
  rules: DeviceRules,
): MeshOperation<boolean> => ({
  keys: [
    meshKey('enrolment', command.runnerId),
    meshKey('node', command.nodeId),
    meshKey('holdings', command.nodeId),
  ],
  decide: (view, now) => {
    // Revoked between its token's check and this: then it enrols nobody.
    if (!living(view, command.nodeId).ok) return { writes: [], answer: false }
    if (view.get('enrolment', command.runnerId)?.nodeId === command.nodeId)
      return { writes: [], answer: true }
    const { runners } = view.get('holdings', command.nodeId) ?? NOTHING
    if (runners.length >= rules.runnersPerNodeMax) return { writes: [], answer: false }
    return {
      writes: [{ put: 'enrolment', value: { ...command, at: now } }],
      events: [{ type: 'RunnerEnrolled', ...command, at: now }],
      answer: true,
    }
  },
})

/** Who enrolled a runner, and whether that node is one still: if not, the runner's key alone opens nothing. */
export const enrollerOf = (command: {
  readonly runnerId: string
}): MeshOperation<{ readonly nodeId: NodeId; readonly isRevoked: boolean } | null> => ({
  keys: [meshKey('enrolment', command.runnerId)],
  decide: (view) => {
    const nodeId = view.get('enrolment', command.runnerId)?.nodeId
    if (nodeId === undefined) return { writes: [], answer: null }
    const need = unread(view, [meshKey('node', nodeId)])
    if (need.length > 0) return { need }
    return { writes: [], answer: { nodeId, isRevoked: view.get('node', nodeId)?.revokedAt !== null } }
  },
})

/** Which of these are nodes no more. Those that nobody knows are not among them: forgetting takes nothing away. */
export const revokedAmong = (command: { readonly nodeIds: readonly NodeId[] }): MeshOperation<NodeId[]> => ({
  keys: command.nodeIds.map((nodeId) => meshKey('node', nodeId)),
  decide: (view) => ({
    writes: [],
    answer: command.nodeIds.filter((nodeId) => (view.get('node', nodeId)?.revokedAt ?? null) !== null),
  }),
})

/** A runner whose node was revoked showed the broker's own secret: it is nobody's from now on. */
export const disownRunner = (command: { readonly runnerId: string }): MeshOperation<null> => ({
  keys: [meshKey('enrolment', command.runnerId)],
  decide: (view, now) => {
    const enroller = enrollerOf(command).decide(view, now)
    if ('need' in enroller) return enroller
    const drop: MeshWrite = { drop: 'enrolment', id: command.runnerId }
    return { writes: enroller.answer?.isRevoked === true ? [drop] : [], answer: null }
  },
})

const NOTHING = { tokens: [], sessions: [], runners: [] }

function living(view: MeshView, nodeId: NodeId): Decision<MeshNode, NodeRefusal> {
  const node = view.get('node', nodeId)
  if (node === undefined) return refuse({ code: 'NODE_UNKNOWN' })
  return node.revokedAt === null ? accept(node) : refuse({ code: 'NODE_REVOKED' })
}

const seen = (node: MeshNode, rules: DeviceRules, now: Instant): readonly MeshWrite[] =>
  now - node.lastSeenAt < rules.seenEveryMs ? [] : [{ put: 'node', value: { ...node, lastSeenAt: now } }]
