import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http'
import { invariant } from '@latchkey/domain/kernel'
import type { PubSub } from '@latchkey/stores/redis/pub-sub'
import { channelPrefix } from '@latchkey/stores/redis/rights'
import { IoAdapter } from '@nestjs/platform-socket.io'
import { createAdapter } from '@socket.io/redis-adapter'
import { Server, type ServerOptions, type Socket } from 'socket.io'
import { type Origins, REFUSAL_STATUS } from '../http/origins.ts'
import { problemOf, sendProblem } from '../http/problem.ts'

/** Control messages are small: the largest has 256 digests. */
const MESSAGE_BYTES_MAX = 64 * 1024
const PING_EVERY_MS = 10_000
const PONG_WITHIN_MS = 15_000
/** From the open transport to the namespace: an honest client says hello at once. */
const CONNECT_WITHIN_MS = 5_000

/** How long brokers wait for each other's answers. */
const ANSWER_WITHIN_MS = 1_000
const WEBSOCKET_ONLY =
  'With Redis this broker speaks WebSocket only: long-polling would need sticky sessions. Set transports to ["websocket"].'

/** Socket.IO on our own HTTP server, with our limits and the Origin check on every transport. */
export class ControlAdapter extends IoAdapter {
  /** @param pubSub what brokers tell each other through; null for a broker that is alone */
  constructor(
    private readonly server: HttpServer,
    private readonly origins: Origins,
    private readonly pubSub: PubSub | null,
  ) {
    super(server)
  }

  override createIOServer(_port: number, options?: Partial<ServerOptions>): Server {
    const io = new Server(this.server, {
      ...options,
      serveClient: false,
      // The terminal plane shares this server: Socket.IO leaves other upgrades alone.
      destroyUpgrade: false,
      maxHttpBufferSize: MESSAGE_BYTES_MAX,
      pingInterval: PING_EVERY_MS,
      pingTimeout: PONG_WITHIN_MS,
      connectTimeout: CONNECT_WITHIN_MS,
      perMessageDeflate: false,
      httpCompression: false,
      cors: { origin: (origin, done) => done(null, origin !== undefined && this.origins.allows(origin)) },
      // `cors` alone lets a WebSocket of any page in: browsers do not apply it there.
      allowRequest: (request, done) => {
        const refusal = this.origins.refusalOf(request) ?? this.#transportRefusalOf(request)
        done(refusal, refusal === null)
      },
      ...(this.pubSub === null ? {} : { adapter: acrossBrokers(this.pubSub) }),
    })
    // `allowRequest` cannot say which status; an upgrade that it refuses is a 400 anyway.
    io.engine.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
      const isAmbiguous = this.origins.refusalOf(request) === 'HOST_AMBIGUOUS'
      if (!isAmbiguous || request.headers.upgrade !== undefined) return next()
      sendProblem(response, problemOf(REFUSAL_STATUS.HOST_AMBIGUOUS, 'HOST_AMBIGUOUS'))
    })
    return io
  }

  /**
   * Gateways hear their calls by `hear`. For each call on each connection Nest would keep a stream: three quarters of what an idle
   * connection costs.
   */
  override bindMessageHandlers(_socket: Socket, handlers: readonly unknown[]): void {
    invariant(handlers.length === 0, 'a gateway hears its calls by `hear`')
  }

  #transportRefusalOf({ url = '' }: IncomingMessage): string | null {
    const isPolling = new URL(url, 'http://broker').searchParams.get('transport') === 'polling'
    return isPolling && this.pubSub !== null ? WEBSOCKET_ONLY : null
  }
}

/** Rooms reach over all brokers on the same database of the same Redis: others there are another house. */
const acrossBrokers = ({ database, publisher, subscriber }: PubSub) =>
  createAdapter(publisher, subscriber, {
    key: channelPrefix(database),
    requestsTimeout: ANSWER_WITHIN_MS,
    publishOnSpecificResponseChannel: true,
  })
