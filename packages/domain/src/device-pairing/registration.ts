import { accept, type Decision, type Instant, later, refuse } from '../kernel.ts'
import { PairingCoordinator } from './coordinator.ts'
import { meshKey, refusing } from './deciding.ts'
import type { PairingEvent } from './events.ts'
import type { DeviceId, PeerTokenDigest, SessionDigest } from './ids.ts'
import type { PinVerified, Step } from './pairing-state.ts'
import type { MeshOutcome, MeshView, MeshWrite } from './ports.ts'
import type { AppRight, Device, DeviceRole, DeviceSession, PeerToken } from './records.ts'
import { type PairingRefusal, refusedBy } from './refusals.ts'
import type { DeviceRules } from './rules.ts'
import { registerDevice } from './transitions.ts'

/** A device that has become a member. */
export interface Joined {
  readonly node: Device
  readonly peerToken: PeerToken
  readonly session: DeviceSession | null
}

/** What a registration has to see besides its pairing. */
export const registrationKeys = (deviceId: DeviceId, ip: string, secrets: DeviceDigests) => [
  ...secretKeys(secrets),
  meshKey('node', deviceId),
  meshKey('holdings', deviceId),
  meshKey('neighbours', ip),
  meshKey('census', ''),
]

/** The digests of what a device will authenticate with. It made the secrets itself, so it could name somebody else's. */
export interface DeviceDigests {
  readonly peerToken: PeerTokenDigest
  /** null where it gets a peer token alone */
  readonly session: SessionDigest | null
}

export const secretKeys = ({ peerToken, session }: DeviceDigests) => [
  meshKey('peerToken', peerToken),
  ...(session === null ? [] : [meshKey('session', session)]),
]

/** Whether one of the secrets was ever somebody's, the same device's included: a stolen one must not become good again. */
export const isUsed = (view: MeshView, { peerToken, session }: DeviceDigests): boolean =>
  view.get('peerToken', peerToken) !== undefined ||
  (session !== null && view.get('session', session) !== undefined)

/** Writes what makes a verified device a device. What it held before under the same id is void from now on. */
export function register(
  view: MeshView,
  verified: Step<PinVerified>,
  secrets: DeviceDigests & { readonly publicKey: string | null },
  rules: DeviceRules,
  now: Instant,
): MeshOutcome<Decision<Joined, PairingRefusal>> {
  const { deviceNodeId: id, deviceIp: ip, name, token, sessionHandle, roles, appRights } = verified.state
  const entry = { id, ip, name, sessionHandle, roles: roles ?? BOTH, appRights: appRights ?? null, tags: [] }
  const made = newMember(view, { ...entry, ...secrets }, rules, now)
  if (!made.ok) return refusing(made.refusal)
  const { joined, isAgain, neighbour, writes } = made.value
  const { node, peerToken } = joined
  const step = registerDevice(verified.state, { node, peerToken: peerToken.token, again: isAgain }, now)
  if (!step.ok) return refusing(refusedBy(verified.state, step.refusal))
  const shared: readonly PairingEvent[] =
    neighbour === null
      ? []
      : [{ type: 'AddressShared', token, ip, nodeId: neighbour.id, name: neighbour.name, at: now }]
  return {
    writes: [{ put: 'pairing', value: step.value.state }, ...writes],
    events: [...verified.events, ...shared, ...step.value.events],
    answer: accept(joined),
  }
}

/** What a device without a choice of the operator may do. */
const BOTH: readonly DeviceRole[] = ['app', 'runner']

/** A device that was let in, whatever let it in. */
interface Entry extends DeviceDigests {
  readonly id: DeviceId
  readonly ip: string
  readonly name: string
  readonly publicKey: string | null
  readonly roles: readonly DeviceRole[]
  readonly appRights: readonly AppRight[] | null
  readonly tags: readonly string[]
  /** null where it gets a peer token alone */
  readonly sessionHandle: string | null
}

/** A member with new secrets, and the writes that make it one. */
interface NewMember {
  readonly joined: Joined
  /** it was a member before under the same id */
  readonly isAgain: boolean
  /** another device that came from the same address */
  readonly neighbour: Device | null
  readonly writes: readonly MeshWrite[]
}

/** Makes a member, with a new peer token, of a device that was let in. Its `registrationKeys` have been read. */
export function newMember(
  view: MeshView,
  entry: Entry,
  rules: DeviceRules,
  now: Instant,
): Decision<NewMember, PairingRefusal> {
  const { id, ip, name, publicKey, roles, appRights, tags, sessionHandle } = entry
  const allowed = mayRegister(view, { nodeId: id, ip, provesKey: publicKey !== null }, rules)
  if (!allowed.ok) return allowed
  if (isUsed(view, entry)) return refuse({ code: 'SECRET_USED' })
  const known = view.get('node', id)
  const node: Device = {
    id,
    name,
    hostname: ip,
    port: known?.port ?? null,
    publicKey,
    roles,
    isFirst: known?.isFirst ?? false,
    createdAt: known?.createdAt ?? now,
    updatedAt: now,
    lastSeenAt: now,
    revokedAt: null,
    note: known?.note ?? '',
    tags: tags.length === 0 ? (known?.tags ?? []) : tags,
    appRights,
    lastAddress: null,
    toldEnd: null,
    removalAt: null,
  }
  const peerToken: PeerToken = {
    token: entry.peerToken,
    nodeId: id,
    permissions: node.roles,
    createdAt: now,
    expiresAt: PairingCoordinator.calculateExpiry(now, rules.peerTokenLifeMs),
    revokedAt: null,
  }
  const session: DeviceSession | null =
    entry.session === null || sessionHandle === null
      ? null
      : {
          session: entry.session,
          handle: sessionHandle,
          nodeId: id,
          createdAt: now,
          expiresAt: later(now, rules.sessionLifeMs),
          revokedAt: null,
        }
  return accept({
    joined: { node, peerToken, session },
    isAgain: allowed.value.kind === 'update-existing',
    neighbour: allowed.value.sharesAddressWith,
    writes: [
      { put: 'node', value: node },
      ...voided(view, id, now),
      { make: 'peerToken', value: peerToken },
      ...(session === null ? [] : [{ make: 'session' as const, value: session }]),
    ],
  })
}

/** Revokes all that a device holds. Its `holdings` have been read. */
export function voided(view: MeshView, deviceId: DeviceId, now: Instant): readonly MeshWrite[] {
  const { tokens, sessions } = view.get('holdings', deviceId) ?? { tokens: [], sessions: [] }
  return [
    ...tokens.map((value) => ({ put: 'peerToken' as const, value: { ...value, revokedAt: now } })),
    ...sessions.map((value) => ({ put: 'session' as const, value: { ...value, revokedAt: now } })),
  ]
}

/** Whether a device may be a member beside those there are. Its `registrationKeys` have been read, or those of its id, address and the census. */
export function mayRegister(
  view: MeshView,
  request: Parameters<typeof PairingCoordinator.canRegisterDevice>[0],
  rules: DeviceRules,
) {
  const known = view.get('node', request.nodeId)
  const near = view.get('neighbours', request.ip) ?? []
  const existing = known === undefined ? near : [known, ...near]
  return PairingCoordinator.canRegisterDevice(request, existing, view.get('census', '')?.nodes ?? 0, rules)
}
