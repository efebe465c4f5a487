import type { IncomingMessage } from 'node:http'
import type { Authenticated } from '@latchkey/domain/device-pairing/devices'
import { parseDeviceId } from '@latchkey/domain/device-pairing/ids'
import { type Device, handleOf } from '@latchkey/domain/device-pairing/records'
import { invariant } from '@latchkey/domain/kernel'
import * as wire from '@latchkey/protocol/device-pairing'
import type { z } from 'zod'
import type { ClusterBus } from '../cluster/cluster-bus.ts'
import type { ClientAddresses } from '../http/client-address.ts'
import type { Reach } from '../http/reach.ts'
import type { DeviceService } from './device.service.ts'
import { granted } from './device-pairing-desk.ts'
import { deviceProblem, readBody } from './device-refusal.ts'
import type { DeviceView } from './device-view.ts'

interface Parts {
  readonly nodes: DeviceService
  readonly view: DeviceView
  readonly bus: ClusterBus
  readonly reach: Reach
  readonly addresses: ClientAddresses
  readonly clock: () => number
}

/** Answers requests about devices, as the wire has them. A refusal is thrown as its problem. */
export class DeviceDesk {
  /** the devices whose requests were let in */
  readonly #devices = new WeakMap<IncomingMessage, Authenticated>()

  constructor(private readonly parts: Parts) {}

  /** Rejects with the problem to answer with unless the request is a device's. */
  async requireDevice(request: IncomingMessage): Promise<void> {
    const [, bearer] = /^Bearer (\S{1,512})$/.exec(request.headers.authorization ?? '') ?? []
    const address = this.parts.addresses.of(request)
    const who = bearer === undefined ? null : await this.parts.nodes.authenticate(bearer, address)
    if (who === null) throw deviceProblem({ code: 'NOT_A_NODE' })
    this.#devices.set(request, who)
  }

  async list(): Promise<z.input<typeof wire.devicesReply>> {
    return this.parts.view.devices(await this.parts.bus.census())
  }

  async revoke(id: string): Promise<z.input<typeof wire.revokeReply>> {
    const deviceId = parseDeviceId(id)
    if (deviceId === null) throw deviceProblem({ code: 'MALFORMED_NODE_ID' })
    const { node, tokens, sessions, runners, connections } = granted(await this.parts.nodes.revoke(deviceId))
    return {
      success: true,
      node: { id: node.id, name: node.name },
      revoked: {
        tokens: tokens.map(handleOf),
        sessions: [...sessions],
        runners: [...runners],
        connections,
      },
    }
  }

  /** The operator changes a device's name, note, tags or rights. */
  async change(id: string, body: unknown): Promise<z.input<typeof wire.meReply>> {
    const deviceId = parseDeviceId(id)
    if (deviceId === null) throw deviceProblem({ code: 'MALFORMED_NODE_ID' })
    const change = readBody(wire.changeRequest, body)
    return this.#describe(granted(await this.parts.nodes.change(deviceId, change, 'operator')))
  }

  /** The device leaves by itself. */
  async leave(request: IncomingMessage): Promise<z.input<typeof wire.leaveReply>> {
    granted(await this.parts.nodes.revoke(this.#whoAsks(request).node.id, 'device'))
    return { success: true }
  }

  me(request: IncomingMessage): Promise<z.input<typeof wire.meReply>> {
    return this.#describe(this.#whoAsks(request).node)
  }

  async rename(request: IncomingMessage, body: unknown): Promise<z.input<typeof wire.meReply>> {
    const { node } = this.#whoAsks(request)
    const { name } = readBody(wire.renameRequest, body)
    return this.#describe(granted(await this.parts.nodes.change(node.id, { name }, 'device')))
  }

  async #describe(device: Device): Promise<z.input<typeof wire.meReply>> {
    const view = await this.parts.view.device(device, await this.parts.bus.census())
    return { node: view, host: this.parts.reach.name, serverTime: Math.floor(this.parts.clock()) }
  }

  #whoAsks(request: IncomingMessage): Authenticated {
    const who = this.#devices.get(request)
    invariant(who, 'the guard lets in devices alone')
    return who
  }
}
