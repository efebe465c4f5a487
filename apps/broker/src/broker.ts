import 'reflect-metadata'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { openSqlite } from '@latchkey/stores/sqlite/database'
import { sqlitePairingStore } from '@latchkey/stores/sqlite/pairing.store'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express'
import { BrokerModule, type BrokerParts } from './broker.module.ts'
import { brokerClock } from './clock.ts'
import { soleNode } from './cluster/node-directory.ts'
import { defaultDataDirectory, openDataDirectory } from './config/data-directory.ts'
import { pairingRules } from './config/rules.ts'
import type { Settings } from './config/settings.ts'
import { Health, MeasuredStore } from './health/health.ts'
import { AddressGate } from './http/address-gate.ts'
import { clientAddresses } from './http/client-address.ts'
import { guardRequests } from './http/front-door.ts'
import { httpServer } from './http/http-server.ts'
import { type Origins, origins } from './http/origins.ts'
import { ProblemFilter } from './http/problem.ts'
import { Reach } from './http/reach.ts'
import { routeUpgrades } from './http/upgrades.ts'
import { type Log, openLog } from './log/log.ts'
import { ConsoleStream } from './operator/console-stream.ts'
import { LINK_LIFE_MS, OperatorAccess } from './operator/operator-access.ts'
import { Pulse } from './operator/pulse.ts'
import { PairingNotifier } from './runner-pairing/pairing.notifier.ts'
import { RunnerPresence } from './runner-pairing/runner-presence.ts'
import { ControlAdapter } from './shell/io-adapter.ts'
import { safe } from './shell/safe.ts'
import { storeAdmission } from './terminal/admission.ts'
import { Carriages } from './terminal/carriage.ts'
import { NodePass } from './terminal/node-pass.ts'
import { Reception } from './terminal/reception.ts'
import { TerminalRelay } from './terminal/relay.ts'
import { TicketOffice } from './terminal/tickets.ts'
import { certificateFor } from './tls/certificate.ts'
import { setCaching } from './web/static-files.ts'

export const DEFAULT_PORT = 6969
const PORTS_TRIED_MAX = 50
const BODY_BYTES_MAX = 16 * 1024
const SWEEP_EVERY_MS = 60_000
/** A link on the screen is replaced this long before it is too old. */
const LINK_AHEAD_MS = 10 * 60_000
/** When clients are asked to come back after a stop; they add jitter of their own. */
const COME_BACK_IN_MS = 1_000
/** What is told at the end still has to leave. */
const FAREWELL_MS = 200

/** A broker that listens. */
export interface Broker {
  readonly port: number
  /** the address to show to people */
  readonly url: string
  /** all addresses it answers on, this machine's own first */
  readonly addresses: readonly string[]
  readonly secretFile: string
  /** A console link that signs in once, within the hour. */
  makeConsoleUrl(): string
  /** Calls back with a new console link whenever the last one was used or is about to be too old, until the broker stops. */
  announceConsoleUrls(announce: (consoleUrl: string) => void): void
  /** Tells clients to come back, closes everything; the store last. Twice is once. */
  stop(): Promise<void>
}

export interface BrokerOptions {
  readonly settings: Settings
  readonly log?: Log
  /** milliseconds since the epoch */
  readonly clock?: () => number
  /** the built web app; apps/web/dist beside this app when unset */
  readonly webRoot?: string
}

/** Opens the store, wires the parts, listens. Rejects when something of it cannot be done, and then leaves nothing open. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { settings, log = openLog(settings.logLevel), clock = brokerClock() } = options
  const data = openDataDirectory(settings.dataDir ?? defaultDataDirectory(process.env), settings.runnerSecret)
  const certificate = await certificateFor(settings, data.tls)
  const host = settings.local ? '127.0.0.1' : settings.host
  const reach = new Reach({ host, publicUrl: settings.publicUrl, tls: certificate !== null })
  const rules = pairingRules(settings)
  const db = await openSqlite(data.database)
  const store = new MeasuredStore(sqlitePairingStore(db, { clock, historyKept: settings.historySize }))
  const pulse = new Pulse()
  const nodes = soleNode()
  const { signingKey } = data.secrets
  const tickets = new TicketOffice({ nodes, signingKey, clock })
  const pass = new NodePass({ signingKey, clock })
  const relay = new TerminalRelay({
    admission: storeAdmission(store, rules),
    log,
    onChange: () => pulse.beat(),
  })
  const carriages = new Carriages({ nodes, pass, log })
  const reception = new Reception({ tickets, relay, carriages, log })
  const parts: BrokerParts = {
    settings,
    data,
    rules,
    store,
    clock,
    log,
    pulse,
    nodes,
    tickets,
    relay,
    reach,
    addresses: clientAddresses(settings.trustedProxies),
    health: new Health(clock, store),
    access: new OperatorAccess(clock, data.secrets.enrolment),
    webRoot: options.webRoot ?? fileURLToPath(new URL('../../web/dist', import.meta.url)),
  }
  const allowed = origins({
    publicUrl: settings.publicUrl,
    nodePublicUrl: settings.nodePublicUrl,
    allowedOrigins: settings.allowedOrigins,
    port: reach.port,
  })
  const gate = new AddressGate(settings.socketsPerAddress)
  const express = new ExpressAdapter()
  const server = httpServer(express.getInstance(), { certificate, gate, addresses: parts.addresses })
  const app = await NestFactory.create<NestExpressApplication>(BrokerModule.of(parts), express, {
    logger: false,
    abortOnError: false,
    bodyParser: false,
  })
  const stop = stopping(app, server, parts, reception)
  try {
    routeUpgrades(server, { reception, pass, origins: allowed, gate, addresses: parts.addresses, log })
    await prepare(app, server, allowed, parts)
    reach.listensOn(await listen(server, host, settings.port))
  } catch (problem) {
    await stop()
    throw problem
  }
  log.info('broker.listening', { port: reach.port() })
  const makeConsoleUrl = () => reach.consoleUrl(parts.access.makeLinkToken())
  return {
    port: reach.port(),
    url: reach.url,
    addresses: reach.addresses,
    secretFile: data.secretFile,
    makeConsoleUrl,
    announceConsoleUrls: (announce) => {
      const again = () => announce(makeConsoleUrl())
      const timer = setInterval(again, LINK_LIFE_MS - LINK_AHEAD_MS)
      server.once('close', () => clearInterval(timer))
      parts.access.onSignedIn = again
    },
    stop,
  }
}

async function prepare(
  app: NestExpressApplication,
  server: Server,
  allowed: Origins,
  { log, webRoot }: BrokerParts,
): Promise<void> {
  app.disable('x-powered-by')
  app.use(guardRequests(allowed, log))
  app.useBodyParser('json', { limit: BODY_BYTES_MAX })
  app.useStaticAssets(webRoot, { index: false, redirect: false, setHeaders: setCaching })
  app.useGlobalFilters(new ProblemFilter(log))
  app.useWebSocketAdapter(new ControlAdapter(server, allowed))
  await app.init()
  await app.get(RunnerPresence).begin()
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

function stopping(
  app: NestExpressApplication,
  server: Server,
  parts: BrokerParts,
  reception: Reception,
): () => Promise<void> {
  const { store, relay, health, log } = parts
  const sweep = setInterval(
    safe(log, 'store.sweep-failed', () => store.sweep()),
    SWEEP_EVERY_MS,
  )
  sweep.unref()
  let stopped: Promise<void> | null = null
  const stop = async (): Promise<void> => {
    clearInterval(sweep)
    health.stop()
    const presence = app.get(RunnerPresence)
    presence.stop()
    server.close()
    app.get(PairingNotifier).restarting(COME_BACK_IN_MS)
    app.get(ConsoleStream).stop()
    reception.stop()
    relay.stop()
    await new Promise((resolve) => setTimeout(resolve, FAREWELL_MS))
    await app.close()
    server.closeAllConnections()
    await store.close()
    log.info('broker.stopped')
  }
  return () => {
    stopped ??= stop()
    return stopped
  }
}
