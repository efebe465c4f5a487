import { accept, type Decision, type Instant, later } from '../kernel.ts'
import { PairingCoordinator } from './coordinator.ts'
import { meshKey, refusing } from './deciding.ts'
import type { PairingEvent } from './events.ts'
import type { DeviceId, PeerTokenDigest, SessionDigest } from './ids.ts'
import type { PinVerified, Step } from './pairing-state.ts'
import type { MeshOutcome, MeshView, MeshWrite } from './ports.ts'
import type { Device, DeviceSession, PeerToken } from './records.ts'
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
  const { deviceNodeId: id, deviceIp: ip, name, token, sessionHandle } = verified.state
  const allowed = mayRegister(view, { nodeId: id, ip, provesKey: secrets.publicKey !== null }, rules)
  if (!allowed.ok) return refusing(allowed.refusal)
  if (isUsed(view, secrets)) return refusing({ code: 'SECRET_USED' })
  const known = view.get('node', id)
  const node: Device = {
    id,
    name,
    hostname: ip,
    port: known?.port ?? null,
    publicKey: secrets.publicKey,
    roles: verified.state.roles ?? ['app', 'runner'],
    isFirst: known?.isFirst ?? false,
    createdAt: known?.createdAt ?? now,
    updatedAt: now,
    lastSeenAt: now,
    revokedAt: null,
  }
  const peerToken: PeerToken = {
    token: secrets.peerToken,
    nodeId: id,
    permissions: node.roles,
    createdAt: now,
    expiresAt: PairingCoordinator.calculateExpiry(now, rules.peerTokenLifeMs),
    revokedAt: null,
  }
  const session: DeviceSession | null =
    secrets.session === null || sessionHandle === null
      ? null
      : {
          session: secrets.session,
          handle: sessionHandle,
          nodeId: id,
          createdAt: now,
          expiresAt: later(now, rules.sessionLifeMs),
          revokedAt: null,
        }
  const again = allowed.value.kind === 'update-existing'
  const step = registerDevice(verified.state, { node, peerToken: peerToken.token, again }, now)
  if (!step.ok) return refusing(refusedBy(verified.state, step.refusal))
  const neighbour = allowed.value.sharesAddressWith
  const shared: readonly PairingEvent[] =
    neighbour === null
      ? []
      : [{ type: 'AddressShared', token, ip, nodeId: neighbour.id, name: neighbour.name, at: now }]
  return {
    writes: [
      { put: 'pairing', value: step.value.state },
      { put: 'node', value: node },
      ...voided(view, id, now),
      { make: 'peerToken', value: peerToken },
      ...(session === null ? [] : [{ make: 'session' as const, value: session }]),
    ],
    events: [...verified.events, ...shared, ...step.value.events],
    answer: accept({ node, peerToken, session }),
  }
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
