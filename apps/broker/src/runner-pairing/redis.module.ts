import { invariant } from '@latchkey/domain/kernel'
import type { PairingStore } from '@latchkey/domain/runner-pairing/ports'
import { openRedis, type RedisConnection } from '@latchkey/stores/redis/connection'
import { redisPairingStore } from '@latchkey/stores/redis/pairing.store'
import { type DynamicModule, Module, type Provider } from '@nestjs/common'
import { environmentSettings } from '../config/environment-settings.ts'
import { redisAddress } from '../config/redis-address.ts'
import { codeAlphabet, pairingRules } from '../config/rules.ts'
import type { Settings } from '../config/settings.ts'
import { CODE_ALPHABET, CODE_TRIES_MAX, PAIRING_RULES, PAIRING_STORE } from '../wiring.ts'
import { RedisService } from './redis.service.ts'

const SETTINGS = Symbol('settings of the Redis module')
const CONNECTION = Symbol('RedisConnection')

/** What the founding services stand on, kept in Redis. */
const parts: readonly Provider[] = [
  {
    provide: CONNECTION,
    inject: [SETTINGS],
    useFactory: (settings: Settings) => {
      const address = redisAddress(settings)
      invariant(address !== null, 'the pairing module always has a Redis')
      return openRedis(address, { answerTimeoutMs: settings.redisTimeoutMs })
    },
  },
  {
    provide: PAIRING_STORE,
    inject: [CONNECTION, SETTINGS],
    useFactory: (connection: RedisConnection, { historySize }: Settings) =>
      redisPairingStore(connection, { historyKept: historySize }),
  },
  {
    provide: RedisService,
    inject: [CONNECTION, PAIRING_STORE],
    useFactory: (connection: RedisConnection, store: PairingStore) =>
      new RedisService(connection, () => store.close()),
  },
  { provide: PAIRING_RULES, inject: [SETTINGS], useFactory: pairingRules },
  { provide: CODE_ALPHABET, inject: [SETTINGS], useFactory: codeAlphabet },
  { provide: CODE_TRIES_MAX, inject: [SETTINGS], useFactory: ({ maxRetries }: Settings) => maxRetries },
]
const shown = [PAIRING_STORE, PAIRING_RULES, CODE_ALPHABET, CODE_TRIES_MAX, RedisService]

/**
 * Redis for another NestJS application, as the founding document shows it: `imports: [RedisModule]`, and the founding services
 * among your own providers. Where Redis is, is read from the environment when the application starts: `REDIS_HOST`,
 * `REDIS_PORT`, `REDIS_PASSWORD`, `REDIS_DB`, or `REDIS_URL`; no other application's variable is looked at. An application does not start while Redis does not answer.
 */
@Module({
  providers: [{ provide: SETTINGS, useFactory: () => environmentSettings() }, ...parts],
  exports: [...shown],
})
export class RedisModule {
  /** The same with settings of your own instead of the environment's, by their names in the environment. */
  static on(env: Readonly<Record<string, string | undefined>>): DynamicModule {
    return { module: RedisModule, providers: [{ provide: SETTINGS, useValue: environmentSettings(env) }] }
  }
}
