import { z } from 'zod'
import { flag, isHostPort, isRedisUrl, isUrlOf, list, setting, unset, wholeNumber } from './setting-kinds.ts'

/** Below it a busy network looks like an outage; above it people wait longer than they do. */
const TIMEOUT_MS_MIN = 50
const TIMEOUT_MS_MAX = 60_000

/** Where the broker keeps what it remembers, and how long it waits for that. */
export const storeSettings = {
  redisUrl: unset(z.string().refine(isRedisUrl, 'must look like redis://host:6379 or rediss://host/2'), {
    env: 'REDIS_URL',
    flag: null,
    unit: 'URL',
    description:
      'Keeps state in this Redis, and tells other brokers through it. Unset, with no host below: no Redis.',
  }),
  redisHost: unset(z.string().min(1), {
    env: 'REDIS_HOST',
    flag: 'redis-host',
    unit: 'host',
    description: 'The same in parts, instead of the URL.',
  }),
  redisPort: unset(wholeNumber(1, 65_535), {
    env: 'REDIS_PORT',
    flag: 'redis-port',
    unit: 'port',
    description: 'Its port. Unset: 6379. With redisHost.',
  }),
  redisUsername: unset(z.string().min(1), {
    env: 'REDIS_USERNAME',
    flag: 'redis-username',
    unit: 'name',
    description: 'Its user (ACL). Unset: the default one. With redisHost or redisSentinels.',
  }),
  redisPassword: unset(z.string().min(1), {
    env: 'REDIS_PASSWORD',
    flag: null,
    unit: 'text',
    description: 'Its password. With redisHost or redisSentinels.',
  }),
  redisDb: unset(wholeNumber(0, 1_000_000), {
    env: 'REDIS_DB',
    flag: 'redis-db',
    unit: 'number',
    description: 'Its database. Unset: 0. With redisHost or redisSentinels.',
  }),
  redisTls: setting(flag, {
    env: 'REDIS_TLS',
    flag: 'redis-tls',
    unit: 'on/off',
    default: 'off',
    description: 'Speak TLS with that Redis and its sentinels. A URL says it by rediss://.',
  }),
  redisCa: unset(z.string().min(1), {
    env: 'REDIS_CA',
    flag: 'redis-ca',
    unit: 'file',
    description: 'The authority that signed its certificate, PEM. Unset: those of Node. With TLS.',
  }),
  redisSentinels: setting(list(isHostPort, 'addresses like 10.0.0.5:26379'), {
    env: 'REDIS_SENTINELS',
    flag: 'redis-sentinels',
    unit: 'list of addresses',
    default: '',
    description:
      'Sentinels that name the primary, instead of URL and host: after a fail-over the next one is used.',
  }),
  redisSentinelName: setting(z.string().min(1), {
    env: 'REDIS_SENTINEL_NAME',
    flag: 'redis-sentinel-name',
    unit: 'name',
    default: 'mymaster',
    description: 'What the sentinels call that primary.',
  }),
  redisSentinelPassword: unset(z.string().min(1), {
    env: 'REDIS_SENTINEL_PASSWORD',
    flag: null,
    unit: 'text',
    description: 'The password of the sentinels themselves.',
  }),
  redisTimeoutMs: setting(wholeNumber(TIMEOUT_MS_MIN, TIMEOUT_MS_MAX), {
    env: 'LATCHKEY_REDIS_TIMEOUT',
    flag: 'redis-timeout',
    unit: 'milliseconds',
    default: '500',
    description: 'How long Redis may take to answer a command before it counts as away.',
  }),
  databaseUrl: unset(
    z
      .string()
      .refine(isUrlOf('postgres:', 'postgresql:'), 'must look like postgres://user:password@host/database'),
    {
      env: 'DATABASE_URL',
      flag: null,
      unit: 'URL',
      description:
        'Keeps what must not be lost in this PostgreSQL, and with Redis lets several brokers work as one. Unset: no PostgreSQL.',
    },
  ),
  databaseTimeoutMs: setting(wholeNumber(TIMEOUT_MS_MIN, TIMEOUT_MS_MAX), {
    env: 'LATCHKEY_DATABASE_TIMEOUT',
    flag: 'database-timeout',
    unit: 'milliseconds',
    default: '500',
    description: 'How long PostgreSQL may take to open a connection or to answer before it counts as away.',
  }),
  databaseConnections: setting(wholeNumber(2, 1_000), {
    env: 'LATCHKEY_DATABASE_CONNECTIONS',
    flag: 'database-connections',
    unit: 'connections',
    default: '8',
    description: 'Connections to PostgreSQL that this broker may have at once.',
  }),
}
