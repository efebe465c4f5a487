import { type DynamicModule, Module } from '@nestjs/common'
import { AccountApiController } from './accounts/account-api.controller.ts'
import { AccountsController } from './accounts/accounts.controller.ts'
import { MarketplaceGateway } from './accounts/marketplace.gateway.ts'
import type { Accounts } from './accounts/open-accounts.ts'
import { ApiKeyController } from './api-keys/api-key.controller.ts'
import { AuditController } from './audit/audit.controller.ts'
import { HistoryController } from './audit/history.controller.ts'
import type { Features, Foundation } from './composition.ts'
import { DeviceController } from './device-pairing/device.controller.ts'
import { DevicePairingController } from './device-pairing/device-pairing.controller.ts'
import { JoinKeyController } from './device-pairing/join-key.controller.ts'
import { DoctorController } from './doctor/doctor.controller.ts'
import { GraphqlController } from './graphql/graphql.controller.ts'
import { HealthController } from './health/health.controller.ts'
import { InstallController } from './install/install.controller.ts'
import { BansController } from './limits/bans.controller.ts'
import { MetricsController } from './metrics/metrics.controller.ts'
import { OAuthController } from './oauth/oauth.controller.ts'
import { OpenApiController } from './openapi/openapi.controller.ts'
import { OperatorController } from './operator/operator.controller.ts'
import { NoticesController } from './push/notices.controller.ts'
import { PairingGateway } from './runner-pairing/pairing.gateway.ts'
import { withParts } from './shell/with-parts.ts'
import { WebController } from './web/web.controller.ts'
import { WebhookController } from './webhooks/webhook.controller.ts'

/** The edges that the framework serves: each controller and gateway with its parts. */
@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: the form that Nest gives dynamic modules
export class BrokerModule {
  /** @param linking WhatsApp linking; null where it is switched off */
  static of(foundation: Foundation, features: Features, linking: Accounts | null): DynamicModule {
    const { log } = foundation
    return {
      module: BrokerModule,
      controllers: [
        withParts(HealthController, foundation.health),
        withParts(MetricsController, features.metrics),
        withParts(DoctorController, features.visits),
        withParts(OperatorController, { ...foundation, ...features, stream: features.consoleStream }),
        withParts(HistoryController, features.history),
        withParts(AuditController, features.audit),
        withParts(BansController, features.limits),
        withParts(ApiKeyController, features.apiKeys),
        withParts(WebhookController, foundation.webhooks.desk),
        withParts(DevicePairingController, features.devices),
        withParts(DeviceController, features.nodes),
        withParts(JoinKeyController, features.joinKeys),
        withParts(NoticesController, features.notices),
        withParts(OAuthController, features.oauth),
        withParts(GraphqlController, features.graphql),
        OpenApiController,
        ...(linking === null
          ? []
          : [
              withParts(AccountsController, { ...foundation, linking }),
              withParts(AccountApiController, { ...foundation, linking }),
            ]),
        withParts(InstallController, foundation),
        withParts(WebController, { ...foundation, ...features }),
      ],
      providers: [
        withParts(PairingGateway, { ...features, log }),
        ...(linking === null ? [] : [withParts(MarketplaceGateway, { ...linking, log })]),
      ],
    }
  }
}
