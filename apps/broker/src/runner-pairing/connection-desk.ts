import { appCalls, handshakeAuth, runnerCalls, terminalCalls } from '@latchkey/protocol/runner-pairing'
import { Inject, Injectable } from '@nestjs/common'
import type { ExtendedError } from 'socket.io'
import type { Settings } from '../config/settings.ts'
import type { ClientAddresses } from '../http/client-address.ts'
import { failureFields, type Log } from '../log/log.ts'
import type { Pulse } from '../operator/pulse.ts'
import { refusalOf } from '../shell/answer.ts'
import { appRoom, type ControlServer, type ControlSocket } from '../shell/connection.ts'
import { guardPackets, refuseUnknownEvents } from '../shell/packet-guard.ts'
import { safe } from '../shell/safe.ts'
import { APP_CREDENTIALS, CLIENT_ADDRESSES, KNOWN_APPS, LOG, PULSE, SETTINGS } from '../wiring.ts'
import { AppUseCases } from './app.use-cases.ts'
import type { AppCredentials } from './app-credentials.ts'
import type { KnownApps } from './known-apps.ts'
import { printable } from './label.ts'
import { PairingNotifier } from './pairing.notifier.ts'
import { RunnerPresence } from './runner-presence.ts'

const KNOWN_EVENTS: ReadonlySet<string> = new Set(
  Object.keys({ ...runnerCalls, ...appCalls, ...terminalCalls }),
)

/** Receives control connections: binds who they are at the handshake, greets them, and notices their end. */
@Injectable()
export class ConnectionDesk {
  readonly #settings: Settings
  readonly #credentials: AppCredentials
  readonly #addresses: ClientAddresses
  readonly #knownApps: KnownApps
  readonly #log: Log
  readonly #pulse: Pulse
  readonly #notifier: PairingNotifier
  readonly #presence: RunnerPresence
  readonly #apps: AppUseCases

  constructor(
    @Inject(SETTINGS) settings: Settings,
    @Inject(APP_CREDENTIALS) credentials: AppCredentials,
    @Inject(CLIENT_ADDRESSES) addresses: ClientAddresses,
    @Inject(KNOWN_APPS) knownApps: KnownApps,
    @Inject(LOG) log: Log,
    @Inject(PULSE) pulse: Pulse,
    @Inject(PairingNotifier) notifier: PairingNotifier,
    @Inject(RunnerPresence) presence: RunnerPresence,
    @Inject(AppUseCases) apps: AppUseCases,
  ) {
    this.#settings = settings
    this.#credentials = credentials
    this.#addresses = addresses
    this.#knownApps = knownApps
    this.#log = log
    this.#pulse = pulse
    this.#notifier = notifier
    this.#presence = presence
    this.#apps = apps
  }

  open(server: ControlServer): void {
    this.#notifier.attach(server)
    guardPackets(server, { perSecondMax: this.#settings.messagesPerSecond, log: this.#log })
    server.use((socket, next) => next(this.#identify(socket)))
  }

  /** The first words to a connection, and the last look at it. */
  welcome(socket: ControlSocket): void {
    const { data } = socket
    refuseUnknownEvents(socket, KNOWN_EVENTS)
    measureRoundTrip(socket)
    socket.on('disconnect', (reason) => {
      data.endedBy = reason
      this.#pulse.beat()
      const { runner } = data
      if (runner === null) return
      this.#presence
        .connectionEnded(runner, reason)
        .catch((problem: unknown) => this.#log.error('presence.failed', failureFields(problem)))
    })
    if (data.greeting.renewed !== null) socket.emit('app:session', { clientToken: data.greeting.renewed })
    safe(this.#log, 'greeting.failed', () => this.#greet(socket))()
  }

  /** Binds the identity to the socket. What it says of itself later changes nothing about it. */
  #identify(socket: ControlSocket): ExtendedError | undefined {
    const auth = handshakeAuth.safeParse(socket.handshake.auth)
    if (!auth.success) {
      const data = refusalOf('INVALID_FORMAT', 'malformed handshake')
      return Object.assign(new Error(data.message), { data })
    }
    const { clientToken, label = '' } = auth.data
    const read = this.#credentials.read(clientToken)
    Object.assign(socket.data, {
      appSessionId: read.appSessionId,
      greeting: { renewed: read.renewed, isKnown: !read.isNew },
      address: this.#addresses.of(socket.request),
      label: printable(label),
      runner: null,
      nonce: null,
      roundTripMs: null,
      pingedAtMs: null,
      endedBy: null,
    } satisfies ControlSocket['data'])
    return undefined
  }

  async #greet(socket: ControlSocket): Promise<void> {
    const { appSessionId, label, address, greeting } = socket.data
    this.#knownApps.seen(appSessionId, { label, address })
    await socket.join(appRoom(appSessionId))
    // A session that has just been made is paired with nobody.
    if (!greeting.isKnown) return
    const status = await this.#apps.status(undefined, { peer: socket.data, socket })
    if (status.success && status.paired) socket.emit(appCalls['app:pairing:status'].succeeds ?? '', status)
    this.#pulse.beat()
  }
}

/** By the transport's own ping, so it costs nothing. */
function measureRoundTrip({ conn, data }: ControlSocket): void {
  conn.on('packetCreate', ({ type }) => {
    if (type === 'ping') data.pingedAtMs = performance.now()
  })
  conn.on('packet', ({ type }) => {
    if (type === 'pong' && data.pingedAtMs !== null) data.roundTripMs = performance.now() - data.pingedAtMs
  })
}
