import type { DynamicModule } from '@nestjs/common'
import { LinkingController } from './linking.controller.ts'
import { LINKING, MARKETPLACE_DESK, MARKETPLACE_USE_CASES } from './linking-wiring.ts'
import { MarketplaceGateway } from './marketplace.gateway.ts'
import type { Linking } from './open-linking.ts'

/** What linking adds to the broker's module: its namespace and its one address; nothing where it is switched off. */
export const linkingParts = (
  linking: Linking | null,
): Required<Pick<DynamicModule, 'controllers' | 'providers'>> =>
  linking === null
    ? { controllers: [], providers: [] }
    : {
        controllers: [LinkingController],
        providers: [
          { provide: LINKING, useValue: linking },
          { provide: MARKETPLACE_DESK, useValue: linking.desk },
          { provide: MARKETPLACE_USE_CASES, useValue: linking.useCases },
          MarketplaceGateway,
        ],
      }
