import { changeDevice, type DeviceChange } from '@latchkey/domain/device-pairing/change-device'
import {
  type Authenticated,
  disownRunner,
  enrolRunner,
  type Revoked,
  revokeDevice,
  revokedAmong,
  type Standing,
  useEnrolment,
  usePeerToken,
  useSession,
  wasPeerToken,
} from '@latchkey/domain/device-pairing/devices'
import type { Actor } from '@latchkey/domain/device-pairing/events'
import type { DeviceId } from '@latchkey/domain/device-pairing/ids'
import type { PairingRepository } from '@latchkey/domain/device-pairing/ports'
import type { Device, DeviceRole } from '@latchkey/domain/device-pairing/records'
import type { DeviceRules } from '@latchkey/domain/device-pairing/rules'
import { accept, type Decision, refuse } from '@latchkey/domain/kernel'
import { PEER_TOKEN_PREFIX, SESSION_SECRET_PREFIX } from '@latchkey/protocol/device-pairing'
import { failureFields, type Log } from '../log/log.ts'
import type { ChangeSignal } from '../shell/change-signal.ts'
import { printable } from '../shell/label.ts'
import type { DeviceConnections } from './device-connections.ts'
import type { DeviceCounts } from './device-counts.ts'
import type { DeviceRefusal } from './device-refusal.ts'
import { peerTokenDigest, sessionDigest } from './device-secrets.ts'

/** What a revocation voided, and how many connections it closed. */
export interface RevokedDevice extends Revoked {
  readonly connections: number
}

interface Parts {
  readonly repository: PairingRepository
  readonly rules: DeviceRules
  readonly log: Log
  readonly counts: DeviceCounts
  readonly changes: ChangeSignal
  readonly connections: DeviceConnections
  /** ends a runner's life, wherever it is connected */
  readonly expel: (runnerId: string) => Promise<void>
}

/** Devices: authenticates their tokens, keeps their enrolled runners, revokes them. */
export class DeviceService {
  constructor(private readonly parts: Parts) {}

  /** The device of a peer token or session secret; null when it is unknown or void. Use in its last week renews a peer token. */
  authenticate(secret: string, address?: string): Promise<Authenticated | null> {
    if (secret.startsWith(PEER_TOKEN_PREFIX))
      return this.parts.repository.run(
        usePeerToken({ token: peerTokenDigest(secret), address }, this.parts.rules),
      )
    if (secret.startsWith(SESSION_SECRET_PREFIX))
      return this.parts.repository.run(
        useSession({ session: sessionDigest(secret), address }, this.parts.rules),
      )
    return Promise.resolve(null)
  }

  /** The same, for one who may do that; null otherwise. */
  async authenticateAs(role: DeviceRole, secret: string, address: string): Promise<Authenticated | null> {
    const who = await this.authenticate(secret, address)
    return who?.permissions.includes(role) === true ? who : null
  }

  /** Whether this was ever somebody's peer token, whatever it is worth now. */
  wasPeerToken(secret: string): Promise<boolean> {
    return this.parts.repository.run(wasPeerToken({ token: peerTokenDigest(secret) }))
  }

  /** Revokes a device: its tokens, sessions and runners are void when this answers; its connections are closed on every instance. */
  async revoke(nodeId: DeviceId, actor: Actor = 'operator'): Promise<Decision<RevokedDevice, DeviceRefusal>> {
    const decision = await this.parts.repository.run(revokeDevice({ nodeId, actor }))
    this.parts.counts.answered('revoke', decision.ok ? 'success' : decision.refusal.code)
    if (!decision.ok) return decision
    const { runners } = decision.value
    const connections = this.parts.connections.countHere(nodeId, runners)
    // First the ends that its apps are told of; what a store that is away leaves open is closed all the same.
    const expelled = await Promise.allSettled(runners.map((runnerId) => this.parts.expel(runnerId)))
    for (const each of expelled)
      if (each.status === 'rejected')
        this.parts.log.error('node.runner-not-ended', failureFields(each.reason))
    this.parts.connections.end(nodeId)
    this.parts.log.warn('node.revoked', { nodeId, count: connections, reason: REVOKED_BY[actor] })
    this.parts.changes.notify()
    return accept({ ...decision.value, connections })
  }

  /** Changes a device's name, note, tags or rights. A name without a printable character is refused. */
  async change(
    nodeId: DeviceId,
    change: DeviceChange,
    actor: 'operator' | 'device',
  ): Promise<Decision<Device, DeviceRefusal>> {
    const name = change.name === undefined ? undefined : printable(change.name)
    if (name === '') return refuse({ code: 'MALFORMED_REQUEST' })
    const decision = await this.parts.repository.run(
      changeDevice({ nodeId, change: { ...change, name }, actor }),
    )
    this.parts.changes.notify()
    return decision
  }

  /** Enrols a runner for the device whose token it showed. False when the device has as many as it may. */
  enrol(runnerId: string, nodeId: DeviceId): Promise<boolean> {
    return this.parts.repository.run(enrolRunner({ runnerId, nodeId }, this.parts.rules))
  }

  /** The device that enrolled a runner, and whether it is still a member; null for a runner that the enrolment secret let in. */
  useEnrolment(
    runnerId: string,
    isProven: boolean,
    address: string,
  ): Promise<{ readonly nodeId: DeviceId; readonly standing: Standing } | null> {
    return this.parts.repository.run(useEnrolment({ runnerId, isProven, address }, this.parts.rules))
  }

  /** Those of the devices that were revoked. An unknown or forgotten id is not among them. */
  revokedAmong(nodeIds: readonly DeviceId[]): Promise<DeviceId[]> {
    return nodeIds.length === 0 ? Promise.resolve([]) : this.parts.repository.run(revokedAmong({ nodeIds }))
  }

  /** The enrolment secret let this runner in: its enrolment by a revoked device is deleted. */
  disown(runnerId: string): Promise<null> {
    return this.parts.repository.run(disownRunner({ runnerId }))
  }
}

const REVOKED_BY: Readonly<Record<Actor, string>> = {
  operator: 'the operator revoked it',
  program: 'a program with a key revoked it',
  device: 'it left',
  broker: 'it was not used for too long',
}
