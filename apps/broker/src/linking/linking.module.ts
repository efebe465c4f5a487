import { type DynamicModule, Module } from '@nestjs/common'
import { LinkingController } from './linking.controller.ts'
import { LINK_TOKENS, MARKETPLACE_DESK, MARKETPLACE_USE_CASES } from './linking-wiring.ts'
import { MarketplaceGateway } from './marketplace.gateway.ts'
import type { Linking } from './open-linking.ts'

/** What of linking the framework has to know: its namespace, its one address, and their parts. */
@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: the form that Nest gives dynamic modules
export class LinkingModule {
  static of(linking: Linking, outside: DynamicModule['providers'] = []): DynamicModule {
    return {
      module: LinkingModule,
      controllers: [LinkingController],
      providers: [
        ...outside,
        { provide: LINK_TOKENS, useValue: linking.tokens },
        { provide: MARKETPLACE_DESK, useValue: linking.desk },
        { provide: MARKETPLACE_USE_CASES, useValue: linking.useCases },
        MarketplaceGateway,
      ],
    }
  }
}
