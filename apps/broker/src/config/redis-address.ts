import type { RedisAddress } from '@latchkey/stores/redis/connection'
import type { Settings } from './settings.ts'

const REDIS_PORT = 6379

/** Where Redis is, or null when the settings name none. */
export function redisAddress(settings: Settings): RedisAddress | null {
  const { redisUrl, redisHost, redisPort = REDIS_PORT, redisPassword, redisDb } = settings
  if (redisUrl !== undefined) return { url: redisUrl }
  if (redisHost === undefined) return null
  return {
    host: redisHost,
    port: redisPort,
    ...(redisPassword === undefined ? {} : { password: redisPassword }),
    ...(redisDb === undefined ? {} : { db: redisDb }),
  }
}
