import { parseSettings } from './parse-settings.ts'
import type { Settings } from './settings.ts'
import { withoutServices } from './stray-variables.ts'

/** The variables that the pairing module reads. An application of somebody else has its own DATABASE_URL, SENTRY_DSN and more. */
export const PAIRING_VARIABLES = [
  'REDIS_URL',
  'REDIS_HOST',
  'REDIS_PORT',
  'REDIS_USERNAME',
  'REDIS_PASSWORD',
  'REDIS_DB',
  'REDIS_TLS',
  'REDIS_CA',
  'REDIS_SENTINELS',
  'REDIS_SENTINEL_NAME',
  'REDIS_SENTINEL_PASSWORD',
  'LATCHKEY_REDIS_TIMEOUT',
  'LATCHKEY_CODE_LIFE',
  'LATCHKEY_GRACE',
  'LATCHKEY_HISTORY_SIZE',
  'LATCHKEY_ALPHABET',
  'LATCHKEY_MAX_RETRIES',
  'LATCHKEY_LIMIT_SESSION_FAILURES',
  'LATCHKEY_LIMIT_SESSION_BAN',
] as const

const FOUNDING_HOST = 'localhost'

/**
 * The pairing module's settings: `PAIRING_VARIABLES` alone, and Redis on localhost where no address is named. Throws an error
 * that lists every problem at once.
 */
export function environmentSettings(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Settings {
  const found = withoutServices(env)
  const own: Record<string, string | undefined> = Object.fromEntries(
    PAIRING_VARIABLES.map((name) => [name, found[name]]),
  )
  if (!own['REDIS_URL'] && !own['REDIS_HOST'] && !own['REDIS_SENTINELS']) own['REDIS_HOST'] = FOUNDING_HOST
  const decision = parseSettings({ flags: {}, env: own })
  if (!decision.ok) throw new Error(`The pairing module cannot start:\n${decision.refusal.join('\n')}`)
  return decision.value
}
