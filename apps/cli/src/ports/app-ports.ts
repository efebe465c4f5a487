import { createServer, type Server, type Socket } from 'node:net'
import type { FeatureVoice, LinkFeature } from '@latchkey/connection/app/link-feature'
import type { RunnerFeatureMessage } from '@latchkey/protocol/terminal/feature-messages'
import { PORT_CONNECTIONS_MAX } from '@latchkey/protocol/terminal/ports'
import { type FeatureBytes, Stream } from '@latchkey/protocol/terminal/streams'
import { CarriedSocket } from '@latchkey/runner/ports/carried-socket'
import type { Forward } from './forward-words.ts'

const NUMBERS = 0x10000
const LOOPBACK = ['127.0.0.1', '::1'] as const

/** Where a forward listens. */
export interface Listening {
  readonly forward: Forward
  readonly port: number
}

/** Ports of this computer whose connections are carried to a machine. Hand `feature` to the link. */
export class AppPorts {
  readonly feature: LinkFeature
  #voice: FeatureVoice | null = null
  readonly #onRefused: (message: string) => void
  readonly #servers: Server[] = []
  /** a socket waits until the machine is connected */
  readonly #connections = new Map<number, Socket | CarriedSocket>()
  #lastNumber = 0

  /** @param onRefused a sentence of the machine, for each connection that it refuses */
  constructor(onRefused: (message: string) => void) {
    this.#onRefused = onRefused
    this.feature = {
      name: 'ports',
      hears: new Set(['portOpened', 'portGranted', 'portEnded', 'portRefused']),
      streams: new Set([Stream.ports]),
      offered: (voice) => {
        this.#voice = voice
      },
      hear: (message) => this.#hear(message),
      take: (bytes) => this.#take(bytes),
      pump: () => this.#carried((connection) => connection.pump()),
      lost: () => this.#lost(),
    }
  }

  get isOffered(): boolean {
    return this.#voice !== null
  }

  /** Listens; a sentence when it cannot. */
  async listen(forward: Forward): Promise<Listening | string> {
    const [first, ...more] = forward.address === null ? LOOPBACK : [forward.address]
    try {
      const port = await this.#listenAt(forward, first, forward.port)
      // A computer may have no IPv6.
      for (const address of more) await this.#listenAt(forward, address, port).catch(() => {})
      return { forward, port }
    } catch (problem) {
      return `-L ${forward.port}: ${problem instanceof Error ? problem.message : String(problem)}. Choose another port: -L PORT:HOST:PORT.`
    }
  }

  /** Stops listening, and ends every connection. */
  close(): void {
    for (const server of this.#servers) server.close()
    this.#lost()
  }

  #listenAt(forward: Forward, host: string, port: number): Promise<number> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) =>
      this.#begin(socket, forward),
    )
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port, ipv6Only: host.includes(':') }, () => {
        this.#servers.push(server)
        const at = server.address()
        resolve(at === null || typeof at === 'string' ? port : at.port)
      })
    })
  }

  #begin(socket: Socket, { toHost, toPort }: Forward): void {
    const voice = this.#voice
    if (voice === null || this.#connections.size >= PORT_CONNECTIONS_MAX) return void socket.resetAndDestroy()
    do this.#lastNumber = (this.#lastNumber + 1) % NUMBERS
    while (this.#connections.has(this.#lastNumber))
    const connection = this.#lastNumber
    this.#connections.set(connection, socket)
    socket.once('error', () => this.#gaveUp(connection, socket))
    socket.once('close', () => this.#gaveUp(connection, socket))
    voice.say({ type: 'openPort', connection, host: toHost, port: toPort })
  }

  /** Its program has gone before the machine was connected. */
  #gaveUp(connection: number, socket: Socket): void {
    if (this.#connections.get(connection) !== socket) return
    this.#connections.delete(connection)
    this.#voice?.say({ type: 'portEnd', connection, how: 'reset' })
  }

  #hear(message: RunnerFeatureMessage): void {
    if (!('connection' in message)) return
    const connection = this.#connections.get(message.connection)
    if (message.type === 'portOpened') return this.#opened(message.connection)
    if (message.type === 'portRefused') {
      this.#connections.delete(message.connection)
      this.#onRefused(message.message)
      return void (connection instanceof CarriedSocket ? connection.drop() : connection?.resetAndDestroy())
    }
    if (!(connection instanceof CarriedSocket)) return
    if (message.type === 'portGranted') connection.credit(message.upTo)
    else connection.end(message.how)
  }

  #opened(number: number): void {
    const voice = this.#voice
    const socket = this.#connections.get(number)
    if (voice === null) return
    if (socket === undefined) return voice.say({ type: 'portEnd', connection: number, how: 'reset' })
    if (socket instanceof CarriedSocket) return
    const carried = new CarriedSocket(socket, {
      isOpen: () => voice === this.#voice && voice.writable,
      send: (seq, bytes) => voice.send({ stream: Stream.ports, seq, number, bytes }),
      granted: (upTo) => voice.say({ type: 'portCredit', connection: number, upTo }),
      ended: (how) => voice.say({ type: 'portEnd', connection: number, how }),
      over: () => this.#connections.delete(number),
    })
    this.#connections.set(number, carried)
  }

  #take({ number, seq, bytes }: FeatureBytes): boolean {
    const connection = this.#connections.get(number)
    return connection instanceof CarriedSocket ? connection.take(seq, bytes) : true
  }

  #lost(): void {
    this.#voice = null
    const all = [...this.#connections.values()]
    this.#connections.clear()
    for (const connection of all)
      if (connection instanceof CarriedSocket) connection.drop()
      else connection.resetAndDestroy()
  }

  #carried(act: (connection: CarriedSocket) => void): void {
    for (const connection of [...this.#connections.values()])
      if (connection instanceof CarriedSocket) act(connection)
  }
}
