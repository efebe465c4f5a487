import { readFileSync } from 'node:fs'
import type { RedisAddress } from '@latchkey/stores/redis/connection'
import type { Settings } from './settings.ts'

const REDIS_PORT = 6379

/** Where Redis is and how it is spoken to, or null when the settings name none. Throws when the file of its authority is gone. */
export function redisAddress(settings: Settings): RedisAddress | null {
  const { redisUrl, redisHost, redisPort = REDIS_PORT, redisSentinels, redisTls, redisCa } = settings
  const trust = redisCa === undefined ? {} : { ca: readFileSync(redisCa, 'utf8') }
  if (redisUrl !== undefined) return { url: redisUrl, ...trust }
  const { redisUsername, redisPassword, redisDb } = settings
  const parts = {
    isTls: redisTls,
    ...trust,
    ...(redisUsername === undefined ? {} : { username: redisUsername }),
    ...(redisPassword === undefined ? {} : { password: redisPassword }),
    ...(redisDb === undefined ? {} : { db: redisDb }),
  }
  if (redisSentinels.length > 0) {
    const { redisSentinelName, redisSentinelPassword } = settings
    return {
      sentinels: redisSentinels.map(hostAndPort),
      name: redisSentinelName,
      ...(redisSentinelPassword === undefined ? {} : { sentinelPassword: redisSentinelPassword }),
      ...parts,
    }
  }
  return redisHost === undefined ? null : { host: redisHost, port: redisPort, ...parts }
}

function hostAndPort(text: string): { readonly host: string; readonly port: number } {
  const at = text.lastIndexOf(':')
  return { host: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) }
}
