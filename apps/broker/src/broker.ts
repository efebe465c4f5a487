import 'reflect-metadata'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pubSub } from '@latchkey/stores/redis/pub-sub'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express'
import { type Accounts, type AccountsOptions, openAccounts } from './accounts/open-accounts.ts'
import { BrokerModule } from './broker.module.ts'
import { brokerClock } from './clock.ts'
import type { Instances } from './cluster/instances.ts'
import { openStores, type Stores } from './cluster/open-stores.ts'
import { stayInTouch } from './cluster/stay-in-touch.ts'
import { type Features, type Foundation, featuresOf, foundationOf, hostOf } from './composition.ts'
import { defaultDataDirectory, openDataDirectory } from './config/data-directory.ts'
import type { Settings } from './config/settings.ts'
import { AddressGate } from './http/address-gate.ts'
import { certificateFor } from './http/certificate.ts'
import { guardRequests } from './http/front-door.ts'
import { httpServer } from './http/http-server.ts'
import { type Origins, origins } from './http/origins.ts'
import { ProblemFilter } from './http/problem.ts'
import { type Log, openLog } from './log/log.ts'
import { CONSOLE_URL_LIFE_MS } from './operator/operator-access.ts'
import { ActInterceptor, type Deed } from './routes/act-interceptor.ts'
import { guardMethods } from './routes/method-guard.ts'
import { type Doors, RouteGuard } from './routes/route-guard.ts'
import { routes } from './routes/routes.ts'
import { ControlAdapter } from './shell/io-adapter.ts'
import { safe } from './shell/safe.ts'
import { Carriages } from './terminal/carriage.ts'
import { InstancePass } from './terminal/instance-pass.ts'
import { Reception } from './terminal/reception.ts'
import { routeUpgrades } from './terminal/upgrades.ts'
import { webFiles } from './web/static-files.ts'
import { builtPages } from './web/web-root.ts'
import type { WebhookOptions } from './webhooks/open-webhooks.ts'

export const DEFAULT_PORT = 6969
const PORTS_TRIED_MAX = 50
const BODY_BYTES_MAX = 16 * 1024
/** OAuth's forms have three. */
const FORM_FIELDS_MAX = 20
const SWEEP_EVERY_MS = 60_000
/** A console URL on the screen is replaced this long before it is too old. */
const CONSOLE_URL_AHEAD_MS = 10 * 60_000
/** When clients are asked to come back after a stop, at the soonest; each adds some of its own. */
const COME_BACK_IN_MS = 1_000
/** What one client's coming back costs a broker: measured 0.3 ms for the handshake, and as much again for what it then asks, on a busy core. */
const HANDSHAKE_MS = 1.5
/** The last messages to clients need time to leave. */
const FAREWELL_MS = 200

/** A broker that listens. */
export interface Broker {
  readonly port: number
  /** the address to show to people */
  readonly url: string
  /** all addresses it answers on, this machine's own first */
  readonly addresses: readonly string[]
  /** holds the enrolment secret */
  readonly secretFile: string
  /** holds the operator's secret */
  readonly operatorSecretFile: string
  /** A console URL that signs in once, within the hour. */
  makeConsoleUrl(): string
  /** Calls back with a new console URL whenever the last one was used or is about to be too old, until the broker stops. */
  announceConsoleUrls(announce: (consoleUrl: string) => void): void
  /** Tells clients to come back, closes everything; the store last. Twice is once. */
  stop(): Promise<void>
}

export interface BrokerOptions {
  readonly settings: Settings
  readonly log?: Log
  /** milliseconds since the epoch */
  readonly clock?: () => number
  /** the built web app; the one of this release when unset */
  readonly webRoot?: string
  /** parts of WhatsApp linking that a test brings along */
  readonly linking?: Pick<AccountsOptions, 'library' | 'rules' | 'leaseMs' | 'capture'>
  /** parts of webhooks that a test brings along */
  readonly webhooks?: WebhookOptions
}

/** Opens the store, wires the parts, listens. Rejects when something of it cannot be done, and then leaves nothing open. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { settings, log = openLog(settings.logLevel), clock = brokerClock() } = options
  const data = openDataDirectory(settings.dataDir ?? defaultDataDirectory(process.env), settings)
  const certificate = await certificateFor(settings, data.tls)
  const stores = await openStores(settings, data, clock)
  for (const reason of stores.warnings) log.warn('store.warning', { reason })
  const foundation = foundationOf({
    settings,
    log,
    clock,
    data,
    stores,
    isTls: certificate !== null,
    webRoot: options.webRoot ?? builtPages(),
    webhooks: options.webhooks,
  })
  const { reach, relay, addresses, instances } = foundation
  const linking = await linkingOn(foundation, stores, options.linking)
  const features = featuresOf(foundation, linking?.counters ?? null)
  const allowed = origins({
    publicUrl: settings.publicUrl,
    nodePublicUrl: settings.nodePublicUrl,
    allowedOrigins: settings.allowedOrigins,
    port: reach.port,
  })
  const gate = new AddressGate(settings.socketsPerAddress)
  const express = new ExpressAdapter()
  const server = httpServer(express.getInstance(), {
    certificate,
    gate,
    addresses,
    connectionsMax: settings.socketsInAll,
    log,
  })
  const pass = new InstancePass({ signingKey: stores.secrets.signingKey, clock: foundation.clock })
  const carriages = new Carriages({ instances, pass, log })
  const { ticketFor } = features.callers
  const reception = new Reception({ tickets: foundation.tickets, relay, carriages, log, ticketFor })
  const app = await NestFactory.create<NestExpressApplication>(
    BrokerModule.of(foundation, features, linking),
    express,
    {
      logger: false,
      abortOnError: false,
      bodyParser: false,
    },
  )
  const stop = stopping({ app, server, foundation, features, stores, reception, linking })
  try {
    routeUpgrades(server, { reception, pass, origins: allowed, gate, addresses, log })
    await prepare(app, server, allowed, foundation, features, stores)
    await features.presence.begin()
    await refuseRivals(instances, stores)
    reach.listensOn(await listen(server, hostOf(settings), settings.port))
    await instances.renewNow()
    foundation.bus.tell({ kind: 'nodes-changed' })
    foundation.webhooks.sender.nudge()
  } catch (problem) {
    await stop()
    throw problem
  }
  log.info('broker.listening', { port: reach.port() })
  const makeConsoleUrl = () => reach.consoleUrl(foundation.access.makeConsoleUrlToken())
  return {
    port: reach.port(),
    url: reach.url,
    addresses: reach.addresses,
    secretFile: data.secretFile,
    operatorSecretFile: data.operatorSecretFile,
    makeConsoleUrl,
    announceConsoleUrls: (announce) => {
      const again = () => announce(makeConsoleUrl())
      const timer = setInterval(again, CONSOLE_URL_LIFE_MS - CONSOLE_URL_AHEAD_MS)
      server.once('close', () => clearInterval(timer))
      foundation.access.onSignedIn = again
    },
    stop,
  }
}

/** WhatsApp linking where it is switched on. It loads a client that is not installed everywhere. */
async function linkingOn(
  { settings, data, addresses, clock, log, webhooks }: Foundation,
  stores: Stores,
  brought: BrokerOptions['linking'] = {},
): Promise<Accounts | null> {
  if (!settings.whatsapp) return null
  try {
    const observer = webhooks.accountEvents
    return await openAccounts({ settings, data, addresses, clock, log, observer, ...brought })
  } catch (problem) {
    await stores.close()
    throw problem
  }
}

async function prepare(
  app: NestExpressApplication,
  server: Server,
  allowed: Origins,
  { log, addresses, webRoot }: Foundation,
  { doors, didOverHttp }: { readonly doors: Doors; readonly didOverHttp: (deed: Deed) => Promise<void> },
  { redis }: Stores,
): Promise<void> {
  app.disable('x-powered-by')
  app.use(guardRequests(allowed, addresses, log))
  app.use(guardMethods(routes))
  app.useBodyParser('json', { limit: BODY_BYTES_MAX })
  app.useBodyParser('urlencoded', { limit: BODY_BYTES_MAX, extended: false, parameterLimit: FORM_FIELDS_MAX })
  app.use(webFiles(webRoot))
  app.useGlobalGuards(new RouteGuard(doors))
  app.useGlobalInterceptors(new ActInterceptor(didOverHttp))
  app.useGlobalFilters(new ProblemFilter(log, join(webRoot, 'index.html')))
  app.useWebSocketAdapter(new ControlAdapter(server, allowed, redis && pubSub(redis)))
  await app.init()
}

/** Brokers that share nothing durable would have secrets of their own, and undo each other's work. */
async function refuseRivals(instances: Instances, { kind, isShared }: Stores): Promise<void> {
  if (isShared || kind === 'sqlite') return
  const rival = await instances.rival()
  if (rival === null) return
  const missing = kind === 'redis' ? 'DATABASE_URL (PostgreSQL)' : 'REDIS_URL (Redis)'
  throw new Error(
    `another broker, on ${rival.summary.host}, works with this store already: several brokers need ${missing} too`,
  )
}

/** The port itself when one was asked for; otherwise the founding one, or the next that is free. */
async function listen(server: Server, host: string, asked: number | undefined): Promise<number> {
  const first = asked ?? DEFAULT_PORT
  const last = asked === undefined ? first + PORTS_TRIED_MAX : first
  for (let port = first; ; port++) {
    try {
      return await tryPort(server, host, port)
    } catch (problem) {
      const isTaken = problem instanceof Error && 'code' in problem && problem.code === 'EADDRINUSE'
      if (!isTaken || port >= last) throw problem
    }
  }
}

const tryPort = (server: Server, host: string, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.removeListener('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })

/** Answers with what ends the broker: everything that was begun, in an order in which nothing is missed. */
function stopping(begun: {
  readonly app: NestExpressApplication
  readonly server: Server
  readonly foundation: Foundation
  readonly features: Features
  readonly stores: Stores
  readonly reception: Reception
  readonly linking: Accounts | null
}): () => Promise<void> {
  const { app, server, foundation, features, stores, reception, linking } = begun
  const { store, relay, health, log, instances, bus } = foundation
  const { notifier, presence } = features
  const sweep = setInterval(
    safe(log, 'store.sweep-failed', () =>
      Promise.all([store.sweep(), stores.apiKeys.sweep(), stores.webhooks.sweep()]),
    ),
    SWEEP_EVERY_MS,
  )
  sweep.unref()
  const loseTouch = stayInTouch({ ...foundation, notifier, presence, redis: stores.redis })
  let stopped: Promise<void> | null = null
  const stop = async (): Promise<void> => {
    clearInterval(sweep)
    loseTouch()
    health.stop()
    presence.stop()
    server.close()
    const spreadMs = 2 * notifier.connectionCount * HANDSHAKE_MS
    // Others may be there already; a broker that is alone has to start again first.
    const soonestMs = stores.isShared ? 0 : COME_BACK_IN_MS
    notifier.restarting(() => soonestMs + Math.random() * spreadMs)
    features.consoleStream.stop()
    features.joinStream.stop()
    features.cleanUp.stop()
    features.metrics.stop()
    reception.stop()
    relay.stop()
    await linking?.stop()
    await foundation.webhooks.stop()
    await instances.stop()
    bus.tell({ kind: 'nodes-changed' })
    await new Promise((resolve) => setTimeout(resolve, FAREWELL_MS))
    await app.close()
    server.closeAllConnections()
    await stores.close()
    log.info('broker.stopped')
  }
  return () => {
    stopped ??= stop()
    return stopped
  }
}
