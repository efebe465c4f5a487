import type { CodeAlphabet } from '@latchkey/domain/runner-pairing/code'
import type { PairingStore } from '@latchkey/domain/runner-pairing/ports'
import { defaultPairingRules, type PairingRules } from '@latchkey/domain/runner-pairing/rules'
import { type DynamicModule, Module } from '@nestjs/common'
import { PairingHistoryService } from '../audit/pairing-history.service.ts'
import { RateLimitService } from '../limits/rate-limit.service.ts'
import { CODE_ALPHABET, CODE_TRIES_MAX, PAIRING_RULES, PAIRING_STORE } from '../wiring.ts'
import { PairingCodeService } from './pairing-code.service.ts'
import { PairingCodeGenerator } from './pairing-code-generator.ts'
import { PairingSessionService } from './pairing-session.service.ts'
import { RedisModule } from './redis.module.ts'

const CODE_TRIES_MAX_DEFAULT = 3

export interface PairingModuleOptions {
  /** where codes and sessions are kept: any adapter of the port */
  readonly store: PairingStore
  readonly rules?: PairingRules
  readonly codeTriesMax?: number
  readonly alphabet?: CodeAlphabet
}

const services = [
  PairingCodeGenerator,
  PairingCodeService,
  PairingSessionService,
  RateLimitService,
  PairingHistoryService,
]

@Module({})
class PairingOnStore {}

/**
 * The founding services, for the broker and for any other NestJS application: `imports: [PairingModule]` keeps them in the Redis
 * of the environment (see RedisModule), `PairingModule.on({ store })` in any store. What they stand on is exported too, so that a
 * module of yours can list `PairingCodeService` among its own providers.
 */
@Module({ imports: [RedisModule], providers: services, exports: [RedisModule, ...services] })
export class PairingModule {
  // A module of its own: to what `Module` says, Nest only adds, and this one needs no Redis.
  static on(options: PairingModuleOptions): DynamicModule {
    const parts = [
      { provide: PAIRING_STORE, useValue: options.store },
      { provide: PAIRING_RULES, useValue: options.rules ?? defaultPairingRules },
      { provide: CODE_TRIES_MAX, useValue: options.codeTriesMax ?? CODE_TRIES_MAX_DEFAULT },
      { provide: CODE_ALPHABET, useValue: options.alphabet ?? 'crockford' },
    ]
    return { module: PairingOnStore, providers: [...parts, ...services], exports: [...parts, ...services] }
  }
}
