import { SECRET_NAMES, SECRETS_FROM } from './secret-sources.ts'
import { settingsTable } from './settings.ts'
import { nearest } from './suggestion.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Read by the runner and by the command line, which often share an environment with the broker. */
const OTHER_ROOMS = [
  'LATCHKEY_BROKER_URL',
  'LATCHKEY_CA_FILE',
  'LATCHKEY_CONFIG',
  'LATCHKEY_ALLOW_UNSEALED',
  'LATCHKEY_FOLDER',
  'LATCHKEY_LABEL',
  'LATCHKEY_PAGE',
  'LATCHKEY_SHARE_HISTORY',
  'LATCHKEY_PAST_TERMINALS',
  'LATCHKEY_SHELL_INTEGRATION',
  'LATCHKEY_SHELL',
  'LATCHKEY_TERMINALS_MAX',
  'LATCHKEY_VIEW_ONLY',
]
const KNOWN = [
  ...settingsTable.map(({ env }) => env),
  ...SECRET_NAMES.map((name) => `${name}_FILE`),
  SECRETS_FROM,
  ...OTHER_ROOMS,
]

/** What Kubernetes tells each container of each service near it (Docker links did the same). */
const SERVICE_NAME = /_SERVICE_(HOST|PORT(_\w+)?)$|_PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?$/
const SERVICE_URL = /^(tcp|udp|sctp):\/\/[^/]+:\d+$/

/** Whether a variable describes a service of the cluster, and is no setting. */
const isOfService = (name: string, value: string): boolean =>
  SERVICE_NAME.test(name) && (SERVICE_URL.test(value) || !KNOWN.includes(name))

/** The environment without what describes services of the cluster and happens to be named like a setting. */
export const withoutServices = (env: Env): Env =>
  Object.fromEntries(
    Object.entries(env).filter(
      ([name, value]) => !(value !== undefined && KNOWN.includes(name) && isOfService(name, value)),
    ),
  )

/**
 * Warnings about variables that look like settings and are none, as sentences. Such a variable changes nothing, so a misspelt
 * one would go unnoticed.
 */
export function strayVariables(env: Env): readonly string[] {
  const set = Object.entries(env).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [{ name, value }],
  )
  const services = set.filter(
    ({ name, value }) => /^(LATCHKEY|REDIS)_/.test(name) && isOfService(name, value),
  )
  const unknown = set.filter(
    ({ name }) =>
      name.startsWith('LATCHKEY_') &&
      !KNOWN.includes(name) &&
      !services.some((service) => service.name === name),
  )
  const hints = unknown.map(({ name }) => {
    const meant = nearest(
      name.toLowerCase(),
      KNOWN.map((known) => known.toLowerCase()),
    )
    return `${name} is no setting.${meant === null ? '' : ` Did you mean ${meant.toUpperCase()}?`}`
  })
  const [first] = services
  return first === undefined
    ? hints
    : [
        ...hints,
        `${first.name} and its like describe a service of the cluster (Kubernetes): they are ignored. "enableServiceLinks: false" in the pod keeps them out.`,
      ]
}
