import { BoundedSet } from '@latchkey/domain/bounded'
import type { DeviceId } from '@latchkey/domain/device-pairing/ids'
import { unpair } from '@latchkey/domain/runner-pairing/pairing-session'
import type { PairingStore } from '@latchkey/domain/runner-pairing/ports'
import { type AppSessionId, parseAppSessionId } from '@latchkey/domain/runner-pairing/records'
import type { PairingRules } from '@latchkey/domain/runner-pairing/rules'
import { CloseReason } from '@latchkey/protocol/terminal/frames'
import type { ClusterBus } from '../cluster/cluster-bus.ts'
import { failureFields, type Log } from '../log/log.ts'
import type { ControlSocket } from '../shell/connection.ts'
import type { TerminalRelay } from '../terminal/relay.ts'

/** App sessions remembered for each device: more than one person opens. The one seen longest ago is dropped. */
const SESSIONS_PER_DEVICE_MAX = 64

/** The control connections of this instance, by device; and the facts about a revoked device. */
interface Sockets {
  socketsOfDevice(deviceId: string): readonly ControlSocket[]
  connectedDevices(): ReadonlySet<string>
  deviceRevoked(deviceId: string): void
  appUnpaired(runnerId: string, appSessionId: string, revoked: boolean): void
}

interface Parts {
  readonly store: PairingStore
  readonly rules: PairingRules
  readonly relay: TerminalRelay
  readonly bus: ClusterBus
  readonly log: Log
  readonly sockets: Sockets
}

/** Knows the live connections of each device, and closes them when it is revoked. */
export class DeviceConnections {
  /** app sessions by device: a terminal may outlive the control connection it was opened by */
  readonly #sessions = new Map<string, BoundedSet<AppSessionId>>()

  constructor(private readonly parts: Parts) {
    parts.bus.onFact((fact) => {
      if (fact.kind === 'device-revoked') this.#endHere(fact.nodeId)
    })
  }

  /** An app of that device has connected. */
  seen(deviceId: DeviceId, appSessionId: AppSessionId): void {
    const sessions = this.#sessions.get(deviceId) ?? new BoundedSet(SESSIONS_PER_DEVICE_MAX)
    this.#sessions.set(deviceId, sessions)
    sessions.delete(appSessionId)
    sessions.add(appSessionId)
  }

  /** Devices that have a connection to this broker. */
  get here(): ReadonlySet<string> {
    return this.parts.sockets.connectedDevices()
  }

  /** How many connections the device and its runners have here, terminals included. */
  countHere(deviceId: DeviceId, runners: readonly string[]): number {
    const channels = this.parts.relay.channelCounts()
    const terminals = runners.reduce((sum, runnerId) => sum + (channels.get(runnerId) ?? 0), 0)
    return this.parts.sockets.socketsOfDevice(deviceId).length + terminals
  }

  /** Closes the connections of the device, here and on all other instances. */
  end(nodeId: DeviceId): void {
    this.parts.bus.tell({ kind: 'device-revoked', nodeId })
    this.#endHere(nodeId)
    this.parts.sockets.deviceRevoked(nodeId)
  }

  /** Closes connections of devices that are not in the list: the fact of a revocation may have been lost. */
  endAllBut(living: ReadonlySet<string>): void {
    for (const deviceId of this.here) if (!living.has(deviceId)) this.#endHere(deviceId)
  }

  #endHere(deviceId: string): void {
    const sessions = new Set(this.#sessions.get(deviceId))
    this.#sessions.delete(deviceId)
    const sockets = this.parts.sockets.socketsOfDevice(deviceId)
    for (const { data } of sockets) if (data.runner === null) sessions.add(data.appSessionId)
    for (const appSessionId of sessions) {
      this.parts.relay.endApp(appSessionId, null, CloseReason.unpaired)
      this.#unpair(appSessionId).catch((problem: unknown) =>
        this.parts.log.error('node.not-unpaired', failureFields(problem)),
      )
    }
    for (const socket of sockets) socket.disconnect(true)
  }

  /** Ends the pairing of a session of a revoked device, and tells its runner. */
  async #unpair(id: string): Promise<void> {
    const appSessionId = parseAppSessionId(id)
    if (appSessionId === null) return
    const { runnerId } = await this.parts.store.run(unpair({ appSessionId }, this.parts.rules))
    if (runnerId !== null) this.parts.sockets.appUnpaired(runnerId, appSessionId, true)
  }
}
