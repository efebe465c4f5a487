import type { PairingRepository } from '@latchkey/domain/device-pairing/ports'
import type { PairingRules } from '@latchkey/domain/runner-pairing/rules'
import { type DynamicModule, Module } from '@nestjs/common'
import { HistoryController } from './audit/history.controller.ts'
import { HistoryDesk } from './audit/history-desk.ts'
import type { ClusterBus } from './cluster/cluster-bus.ts'
import type { Nodes } from './cluster/nodes.ts'
import type { DataDirectory, Secrets } from './config/data-directory.ts'
import { codeAlphabet, deviceRules } from './config/rules.ts'
import type { Settings } from './config/settings.ts'
import { DeviceCleanUp } from './device-pairing/device-clean-up.ts'
import { DeviceCounts } from './device-pairing/device-counts.ts'
import { DeviceDesk } from './device-pairing/device-desk.ts'
import { DeviceNotifier } from './device-pairing/device-notifier.ts'
import { DevicePairingController } from './device-pairing/device-pairing.controller.ts'
import { DevicePairingService } from './device-pairing/device-pairing.service.ts'
import { DeviceSecrets } from './device-pairing/device-secrets.ts'
import { DeviceView } from './device-pairing/device-view.ts'
import { FirstNode } from './device-pairing/first-node.ts'
import { JoinStream } from './device-pairing/join-stream.ts'
import { NodeController } from './device-pairing/node.controller.ts'
import { NodeService } from './device-pairing/node.service.ts'
import { NodeConnections } from './device-pairing/node-connections.ts'
import { NodeDesk } from './device-pairing/node-desk.ts'
import { GraphqlController } from './graphql/graphql.controller.ts'
import { MeshGraphql } from './graphql/mesh-graphql.ts'
import { MeshQueries } from './graphql/mesh-queries.ts'
import { HealthController } from './health/health.controller.ts'
import { Health, type MeasuredStore } from './health/health.ts'
import type { ClientAddresses } from './http/client-address.ts'
import type { Reach } from './http/reach.ts'
import { BansController } from './limits/bans.controller.ts'
import { LimitsDesk } from './limits/limits-desk.ts'
import { LimitsWatch } from './limits/limits-watch.ts'
import { SecretDoor } from './limits/secret-door.ts'
import { UnreadableCodes } from './limits/unreadable-codes.ts'
import { linkingParts } from './linking/linking.module.ts'
import type { Linking } from './linking/open-linking.ts'
import type { Log } from './log/log.ts'
import { CallCounts } from './metrics/call-counts.ts'
import { MetricsController } from './metrics/metrics.controller.ts'
import { Metrics } from './metrics/metrics.ts'
import { MetricsGuard } from './metrics/metrics-guard.ts'
import { OAuthController } from './oauth/oauth.controller.ts'
import { OAuthService } from './oauth/oauth.service.ts'
import { OAuthDesk } from './oauth/oauth-desk.ts'
import { OpenApiController } from './openapi/openapi.controller.ts'
import { ConsoleStream } from './operator/console-stream.ts'
import { ConsoleView } from './operator/console-view.ts'
import { OperatorController } from './operator/operator.controller.ts'
import { OperatorAccess } from './operator/operator-access.ts'
import { OperatorGuard } from './operator/operator-guard.ts'
import type { Pulse } from './operator/pulse.ts'
import { AppUseCases } from './runner-pairing/app.use-cases.ts'
import { AppCredentials } from './runner-pairing/app-credentials.ts'
import { codeMask } from './runner-pairing/code-mask.ts'
import { ConnectionDesk } from './runner-pairing/connection-desk.ts'
import { PairingGateway } from './runner-pairing/pairing.gateway.ts'
import { PairingModule } from './runner-pairing/pairing.module.ts'
import { PairingNotifier } from './runner-pairing/pairing.notifier.ts'
import { RunnerUseCases } from './runner-pairing/runner.use-cases.ts'
import { RunnerAdmission } from './runner-pairing/runner-admission.ts'
import { RunnerOrders } from './runner-pairing/runner-orders.ts'
import { RunnerPresence } from './runner-pairing/runner-presence.ts'
import type { TerminalRelay } from './terminal/relay.ts'
import type { TicketOffice } from './terminal/tickets.ts'
import { WebController } from './web/web.controller.ts'
import * as wiring from './wiring.ts'

/** All that a broker is made of, but its classes. */
export interface BrokerParts {
  readonly settings: Settings
  readonly data: DataDirectory
  /** those that all brokers on the same store share */
  readonly secrets: Secrets
  readonly rules: PairingRules
  readonly store: MeasuredStore
  readonly devices: PairingRepository
  readonly clock: () => number
  readonly log: Log
  readonly pulse: Pulse
  readonly nodes: Nodes
  readonly bus: ClusterBus
  readonly tickets: TicketOffice
  readonly relay: TerminalRelay
  readonly reach: Reach
  readonly addresses: ClientAddresses
  readonly health: Health
  /** counts wrong guesses, and tells of bans and alarms */
  readonly watch: LimitsWatch
  readonly door: SecretDoor
  readonly access: OperatorAccess
  readonly webRoot: string
}

const value = (provide: symbol | (abstract new (...args: never) => unknown), useValue: unknown) => ({
  provide,
  useValue,
})

/** The broker's wiring: each part under its name, each class once. */
@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: the form that Nest gives dynamic modules
export class BrokerModule {
  /** @param linking WhatsApp linking; null where it is switched off */
  static of(parts: BrokerParts, linking: Linking | null = null): DynamicModule {
    const { settings, secrets, clock } = parts
    const { signingKey } = secrets
    return {
      module: BrokerModule,
      imports: [
        PairingModule.on({
          store: parts.store,
          rules: parts.rules,
          codeTriesMax: settings.maxRetries,
          alphabet: codeAlphabet(settings),
        }),
      ],
      controllers: [
        HealthController,
        MetricsController,
        OperatorController,
        HistoryController,
        BansController,
        DevicePairingController,
        NodeController,
        OAuthController,
        GraphqlController,
        OpenApiController,
        ...linkingParts(linking).controllers,
        WebController,
      ],
      providers: [
        value(wiring.SETTINGS, settings),
        value(wiring.SECRETS, secrets),
        value(wiring.CLOCK, clock),
        value(wiring.LOG, parts.log),
        value(wiring.PULSE, parts.pulse),
        value(wiring.NODES, parts.nodes),
        value(wiring.CLUSTER_BUS, parts.bus),
        value(wiring.TICKETS, parts.tickets),
        value(wiring.RELAY, parts.relay),
        value(wiring.REACH, parts.reach),
        value(wiring.CLIENT_ADDRESSES, parts.addresses),
        value(wiring.WEB_ROOT, parts.webRoot),
        value(wiring.CODE_MASK, codeMask(signingKey)),
        value(wiring.APP_CREDENTIALS, new AppCredentials(signingKey, clock, settings.foreignClients)),
        value(wiring.PAIRING_REPOSITORY, parts.devices),
        value(wiring.DEVICE_RULES, deviceRules(settings)),
        value(wiring.DEVICE_SECRETS, new DeviceSecrets(signingKey)),
        value(wiring.LINKING_COUNTERS, linking?.counters ?? null),
        value(CallCounts, new CallCounts()),
        value(Health, parts.health),
        value(OperatorAccess, parts.access),
        value(LimitsWatch, parts.watch),
        value(SecretDoor, parts.door),
        UnreadableCodes,
        LimitsDesk,
        HistoryDesk,
        PairingNotifier,
        RunnerPresence,
        FirstNode,
        NodeConnections,
        NodeService,
        DeviceCounts,
        DeviceNotifier,
        DevicePairingService,
        DeviceView,
        JoinStream,
        DeviceCleanUp,
        DeviceDesk,
        NodeDesk,
        MeshQueries,
        MeshGraphql,
        OAuthService,
        OAuthDesk,
        OperatorGuard,
        MetricsGuard,
        Metrics,
        RunnerAdmission,
        RunnerUseCases,
        AppUseCases,
        RunnerOrders,
        ConnectionDesk,
        PairingGateway,
        ...linkingParts(linking).providers,
        ConsoleView,
        ConsoleStream,
      ],
    }
  }
}
