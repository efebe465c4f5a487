import { accept, type Decision, type Instant, later } from '../kernel.ts'
import { meshKey, refusing, unread } from './deciding.ts'
import type { DeviceId, JoinKeyDigest, PeerTokenDigest } from './ids.ts'
import type { MeshOperation, MeshView } from './ports.ts'
import { handleOf, type JoinKey } from './records.ts'
import type { PairingRefusal } from './refusals.ts'
import { type Joined, newMember, registrationKeys } from './registration.ts'
import type { DeviceRules } from './rules.ts'

/** A join key brings machines, and signs no app in. */
const KEY_ROLES = ['runner'] as const

/** The operator makes a key. */
export const makeJoinKey = (
  command: Pick<JoinKey, 'key' | 'name' | 'tags' | 'isReusable'> & { readonly lifeMs: number },
  rules: DeviceRules,
): MeshOperation<Decision<JoinKey, PairingRefusal>> => ({
  keys: [meshKey('joinKey', command.key), meshKey('census', '')],
  decide: (view, now) => {
    if (view.get('joinKey', command.key) !== undefined) return refusing({ code: 'SECRET_USED' })
    if ((view.get('census', '')?.joinKeys ?? 0) >= rules.joinKeysMax)
      return refusing({ code: 'TOO_MANY_JOIN_KEYS', max: rules.joinKeysMax })
    const { lifeMs, ...said } = command
    const fresh = { createdAt: now, useCount: 0, lastUsedAt: null, revokedAt: null }
    const value: JoinKey = { ...said, ...fresh, expiresAt: later(now, lifeMs) }
    const made = { type: 'JoinKeyMade' as const, key: handleOf(value.key), name: value.name, at: now }
    return { writes: [{ put: 'joinKey', value }], events: [made], answer: accept(value) }
  },
})

/** No device joins with it from now on; those that did stay. Revoking it twice is revoking it once. */
export const revokeJoinKey = (command: {
  readonly key: JoinKeyDigest
}): MeshOperation<Decision<JoinKey, PairingRefusal>> => ({
  keys: [meshKey('joinKey', command.key)],
  decide: (view, now) => {
    const found = view.get('joinKey', command.key)
    if (found === undefined) return refusing({ code: 'JOIN_KEY_UNKNOWN' })
    if (found.revokedAt !== null) return { writes: [], answer: accept(found) }
    const value: JoinKey = { ...found, revokedAt: now }
    const gone = { type: 'JoinKeyRevoked' as const, key: handleOf(value.key), name: value.name, at: now }
    return { writes: [{ put: 'joinKey', value }], events: [gone], answer: accept(value) }
  },
})

/** Whether a device could join with it now. */
export const isJoinKeyGood = (key: JoinKey, now: Instant): boolean => keyRefusal(key, now) === null

/** A machine that shows a join key, its signature checked by the shell. */
export interface KeyedDevice {
  readonly key: JoinKeyDigest
  readonly ip: string
  readonly nodeId: DeviceId
  readonly name: string
  readonly publicKey: string
  readonly peerToken: PeerTokenDigest
}

/**
 * A machine joins with a key: it is a member when this answers. One that has joined with the same peer token is told the same again,
 * since its first answer may have been lost.
 */
export const joinByKey = (
  device: KeyedDevice,
  rules: DeviceRules,
): MeshOperation<Decision<Joined, PairingRefusal>> => ({
  keys: [meshKey('joinKey', device.key), meshKey('peerToken', device.peerToken)],
  decide: (view, now) => {
    const key = view.get('joinKey', device.key)
    if (key === undefined) return refusing({ code: 'JOIN_KEY_UNKNOWN' })
    const { nodeId: id, ip, name, publicKey, peerToken } = device
    const secrets = { peerToken, session: null }
    const need = unread(view, registrationKeys(id, ip, secrets))
    if (need.length > 0) return { need }
    const before = joinedBefore(view, device)
    if (before !== null) return { writes: [], answer: accept(before) }
    const refusal = keyRefusal(key, now)
    if (refusal !== null) return refusing(refusal)
    const entry = { id, ip, name, publicKey, ...secrets, sessionHandle: null, appRights: null }
    const made = newMember(view, { ...entry, roles: KEY_ROLES, tags: key.tags }, rules, now)
    if (!made.ok) return refusing(made.refusal)
    const used: JoinKey = { ...key, useCount: key.useCount + 1, lastUsedAt: now }
    const about = { key: handleOf(key.key), reason: key.name, nodeId: id, name, ip, at: now }
    return {
      writes: [{ put: 'joinKey', value: used }, ...made.value.writes],
      events: [{ type: 'NodeJoinedByKey', ...about }],
      answer: accept(made.value.joined),
    }
  },
})

function keyRefusal(
  { revokedAt, expiresAt, isReusable, useCount }: JoinKey,
  now: Instant,
): PairingRefusal | null {
  if (revokedAt !== null || now >= expiresAt) return { code: 'JOIN_KEY_ENDED' }
  return !isReusable && useCount > 0 ? { code: 'JOIN_KEY_SPENT' } : null
}

function joinedBefore(view: MeshView, { nodeId, publicKey, peerToken: digest }: KeyedDevice): Joined | null {
  const peerToken = view.get('peerToken', digest)
  const node = view.get('node', nodeId)
  const isGood = peerToken?.nodeId === nodeId && peerToken.revokedAt === null
  if (!isGood || node?.publicKey !== publicKey || node.revokedAt !== null) return null
  return { node, peerToken, session: null }
}
