import { connect, type Socket } from 'node:net'
import type { AppFeatureMessage } from '@latchkey/protocol/terminal/feature-messages'
import { PORT_CONNECTIONS_MAX, type PORT_REFUSALS } from '@latchkey/protocol/terminal/ports'
import { type FeatureBytes, Stream } from '@latchkey/protocol/terminal/streams'
import type { AppFeature, ChannelFeature, FeatureApp } from '../channel/feature.ts'
import { mayUse } from '../files/may-use.ts'
import type { TransferLog } from '../files/transfer-log.ts'
import { CarriedSocket } from './carried-socket.ts'
import { addressesOf, type PortTargets } from './targets.ts'

export interface PortsOptions {
  readonly targets: PortTargets
  readonly log: TransferLog
  readonly nowMs: () => number
}

type PortRefusal = (typeof PORT_REFUSALS)[number]
type OpenPort = Extract<AppFeatureMessage, { readonly type: 'openPort' }>

/** A program that does not answer holds a place no longer. */
const CONNECT_WITHIN_MS = 10_000

/** TCP connections from apps to ports of this machine. */
export const portsFeature = (options: PortsOptions): ChannelFeature => ({
  name: 'ports',
  hears: new Set(['openPort', 'portCredit', 'portEnd']),
  streams: new Set([Stream.ports]),
  joined: (app) => new AppPorts(app, options),
})

class AppPorts implements AppFeature {
  readonly #app: FeatureApp
  readonly #options: PortsOptions
  /** null while it connects */
  readonly #connections = new Map<number, CarriedSocket | null>()
  #left = false

  constructor(app: FeatureApp, options: PortsOptions) {
    this.#app = app
    this.#options = options
  }

  hear(message: AppFeatureMessage): void {
    if (message.type === 'openPort') void this.#open(message)
    else if (message.type === 'portCredit') this.#connections.get(message.connection)?.credit(message.upTo)
    else if (message.type === 'portEnd') this.#end(message.connection, message.how)
  }

  take({ number, seq, bytes }: FeatureBytes): boolean {
    return this.#connections.get(number)?.take(seq, bytes) ?? true
  }

  resumed(): void {
    for (const connection of this.#connections.values()) connection?.pump()
  }

  left(): void {
    this.#left = true
    for (const connection of [...this.#connections.values()]) connection?.drop()
    this.#connections.clear()
  }

  #end(number: number, how: 'end' | 'reset'): void {
    const connection = this.#connections.get(number)
    // An app says nothing before it is connected, except that it is not wanted any more.
    if (connection === null) this.#connections.delete(number)
    else connection?.end(how)
  }

  async #open(ask: OpenPort): Promise<void> {
    const { connection: number, host, port } = ask
    if (!mayUse(this.#app, 'ports'))
      return this.#refuse(ask, 'NOT_ALLOWED', 'This app may look at this machine, not use its ports.')
    if (this.#connections.has(number)) return this.#refuse(ask, 'FAILED', 'This connection is open already.')
    if (this.#connections.size >= PORT_CONNECTIONS_MAX)
      return this.#refuse(ask, 'TOO_MANY', `At most ${PORT_CONNECTIONS_MAX} connections at once. Close some.`)
    this.#connections.set(number, null)
    const addresses = await addressesOf(host, this.#options.targets)
    if (addresses === 'not-found') return this.#fail(ask, 'NOT_FOUND', `This machine knows no host ${host}.`)
    if (addresses === 'not-loopback')
      return this.#fail(
        ask,
        'NOT_LOOPBACK',
        `${host} is not this machine. Its owner can allow other targets: LATCHKEY_PORTS=any.`,
      )
    const socket = await firstOf(addresses, port)
    if (socket === null) return this.#fail(ask, 'REFUSED', `No program answers at ${host}, port ${port}.`)
    if (this.#left || this.#connections.get(number) !== null) return void socket.destroy()
    this.#app.tell({ type: 'portOpened', connection: number })
    this.#log('port-opened', { host, port })
    const carried = new CarriedSocket(socket, {
      isOpen: () => !this.#app.paused,
      send: (seq, bytes) => this.#app.send({ stream: Stream.ports, seq, number, bytes }),
      granted: (upTo) => this.#app.tell({ type: 'portGranted', connection: number, upTo }),
      ended: (how) => this.#app.tell({ type: 'portEnded', connection: number, how }),
      over: () => this.#connections.delete(number),
    })
    this.#connections.set(number, carried)
  }

  /** It was being opened, unless the app has given it up. */
  #fail(ask: OpenPort, code: PortRefusal, message: string): void {
    if (this.#connections.get(ask.connection) !== null) return
    this.#connections.delete(ask.connection)
    this.#refuse(ask, code, message)
  }

  #refuse({ connection, host, port }: OpenPort, code: PortRefusal, message: string): void {
    if (this.#left) return
    this.#app.tell({ type: 'portRefused', connection, code, message: message.slice(0, 512) })
    this.#log('port-refused', { host, port, code })
  }

  #log(did: 'port-opened' | 'port-refused', facts: Readonly<Record<string, string | number>>): void {
    const { appId: app, label } = this.#app
    this.#options.log.write({ did, app, label, ...facts }, this.#options.nowMs())
  }
}

/** A connection to the first address that answers; null when none does. */
async function firstOf(addresses: readonly string[], port: number): Promise<Socket | null> {
  for (const host of addresses) {
    const socket = await connected(host, port)
    if (socket !== null) return socket
  }
  return null
}

function connected(host: string, port: number): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, allowHalfOpen: true })
    const timer = setTimeout(() => socket.destroy(), CONNECT_WITHIN_MS)
    const failed = () => {
      clearTimeout(timer)
      resolve(null)
    }
    socket.on('error', failed)
    socket.on('close', failed)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.off('error', failed)
      socket.off('close', failed)
      resolve(socket)
    })
  })
}
