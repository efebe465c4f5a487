import { accept, type Decision, refuse } from '@latchkey/domain/kernel'
import { type Settings, settingsSchema, settingsTable } from './settings.ts'

/** Where settings come from, the stronger first: flags, environment, config file. */
export interface SettingSources {
  /** by flag name without dashes; `true` for a flag without a value */
  readonly flags: Readonly<Record<string, string | true>>
  readonly env: Readonly<Record<string, string | undefined>>
  /** the parsed config file, by setting name; anything but an object is a problem */
  readonly file?: unknown
  /** whether a file can be read: those that a setting names are looked at when it is given */
  readonly isReadable?: (path: string) => boolean
}

/** The settings, or every problem with them at once, as sentences that name the setting and never show a secret. */
export function parseSettings(sources: SettingSources): Decision<Settings, readonly string[]> {
  const problems: string[] = []
  for (const name of Object.keys(sources.flags)) {
    if (!settingsTable.some((row) => row.flag === name))
      problems.push(`--${name} is no setting of the broker.`)
  }
  const file = readFile(sources.file, problems)
  const given: Record<string, string> = {}
  const from: Record<string, string> = {}
  for (const row of settingsTable) {
    const flag = row.flag === null ? undefined : sources.flags[row.flag]
    const env = sources.env[row.env]
    if (flag !== undefined) {
      given[row.name] = flag === true ? 'true' : flag
      from[row.name] = `--${row.flag}`
    } else if (present(env)) {
      given[row.name] = env
      from[row.name] = row.env
    } else if (file[row.name] !== undefined) {
      given[row.name] = file[row.name] ?? ''
      from[row.name] = `${row.name} in the config file`
    }
  }
  for (const name of ['tlsCert', 'tlsKey', 'redisCa'] as const) {
    const path = given[name]
    if (path !== undefined && sources.isReadable?.(path) === false)
      problems.push(`${from[name]} names a file that cannot be read: ${path}.`)
  }
  const parsed = settingsSchema.safeParse(given)
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const name = String(issue.path[0])
      problems.push(`${from[name] ?? name} ${issue.message}.`)
    }
    return refuse(problems)
  }
  problems.push(...contradictions(parsed.data))
  return problems.length > 0 ? refuse(problems) : accept(parsed.data)
}

const present = (text: string | undefined): text is string => text !== undefined && text !== ''

/** Values as text, as the other sources have them. */
function readFile(file: unknown, problems: string[]): Readonly<Record<string, string>> {
  if (file === undefined) return {}
  if (typeof file !== 'object' || file === null || Array.isArray(file)) {
    problems.push('The config file must hold one JSON object.')
    return {}
  }
  const known: Record<string, string> = {}
  for (const [name, value] of Object.entries(file)) {
    if (!settingsTable.some((row) => row.name === name))
      problems.push(`"${name}" in the config file is no setting.`)
    else if (['string', 'number', 'boolean'].includes(typeof value)) known[name] = String(value)
    else if (Array.isArray(value) && value.every((item) => typeof item === 'string'))
      known[name] = value.join(',')
    else problems.push(`${name} in the config file must be text, a number, on/off or a list of texts.`)
  }
  return known
}

function contradictions(settings: Settings): readonly string[] {
  const { https, tlsCert, tlsKey } = settings
  const problems = sharedSecrets(settings)
  if (https === 'files' && (tlsCert === undefined || tlsKey === undefined)) {
    problems.push('https is files, so tlsCert and tlsKey must both be set.')
  }
  if (https !== 'files' && (tlsCert !== undefined || tlsKey !== undefined)) {
    problems.push(`tlsCert and tlsKey are used with https=files only, and https is ${https}.`)
  }
  return [...problems, ...redisContradictions(settings)]
}

/** Redis is named in one of three ways: by a URL, by host and parts, by sentinels and parts. */
function redisContradictions(settings: Settings): readonly string[] {
  const { redisUrl, redisHost, redisPort, redisSentinels, redisTls, redisCa } = settings
  const bySentinels = redisSentinels.length > 0
  const parts = [settings.redisUsername, settings.redisPassword, settings.redisDb]
  const hasParts = parts.some((part) => part !== undefined)
  const problems: string[] = []
  if (redisUrl !== undefined && (hasParts || redisHost !== undefined || redisPort !== undefined))
    problems.push(
      'REDIS_URL says where Redis is, so REDIS_HOST, REDIS_PORT, REDIS_USERNAME, REDIS_PASSWORD and REDIS_DB must be unset.',
    )
  else if (redisHost === undefined && redisPort !== undefined)
    problems.push('REDIS_PORT belongs to REDIS_HOST, which is unset.')
  else if (redisHost === undefined && !bySentinels && hasParts)
    problems.push('REDIS_USERNAME, REDIS_PASSWORD and REDIS_DB belong to REDIS_HOST, which is unset.')
  if (bySentinels && (redisUrl !== undefined || redisHost !== undefined))
    problems.push('REDIS_SENTINELS say where Redis is, so REDIS_URL and REDIS_HOST must be unset.')
  if (redisUrl !== undefined && redisTls)
    problems.push('REDIS_URL says by rediss:// whether TLS is spoken, so REDIS_TLS must be unset.')
  if (redisCa !== undefined && !redisTls && redisUrl?.startsWith('rediss:') !== true)
    problems.push('REDIS_CA is used with TLS only: write rediss:// in REDIS_URL, or set REDIS_TLS to on.')
  return problems
}

/** Each secret grants one right, so no two of them may be equal. */
function sharedSecrets(settings: Settings): string[] {
  const { runnerSecret, operatorSecret, metricsToken, linkTokenSecret, whatsappKeys = [] } = settings
  const secrets = Object.entries({
    LATCHKEY_RUNNER_SECRET: [runnerSecret],
    LATCHKEY_OPERATOR_SECRET: [operatorSecret],
    LATCHKEY_METRICS_TOKEN: [metricsToken],
    LATCHKEY_LINK_TOKEN_SECRET: [linkTokenSecret],
    LATCHKEY_WHATSAPP_KEYS: whatsappKeys,
  })
  return secrets.flatMap(([name, values], index) =>
    secrets
      .slice(index + 1)
      .filter(([, others]) =>
        values.some((value) => value !== undefined && others.some((other) => other === value)),
      )
      .map(([other]) => `${name} and ${other} are the same secret: each must be its own.`),
  )
}
