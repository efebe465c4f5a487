import { actorOf, type PairingEvent } from '@latchkey/domain/device-pairing/events'
import { parseDeviceId } from '@latchkey/domain/device-pairing/ids'
import type { PairingRepository } from '@latchkey/domain/device-pairing/ports'
import { handleOf } from '@latchkey/domain/device-pairing/records'
import type { HistoryDesk } from '../audit/history-desk.ts'
import type { ClusterBus } from '../cluster/cluster-bus.ts'
import type { DeviceView } from '../device-pairing/device-view.ts'
import type { ConsoleView } from '../operator/console-view.ts'

/** At most this many of anything at a time; a narrower query finds the rest. */
/** What the schema says, too. */
const LISTED_BY_DEFAULT = 100
const LISTED_MAX = 500

interface Parts {
  readonly repository: PairingRepository
  readonly devices: DeviceView
  readonly console: ConsoleView
  readonly history: HistoryDesk
  readonly bus: ClusterBus
  readonly clock: () => number
}

/** Answers the questions of the read view, each made anew. */
export class MeshQueries {
  constructor(private readonly parts: Parts) {}

  async nodes() {
    const { nodes } = await this.parts.devices.devices(await this.parts.bus.census())
    return nodes.map(({ token, ...device }) => ({
      ...device,
      tokenStatus: token.status,
      tokenExpiresAt: token.expiresAt,
    }))
  }

  async node(id: string) {
    return (await this.nodes()).find((device) => device.id === id) ?? null
  }

  async tokens() {
    const tokens = await this.parts.repository.listTokens(LISTED_MAX)
    return tokens.map(({ token, ...rest }) => ({
      ...rest,
      handle: handleOf(token),
      status: this.#statusOf(rest),
    }))
  }

  async sessions() {
    const sessions = await this.parts.repository.listSessions(LISTED_MAX)
    return sessions.map(({ handle, nodeId, createdAt, expiresAt, revokedAt }) => ({
      handle,
      nodeId,
      createdAt,
      expiresAt,
      revokedAt,
      status: this.#statusOf({ expiresAt, revokedAt }),
    }))
  }

  async pairings() {
    const pairings = await this.parts.devices.pairings()
    return pairings.map(({ device, ...pairing }) => ({
      ...pairing,
      deviceName: device?.name ?? null,
      deviceAddress: device?.address ?? null,
    }))
  }

  async events(limit: number | null, nodeId: string | null) {
    const device = nodeId === null ? null : parseDeviceId(nodeId)
    if (nodeId !== null && device === null) return []
    const events = await this.parts.repository.listEvents({
      limit: bounded(limit),
      ...(device === null ? {} : { nodeId: device }),
    })
    return events.map(({ number, event }) => ({ number, ...described(event) }))
  }

  async runners() {
    const { runners } = await this.parts.console.make(null)
    return runners.map(({ runnerId, label, status, lastSeenAt, channels, apps }) => ({
      id: runnerId,
      label,
      status,
      lastSeenAt,
      channels,
      apps: apps.length,
    }))
  }

  async history(limit: number | null, runnerId: string | null) {
    const { entries } = await this.parts.history.page({
      limit: bounded(limit),
      skip: 0,
      from: 'newest',
      ...(runnerId === null ? {} : { runner: runnerId }),
    })
    return entries.map((entry) => ({ ...entry, appSessionId: entry.appSessionId || null }))
  }

  #statusOf({ expiresAt, revokedAt }: { readonly expiresAt: number; readonly revokedAt: number | null }) {
    if (revokedAt !== null) return 'revoked'
    return this.parts.clock() < expiresAt ? 'valid' : 'expired'
  }
}

/** An explicit null asks for as many as leaving it out does. */
const bounded = (limit: number | null): number =>
  limit === null ? LISTED_BY_DEFAULT : Math.min(Math.max(1, Math.floor(limit)), LISTED_MAX)

const described = (event: PairingEvent) => ({
  type: event.type,
  at: event.at,
  pairing: 'token' in event ? event.token : null,
  nodeId: 'nodeId' in event ? event.nodeId : null,
  name: 'name' in event ? event.name : null,
  actor: actorOf(event),
  address: 'ip' in event ? event.ip : null,
  reason: 'reason' in event ? event.reason : null,
})
