import { appCalls, handshakeAuth, type Refusal } from '@latchkey/protocol/runner-pairing'
import type { ExtendedError } from 'socket.io'
import type { Settings } from '../config/settings.ts'
import type { ClientAddresses } from '../http/client-address.ts'
import { failureFields, type Log } from '../log/log.ts'
import { refusalOf } from '../shell/answer.ts'
import type { ChangeSignal } from '../shell/change-signal.ts'
import { appRoom, type ControlServer, type ControlSocket } from '../shell/connection.ts'
import { forgetRequest } from '../shell/forget-request.ts'
import { guardPackets } from '../shell/packet-guard.ts'
import { safe } from '../shell/safe.ts'
import type { AppUseCases } from './app.use-cases.ts'
import type { Callers } from './callers.ts'
import type { PairingNotifier } from './pairing.notifier.ts'
import type { RunnerPresence } from './runner-presence.ts'

interface Parts {
  readonly settings: Settings
  readonly callers: Callers
  readonly addresses: ClientAddresses
  readonly log: Log
  readonly changes: ChangeSignal
  readonly notifier: PairingNotifier
  readonly presence: RunnerPresence
  readonly apps: AppUseCases
}

/** Receives control connections: binds who they are at the handshake, greets them, and notices their end. */
export class ConnectionDesk {
  constructor(private readonly parts: Parts) {}

  open(server: ControlServer): void {
    this.parts.notifier.attach(server)
    guardPackets(server, { perSecondMax: this.parts.settings.messagesPerSecond, log: this.parts.log })
    server.use((socket, next) => void this.#admit(socket, next))
  }

  /** The first words to a connection, and the last look at it. */
  welcome(socket: ControlSocket): void {
    const { data } = socket
    forgetRequest(socket)
    measureRoundTrip(socket)
    socket.on('disconnect', (reason) => {
      data.endedBy = reason
      this.parts.changes.notify()
      const { runner } = data
      if (runner === null) return
      this.parts.presence
        .connectionEnded(runner, reason)
        .catch((problem: unknown) => this.parts.log.error('presence.failed', failureFields(problem)))
    })
    if (data.greeting.renewed !== null) socket.emit('app:session', { clientToken: data.greeting.renewed })
    safe(this.parts.log, 'greeting.failed', () => this.#greet(socket))()
  }

  async #admit(socket: ControlSocket, next: (refused?: ExtendedError) => void): Promise<void> {
    const refusal = await this.#identify(socket).catch((problem: unknown) => {
      this.parts.log.error('handshake.failed', failureFields(problem))
      return refused(refusalOf('NETWORK_ERROR', 'the broker could not do this just now: try again'))
    })
    next(refusal)
  }

  /** Binds the identity to the socket. What it says of itself later changes nothing about it. */
  async #identify(socket: ControlSocket): Promise<ExtendedError | undefined> {
    const auth = handshakeAuth.safeParse(socket.handshake.auth)
    if (!auth.success) return refused(refusalOf('INVALID_FORMAT', 'malformed handshake'))
    const address = this.parts.addresses.of(socket.request)
    const read = await this.parts.callers.read(auth.data, address)
    if ('code' in read) return refused(read)
    const { appSessionId, label, nodeId, appRights, renewed, isNew } = read
    Object.assign(socket.data, {
      ...{ appSessionId, address, label, nodeId, appRights },
      greeting: { renewed, isKnown: !isNew },
      runner: null,
      nonce: null,
      arriving: null,
      roundTripMs: null,
      pingedAtMs: null,
      endedBy: null,
    } satisfies ControlSocket['data'])
    return undefined
  }

  async #greet(socket: ControlSocket): Promise<void> {
    const { appSessionId, greeting } = socket.data
    await socket.join(appRoom(appSessionId))
    // A new session has no pairing.
    if (!greeting.isKnown) return
    const { status, ticket } = await this.parts.apps.arrive(socket.data)
    if (status.paired) {
      socket.emit(appCalls['app:pairing:status'].succeeds ?? '', status)
      // A ticket unasked: an app that comes back need not wait for an answer before it opens its terminal link.
      const { runnerId = '', runnerLabel = '' } = status
      if (ticket !== null)
        socket.emit('terminal:ready', { runnerId, runnerLabel, pid: ticket.pid, terminal: ticket.terminal })
    }
    this.parts.changes.notify()
  }
}

const refused = (data: Refusal): ExtendedError => Object.assign(new Error(data.message), { data })

/** By the transport's own ping, so it costs nothing. */
function measureRoundTrip({ conn, data }: ControlSocket): void {
  conn.on('packetCreate', ({ type }) => {
    if (type === 'ping') data.pingedAtMs = performance.now()
  })
  conn.on('packet', ({ type }) => {
    if (type === 'pong' && data.pingedAtMs !== null) data.roundTripMs = performance.now() - data.pingedAtMs
  })
}
