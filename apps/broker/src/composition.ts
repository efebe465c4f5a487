import { hostname } from 'node:os'
import type { PairingRules } from '@latchkey/domain/runner-pairing/rules'
import type { AccountCounters } from './accounts/account-counters.ts'
import { ApiKeyDesk } from './api-keys/api-key-desk.ts'
import { ApiKeyGuard } from './api-keys/api-key-guard.ts'
import { KeySecrets } from './api-keys/key-secret.ts'
import { AuditDesk } from './audit/audit-desk.ts'
import { HistoryDesk } from './audit/history-desk.ts'
import { ClusterBus } from './cluster/cluster-bus.ts'
import { Instances } from './cluster/instances.ts'
import type { Stores } from './cluster/open-stores.ts'
import { StoreClock, telling } from './cluster/store-clock.ts'
import type { DataDirectory } from './config/data-directory.ts'
import { deviceRules, pairingRules } from './config/rules.ts'
import type { Settings } from './config/settings.ts'
import { DeviceService } from './device-pairing/device.service.ts'
import { DeviceCleanUp } from './device-pairing/device-clean-up.ts'
import { DeviceConnections } from './device-pairing/device-connections.ts'
import { DeviceCounts } from './device-pairing/device-counts.ts'
import { DeviceDesk } from './device-pairing/device-desk.ts'
import { DeviceNotifier } from './device-pairing/device-notifier.ts'
import { DevicePairingService } from './device-pairing/device-pairing.service.ts'
import { DevicePairingDesk } from './device-pairing/device-pairing-desk.ts'
import { DeviceSecrets } from './device-pairing/device-secrets.ts'
import { DeviceView } from './device-pairing/device-view.ts'
import { FirstDevice } from './device-pairing/first-device.ts'
import { JoinKeyDesk } from './device-pairing/join-key-desk.ts'
import { JoinStream } from './device-pairing/join-stream.ts'
import { Visits } from './doctor/visits.ts'
import { MeshGraphql } from './graphql/mesh-graphql.ts'
import { MeshQueries } from './graphql/mesh-queries.ts'
import { Health, MeasuredStore } from './health/health.ts'
import { clientAddresses } from './http/client-address.ts'
import { Reach } from './http/reach.ts'
import { HandoutDesk } from './install/handout.ts'
import { LimitsDesk } from './limits/limits-desk.ts'
import { LimitsWatch } from './limits/limits-watch.ts'
import { SecretDoor } from './limits/secret-door.ts'
import { UnreadableCodes } from './limits/unreadable-codes.ts'
import type { Log } from './log/log.ts'
import { Metrics } from './metrics/metrics.ts'
import { MetricsGuard } from './metrics/metrics-guard.ts'
import { OAuthService } from './oauth/oauth.service.ts'
import { OAuthDesk } from './oauth/oauth-desk.ts'
import { ConsoleStream } from './operator/console-stream.ts'
import { ConsoleView } from './operator/console-view.ts'
import { OperatorAccess } from './operator/operator-access.ts'
import { OperatorGuard } from './operator/operator-guard.ts'
import { Notices, telling as tellingOfEvents } from './push/notices.ts'
import { PushUseCases } from './push/push.use-cases.ts'
import type { Deed } from './routes/act-interceptor.ts'
import type { Doors } from './routes/route-guard.ts'
import { AppUseCases } from './runner-pairing/app.use-cases.ts'
import { AppCredentials } from './runner-pairing/app-credentials.ts'
import { Callers } from './runner-pairing/callers.ts'
import { codeMask } from './runner-pairing/code-mask.ts'
import { ConnectionDesk } from './runner-pairing/connection-desk.ts'
import { PairingNotifier } from './runner-pairing/pairing.notifier.ts'
import { RunnerUseCases } from './runner-pairing/runner.use-cases.ts'
import { RunnerAdmission } from './runner-pairing/runner-admission.ts'
import { RunnerOrders } from './runner-pairing/runner-orders.ts'
import { RunnerPresence } from './runner-pairing/runner-presence.ts'
import { CallCounts } from './shell/call-counts.ts'
import { ChangeSignal } from './shell/change-signal.ts'
import { TerminalRelay } from './terminal/relay.ts'
import { storeTicketCheck } from './terminal/ticket-check.ts'
import { TicketOffice } from './terminal/tickets.ts'
import { BROKER_VERSION } from './version.ts'
import { openWebhooks, type WebhookOptions } from './webhooks/open-webhooks.ts'
import { alarmEvent, machineEvents } from './webhooks/webhook-facts.ts'

export const hostOf = ({ local, host }: Settings): string => (local ? '127.0.0.1' : host)

/** What all features stand on. Everything in it takes the store's time, on which all brokers agree. */
export function foundationOf(made: {
  readonly settings: Settings
  readonly log: Log
  /** the process's own, milliseconds since the epoch */
  readonly clock: () => number
  readonly data: DataDirectory
  readonly stores: Stores
  readonly isTls: boolean
  readonly webRoot: string
  readonly webhooks?: WebhookOptions | undefined
}) {
  const { settings, log, data, stores, webRoot } = made
  const { secrets } = stores
  const storeClock = new StoreClock(made.clock)
  const clock = storeClock.now
  const asSet = pairingRules(settings)
  // A broker that is alone needs no short lease: no other instance waits for its end, and each renewal writes to disk.
  const rules: PairingRules = stores.kind === 'sqlite' ? { ...asSet, instanceLeaseMs: asSet.leaseMs } : asSet
  const store = new MeasuredStore(telling(storeClock, stores.store))
  const changes = new ChangeSignal()
  const relay = new TerminalRelay({
    ticketCheck: storeTicketCheck(store, rules),
    log,
    onChange: () => changes.notify(),
  })
  const reach = new Reach({
    host: hostOf(settings),
    publicUrl: settings.publicUrl,
    tls: made.isTls,
    isShared: stores.isShared,
  })
  const instances = new Instances({
    isAlone: stores.kind === 'sqlite',
    store,
    rules,
    clock,
    log,
    facts: (counts) => ({
      address: settings.nodeUrl ?? reach.addressForBrokers,
      publicUrl: settings.nodePublicUrl ?? null,
      summary: { host: hostname(), version: BROKER_VERSION, terminals: relay.socketCount, ...counts },
    }),
  })
  const watch = new LimitsWatch({ log, clock, changes })
  const door = new SecretDoor({ store, rules, watch })
  const access = new OperatorAccess({ store, clock, door, ...secrets })
  const webhooks = openWebhooks({
    store: stores.webhooks,
    signingKey: secrets.signingKey,
    targets: settings.webhookTargets,
    isAlone: !stores.isShared,
    clock,
    log,
    ...(made.webhooks && { brought: made.webhooks }),
  })
  watch.onAlarm = alarmEvent(webhooks.outbox)
  const addresses = clientAddresses(settings.trustedProxies, log)
  return {
    settings,
    data,
    secrets,
    rules,
    store,
    devices: stores.devices,
    apiKeys: stores.apiKeys,
    webhooks,
    clock,
    log,
    changes,
    instances,
    bus: new ClusterBus({ isClustered: stores.redis !== null, log }),
    tickets: new TicketOffice({ instances, signingKey: secrets.signingKey, clock }),
    relay,
    reach,
    addresses,
    health: new Health(clock, store, stores.kind, () => instances.writeNow(), stores.needed),
    watch,
    door,
    access,
    guard: new OperatorGuard({ access, reach, addresses }),
    handouts: new HandoutDesk({ dataDir: data.path }),
    webRoot,
  }
}

export type Foundation = ReturnType<typeof foundationOf>

/**
 * All that runners, apps, devices and the operator may ask for. Each part is made once, after those it needs; what it needs of
 * them is said in its own file.
 */
export function featuresOf(foundation: Foundation, linking: AccountCounters | null) {
  const { settings, store, rules, secrets, clock, log } = foundation
  const { signingKey } = secrets
  const { watch, door } = foundation
  const calls = new CallCounts()
  const notifier = new PairingNotifier(foundation)
  notifier.onRunner = machineEvents(foundation.webhooks.outbox)
  const push = new PushUseCases(foundation)
  const notices = new Notices({ ...foundation, push })
  const tellWebhooks = watch.onAlarm
  watch.onAlarm = (reason) => {
    tellWebhooks(reason)
    notices.happened('guessing')
  }
  const presence = new RunnerPresence({
    ...foundation,
    notifier,
    onEnded: () => notices.happened('machine-offline'),
  })
  const connections = new DeviceConnections({ ...foundation, sockets: notifier })

  const mesh = {
    ...foundation,
    repository: tellingOfEvents(foundation.devices, (events) => notices.heard(events)),
    rules: deviceRules(settings),
    secrets: new DeviceSecrets(signingKey),
    counts: new DeviceCounts(),
    notifier: new DeviceNotifier(foundation),
    firstNode: new FirstDevice({ ...foundation, repository: foundation.devices }),
    view: new DeviceView({ ...foundation, repository: foundation.devices, rules: deviceRules(settings) }),
  }
  const nodes = new DeviceService({ ...mesh, connections, expel: (runnerId) => presence.expel(runnerId) })
  const pairing = new DevicePairingService(mesh)
  const joinStream = new JoinStream({ ...mesh, pairing })
  const cleanUp = new DeviceCleanUp({ ...mesh, connections, nodes })

  const admission = new RunnerAdmission({ store, secrets, clock, door, nodes, firstNode: mesh.firstNode })
  const runners = new RunnerUseCases({ ...foundation, notifier, presence, admission })
  const apps = new AppUseCases({
    ...foundation,
    mask: codeMask(signingKey),
    notifier,
    codes: new UnreadableCodes(clock),
  })
  const credentials = new AppCredentials(signingKey, clock, settings.foreignClients)
  const callers = new Callers({ credentials, nodes, connections, apps })
  const desk = new ConnectionDesk({ ...foundation, callers, notifier, presence, apps })

  const limits = new LimitsDesk({ store, rules, watch })
  const history = new HistoryDesk({ store, clock })
  const audit = new AuditDesk(foundation)
  const view = new ConsoleView({ ...foundation, limits, devices: mesh.view })
  const consoleStream = new ConsoleStream({ ...foundation, view })
  const queries = new MeshQueries({ ...mesh, devices: mesh.view, console: view, history })
  const nodeDesk = new DeviceDesk({ ...mesh, nodes })
  const { guard } = foundation
  const metricsGuard = new MetricsGuard({ settings, operator: guard })
  const keyParts = { ...foundation, keys: foundation.apiKeys, secrets: new KeySecrets(signingKey) }
  const keyGuard = new ApiKeyGuard(keyParts)
  const doors: Doors = {
    keys: keyGuard,
    operator: (request) => guard.requireOperator(request),
    console: (request) => guard.requireSession(request),
    secret: (request) => guard.requireSecret(request),
    device: (request) => nodeDesk.requireDevice(request),
    metrics: (request) => metricsGuard.requireReader(request),
  }
  const metrics = new Metrics({
    ...foundation,
    notifier,
    calls,
    devices: mesh.counts,
    cleanUp,
    push,
    linking,
  })
  return {
    notifier,
    presence,
    runners,
    apps,
    callers,
    desk,
    calls,
    push,
    notices,
    orders: new RunnerOrders({ notifier, log }),
    devices: new DevicePairingDesk({ ...mesh, pairing, stream: joinStream }),
    nodes: nodeDesk,
    joinKeys: new JoinKeyDesk(mesh),
    joinStream,
    cleanUp,
    oauth: new OAuthDesk({ ...foundation, oauth: new OAuthService(mesh) }),
    graphql: new MeshGraphql({ queries, log }),
    limits,
    history,
    audit,
    view,
    consoleStream,
    metrics,
    visits: new Visits(clock),
    apiKeys: new ApiKeyDesk(keyParts),
    doors,
    didOverHttp: ({ what, to, request }: Deed) =>
      audit.did({ what, to, by: keyGuard.keyOf(request), ip: foundation.addresses.of(request) }),
  }
}

export type Features = ReturnType<typeof featuresOf>
