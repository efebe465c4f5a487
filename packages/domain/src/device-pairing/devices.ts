import { accept, type Decision, type Instant, later, refuse } from '../kernel.ts'
import { meshKey, unread } from './deciding.ts'
import type { Actor, PairingEvent } from './events.ts'
import type { DeviceId, PeerTokenDigest, SessionDigest } from './ids.ts'
import type { MeshOperation, MeshView, MeshWrite } from './ports.ts'
import type { Device, DeviceRole, PeerToken } from './records.ts'
import { voided } from './registration.ts'
import type { DeviceRules } from './rules.ts'

export type MembershipRefusal = { readonly code: 'NODE_UNKNOWN' | 'NODE_REVOKED' | 'FIRST_NODE' }

/** Tokens, sessions and runners that stop being valid. */
export interface Revoked {
  readonly node: Device
  readonly tokens: readonly PeerTokenDigest[]
  /** by public handle */
  readonly sessions: readonly string[]
  readonly runners: readonly string[]
}

/** A device is no member any more, and all it holds is void. Its enrolments stay, so that its runners are known to be out. */
export const revokeDevice = (command: {
  readonly nodeId: DeviceId
  /** absent: the operator */
  readonly actor?: Actor
}): MeshOperation<Decision<Revoked, MembershipRefusal>> => ({
  keys: [meshKey('node', command.nodeId), meshKey('holdings', command.nodeId)],
  decide: (view, now) => {
    const found = living(view, command.nodeId)
    if (!found.ok) return { writes: [], answer: found }
    // It holds no token that could end, and would be back at once by the enrolment secret.
    if (found.value.isFirst) return { writes: [], answer: refuse({ code: 'FIRST_NODE' }) }
    const node: Device = { ...found.value, updatedAt: now, revokedAt: now }
    const { tokens, sessions, runners } = view.get('holdings', node.id) ?? NOTHING
    return {
      writes: [{ put: 'node', value: node }, ...voided(view, node.id, now)],
      events: [
        {
          type: 'NodeRevoked',
          nodeId: node.id,
          name: node.name,
          tokens: tokens.length,
          sessions: sessions.length,
          ...(command.actor === undefined ? {} : { actor: command.actor }),
          at: now,
        },
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

/** The machine that the mesh begins with: added while there has never been a device, and then never again. */
export const addFirstDevice = (command: {
  readonly nodeId: DeviceId
  readonly name: string
  readonly hostname: string
  readonly port: number | null
  readonly publicKey: string | null
  /** the runner on it, if there is one */
  readonly runnerId: string | null
}): MeshOperation<Device | null> => ({
  keys: [meshKey('census', '')],
  decide: (view, now) => {
    if ((view.get('census', '')?.everNodes ?? 0) > 0) return { writes: [], answer: null }
    const { nodeId: id, runnerId, ...said } = command
    const device: Device = {
      id,
      ...said,
      roles: ['runner'],
      isFirst: true,
      createdAt: now,
      updatedAt: now,
      lastSeenAt: now,
      revokedAt: null,
      note: '',
      tags: [],
      appRights: null,
      lastAddress: null,
      toldEnd: null,
      removalAt: null,
    }
    const enrolled: readonly MeshWrite[] =
      runnerId === null ? [] : [{ put: 'enrolment', value: { runnerId, nodeId: id, at: now } }]
    return {
      writes: [{ put: 'node', value: device }, ...enrolled],
      events: [{ type: 'NodeAdded', nodeId: id, name: device.name, at: now }],
      answer: device,
    }
  },
})

/** Who somebody is that showed a peer token or a session secret. */
export interface Authenticated {
  readonly node: Device
  readonly permissions: readonly DeviceRole[]
  readonly expiresAt: Instant
}

/**
 * Whose peer token this is; null if it is none, or no longer. Used in its last week it lives as long again, so that a
 * device in use never has to be paired anew.
 */
export const usePeerToken = (
  command: { readonly token: PeerTokenDigest; readonly address?: string | undefined },
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
    const isDue = token.expiresAt - now <= rules.renewWithinMs
    const expiresAt = isDue ? later(now, rules.peerTokenLifeMs) : token.expiresAt
    return {
      ...renewing({ ...node, ...heardFrom(command) }, [token], rules, now, node),
      answer: { node, permissions: token.permissions, expiresAt },
    }
  },
})

/** Whether this was ever a device's peer token: showing one that is too old or was revoked guesses nothing. Writes nothing. */
export const wasPeerToken = (command: { readonly token: PeerTokenDigest }): MeshOperation<boolean> => ({
  keys: [meshKey('peerToken', command.token)],
  decide: (view) => ({ writes: [], answer: view.get('peerToken', command.token) !== undefined }),
})

/** Whose session this is; null if it is none, or no longer. */
export const useSession = (
  command: { readonly session: SessionDigest; readonly address?: string | undefined },
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
    const writes = seen({ ...node, ...heardFrom(command) }, rules, now, node)
    return { writes, answer: { node, permissions: ['app'], expiresAt } }
  },
})

/** A runner that a device's peer token let in is that device's from now on. False: it is no member any more, or has enrolled enough of them. */
export const enrolRunner = (
  command: { readonly runnerId: string; readonly nodeId: DeviceId },
  rules: DeviceRules,
): MeshOperation<boolean> => ({
  keys: [
    meshKey('enrolment', command.runnerId),
    meshKey('node', command.nodeId),
    meshKey('holdings', command.nodeId),
  ],
  decide: (view, now) => {
    // The device was revoked after its token was checked: it enrols no runner.
    const device = living(view, command.nodeId)
    if (!device.ok) return { writes: [], answer: false }
    if (view.get('enrolment', command.runnerId)?.nodeId === command.nodeId)
      return { writes: [], answer: true }
    const { runners } = view.get('holdings', command.nodeId) ?? NOTHING
    if (runners.length >= rules.runnersPerDeviceMax) return { writes: [], answer: false }
    return {
      writes: [{ put: 'enrolment', value: { ...command, at: now } }],
      events: [{ type: 'RunnerEnrolled', ...command, name: device.value.name, at: now }],
      answer: true,
    }
  },
})

/** How a device stands whose runner comes back by its key. `ended`: its peer token was not used in time. */
export type Standing = 'member' | 'revoked' | 'ended'

/**
 * Who enrolled a runner that comes back, and how that device stands. Unless the device is a member still, the runner's key alone
 * opens nothing. The return of a runner that has proved its key is a use of its device's peer token: in the token's last week it
 * renews it.
 */
export const useEnrolment = (
  command: { readonly runnerId: string; readonly isProven: boolean; readonly address?: string | undefined },
  rules: DeviceRules,
): MeshOperation<{ readonly nodeId: DeviceId; readonly standing: Standing } | null> => ({
  keys: [meshKey('enrolment', command.runnerId)],
  decide: (view, now) => {
    const nodeId = view.get('enrolment', command.runnerId)?.nodeId
    if (nodeId === undefined) return { writes: [], answer: null }
    const need = unread(view, [meshKey('node', nodeId), meshKey('holdings', nodeId)])
    if (need.length > 0) return { need }
    const answer = { nodeId, standing: standingOf(view, nodeId, now) }
    return command.isProven ? { ...used(view, nodeId, rules, now, command), answer } : { writes: [], answer }
  },
})

/** A device is connected: that is use, so that a machine which never reconnects does not end. */
export const keepDevice = (
  command: { readonly nodeId: DeviceId },
  rules: DeviceRules,
): MeshOperation<Standing> => ({
  keys: [meshKey('node', command.nodeId), meshKey('holdings', command.nodeId)],
  decide: (view, now) => ({
    ...used(view, command.nodeId, rules, now),
    answer: standingOf(view, command.nodeId, now),
  }),
})

/** The revoked devices among these. Unknown devices are not among them: forgetting a device takes no access away. */
export const revokedAmong = (command: {
  readonly nodeIds: readonly DeviceId[]
}): MeshOperation<DeviceId[]> => ({
  keys: command.nodeIds.map((deviceId) => meshKey('node', deviceId)),
  decide: (view) => ({
    writes: [],
    answer: command.nodeIds.filter((deviceId) => (view.get('node', deviceId)?.revokedAt ?? null) !== null),
  }),
})

/**
 * The runner showed the broker’s own secret, and its device is no member any more: the runner belongs to no device from
 * now on.
 */
export const disownRunner = (command: { readonly runnerId: string }): MeshOperation<null> => ({
  keys: [meshKey('enrolment', command.runnerId)],
  decide: (view, now) => {
    const deviceId = view.get('enrolment', command.runnerId)?.nodeId
    if (deviceId === undefined) return { writes: [], answer: null }
    const need = unread(view, [meshKey('node', deviceId), meshKey('holdings', deviceId)])
    if (need.length > 0) return { need }
    const drop: MeshWrite = { drop: 'enrolment', id: command.runnerId }
    return { writes: standingOf(view, deviceId, now) === 'member' ? [] : [drop], answer: null }
  },
})

const NOTHING = { tokens: [], sessions: [], runners: [] }

/** A member, or the refusal. Its device has been read. */
export function living(view: MeshView, deviceId: DeviceId): Decision<Device, MembershipRefusal> {
  const device = view.get('node', deviceId)
  if (device === undefined) return refuse({ code: 'NODE_UNKNOWN' })
  return device.revokedAt === null ? accept(device) : refuse({ code: 'NODE_REVOKED' })
}

/** Where a request came from, if that is known. */
const heardFrom = ({
  address,
}: {
  readonly address?: string | undefined
}): { readonly lastAddress?: string } => (address === undefined ? {} : { lastAddress: address })

/** A use is noted once in a while, and at once where it says something new: another address, or that the device is kept. */
function seen(device: Device, rules: DeviceRules, now: Instant, before: Device): readonly MeshWrite[] {
  const isNews = device.lastAddress !== before.lastAddress || before.removalAt !== null
  if (!isNews && now - device.lastSeenAt < rules.seenEveryMs) return []
  return [{ put: 'node', value: { ...device, lastSeenAt: now, removalAt: null } }]
}

/** Its device and holdings have been read. */
function standingOf(view: MeshView, deviceId: DeviceId, now: Instant): Standing {
  const device = view.get('node', deviceId)
  if (device?.revokedAt !== null) return 'revoked'
  return device.isFirst || liveTokens(view, deviceId, now).length > 0 ? 'member' : 'ended'
}

const liveTokens = (view: MeshView, deviceId: DeviceId, now: Instant): readonly PeerToken[] =>
  (view.get('holdings', deviceId)?.tokens ?? []).filter(({ expiresAt }) => now < expiresAt)

/** What one use of a member changes: when it was seen last, and its peer tokens' ends where they are near. */
function used(
  view: MeshView,
  deviceId: DeviceId,
  rules: DeviceRules,
  now: Instant,
  from: { readonly address?: string | undefined } = {},
) {
  const device = view.get('node', deviceId)
  if (device === undefined || standingOf(view, deviceId, now) !== 'member') return { writes: [], events: [] }
  return renewing({ ...device, ...heardFrom(from) }, liveTokens(view, deviceId, now), rules, now, device)
}

function renewing(
  device: Device,
  tokens: readonly PeerToken[],
  rules: DeviceRules,
  now: Instant,
  before: Device,
) {
  const due = tokens.filter(({ expiresAt }) => expiresAt - now <= rules.renewWithinMs)
  const expiresAt = later(now, rules.peerTokenLifeMs)
  const renewed = due.map((token): MeshWrite => ({ put: 'peerToken', value: { ...token, expiresAt } }))
  const events = due.map(
    (): PairingEvent => ({ type: 'TokenRenewed', nodeId: device.id, name: device.name, at: now }),
  )
  return { writes: [...renewed, ...seen(device, rules, now, before)], events }
}
