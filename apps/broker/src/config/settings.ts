import { z } from 'zod'
import { accountSettings } from './account-settings.ts'
import { pushSettings } from './push-settings.ts'
import {
  documented,
  flag,
  isAddressRange,
  isOrigin,
  list,
  type SettingRow,
  setting,
  unset,
  wholeNumber,
} from './setting-kinds.ts'
import { storeSettings } from './store-settings.ts'
import { webhookSettings } from './webhook-settings.ts'

/** How long a secret must be that somebody chose: guessing it must be hopeless even without limits. */
const SECRET_CHARS_MIN = 16
const DAY_SECONDS = 86_400
/** A project's address: its key, its host, perhaps a path, its number. */
const SENTRY_DSN = /^https?:\/\/\w+(:\w+)?@[^/\s@]+\/(\S+\/)?\d+$/

/** All settings of the broker: the one place that knows them. */
export const settingsSchema = z.object({
  port: unset(wholeNumber(0, 65_535), {
    env: 'LATCHKEY_PORT',
    flag: 'port',
    unit: 'port',
    description: 'Where to listen; 0 for any free one. Unset: 6969, or the next free one.',
  }),
  host: setting(z.string().min(1), {
    env: 'LATCHKEY_HOST',
    flag: 'host',
    unit: 'address',
    default: '0.0.0.0',
    description: 'Address to listen on.',
  }),
  local: setting(flag, {
    env: 'LATCHKEY_LOCAL',
    flag: 'local',
    unit: 'on/off',
    default: 'off',
    description: 'Listen on loopback only, whatever the host is.',
  }),
  dataDir: unset(z.string().min(1), {
    env: 'LATCHKEY_DATA_DIR',
    flag: 'data-dir',
    unit: 'folder',
    description:
      "Database, keys and secrets, mode 0700. Unset: latchkey in the user's state folder ($XDG_STATE_HOME, ~/.local/state).",
  }),
  publicUrl: unset(z.string().refine(isOrigin, 'must look like https://term.example.com, without a path'), {
    env: 'LATCHKEY_PUBLIC_URL',
    flag: 'public-url',
    unit: 'URL',
    description: 'The address people use, when it is not that of this machine (proxy, tunnel, name).',
  }),
  nodeUrl: unset(z.string().refine(isOrigin, 'must look like http://10.0.0.5:6969, without a path'), {
    env: 'LATCHKEY_NODE_URL',
    flag: 'node-url',
    unit: 'URL',
    description:
      'With several brokers: where the others reach this one. Unset: the first address it listens on, with its port.',
  }),
  nodePublicUrl: unset(
    z.string().refine(isOrigin, 'must look like https://node-1.example.com, without a path'),
    {
      env: 'LATCHKEY_NODE_PUBLIC_URL',
      flag: 'node-public-url',
      unit: 'URL',
      description:
        'With several brokers: where people reach this very one. Terminals of its machines then go there directly.',
    },
  ),
  ...storeSettings,
  metricsToken: unset(z.string().min(SECRET_CHARS_MIN, `must have at least ${SECRET_CHARS_MIN} characters`), {
    env: 'LATCHKEY_METRICS_TOKEN',
    flag: null,
    unit: 'text',
    description:
      'The bearer token for reading /metrics; it opens nothing else. Unset: the operator alone may read it.',
  }),
  sentryDsn: unset(z.string().regex(SENTRY_DSN, 'must look like https://key@sentry.example.com/42'), {
    env: 'SENTRY_DSN',
    flag: null,
    unit: 'URL',
    description:
      'Reports failures to this Sentry, without addresses, codes, ids or anything typed. Unset: nothing is reported.',
  }),
  allowedOrigins: setting(list(isOrigin, 'addresses like https://example.com'), {
    env: 'LATCHKEY_ALLOWED_ORIGINS',
    flag: 'allowed-origins',
    unit: 'list of origins',
    default: '',
    description: "Other pages that may connect, besides the broker's own on its names and addresses.",
  }),
  runnerSecret: unset(z.string().min(SECRET_CHARS_MIN, `must have at least ${SECRET_CHARS_MIN} characters`), {
    env: 'LATCHKEY_RUNNER_SECRET',
    flag: null,
    unit: 'text',
    description:
      'The enrolment secret that a new runner shows; it opens nothing else. Unset: made at first start, kept in the data folder.',
  }),
  operatorSecret: unset(
    z.string().min(SECRET_CHARS_MIN, `must have at least ${SECRET_CHARS_MIN} characters`),
    {
      env: 'LATCHKEY_OPERATOR_SECRET',
      flag: null,
      unit: 'text',
      description:
        "The operator's secret, which the operator's programs show as a bearer. Unset: made at first start, kept in the data folder.",
    },
  ),
  trustedProxies: setting(list(isAddressRange, 'IP addresses or ranges'), {
    env: 'LATCHKEY_TRUSTED_PROXIES',
    flag: 'trusted-proxies',
    unit: 'list of addresses',
    default: '',
    description: 'Proxies whose X-Forwarded-For is believed.',
  }),
  foreignClients: setting(flag, {
    env: 'LATCHKEY_FOREIGN_CLIENTS',
    flag: 'foreign-clients',
    unit: 'on/off',
    default: 'off',
    description: 'Take session tokens that apps made themselves (older or foreign apps).',
  }),
  codeLifeSeconds: setting(wholeNumber(30, 365 * DAY_SECONDS), {
    env: 'LATCHKEY_CODE_LIFE',
    flag: 'code-life',
    unit: 'seconds',
    default: String(DAY_SECONDS),
    description: 'How long an unused pairing code lives.',
  }),
  graceSeconds: setting(wholeNumber(0, DAY_SECONDS), {
    env: 'LATCHKEY_GRACE',
    flag: 'grace',
    unit: 'seconds',
    default: '60',
    description: 'How long a lost runner may stay away and keep its code and pairings.',
  }),
  historySize: setting(wholeNumber(1, 1_000_000), {
    env: 'LATCHKEY_HISTORY_SIZE',
    flag: 'history-size',
    unit: 'entries',
    default: '1000',
    description: 'How many successes, and how many failures, the history keeps.',
  }),
  alphabet: setting(z.enum(['crockford32', 'base36'], 'must be crockford32 or base36'), {
    env: 'LATCHKEY_ALPHABET',
    flag: 'alphabet',
    unit: 'name',
    default: 'crockford32',
    description: 'Symbols of new codes: without look-alikes, or all of A-Z and 0-9.',
  }),
  maxRetries: setting(wholeNumber(1, 100), {
    env: 'LATCHKEY_MAX_RETRIES',
    flag: 'max-retries',
    unit: 'tries',
    default: '3',
    description: 'Codes tried before registering one is given up.',
  }),
  sessionFailures: setting(wholeNumber(1, 1_000), {
    env: 'LATCHKEY_LIMIT_SESSION_FAILURES',
    flag: 'limit-session-failures',
    unit: 'failures',
    default: '5',
    description: 'Wrong codes of one app within a minute that never ban it; the next one does.',
  }),
  sessionBanSeconds: setting(wholeNumber(1, DAY_SECONDS), {
    env: 'LATCHKEY_LIMIT_SESSION_BAN',
    flag: 'limit-session-ban',
    unit: 'seconds',
    default: '300',
    description: 'How long that ban lasts.',
  }),
  addressFailures: setting(wholeNumber(1, 1_000_000), {
    env: 'LATCHKEY_LIMIT_ADDRESS_FAILURES',
    flag: 'limit-address-failures',
    unit: 'failures',
    default: '20',
    description: 'Failures an hour of one IPv4 address or IPv6 /64; the last of them bans it for an hour.',
  }),
  prefixFailures: setting(wholeNumber(1, 1_000_000), {
    env: 'LATCHKEY_LIMIT_PREFIX_FAILURES',
    flag: 'limit-prefix-failures',
    unit: 'failures',
    default: '200',
    description: 'The same for an IPv4 /24 or IPv6 /48.',
  }),
  alarmFailures: setting(wholeNumber(1, 1_000_000), {
    env: 'LATCHKEY_LIMIT_ALARM',
    flag: 'limit-alarm',
    unit: 'failures',
    default: '60',
    description: 'Failures a minute of everybody together that raise an alarm in the log.',
  }),
  breakerFailures: setting(wholeNumber(1, 1_000_000), {
    env: 'LATCHKEY_LIMIT_BREAKER',
    flag: 'limit-breaker',
    unit: 'failures',
    default: '600',
    description: 'Failures a minute of everybody together at which typed codes are refused for a minute.',
  }),
  newApps: setting(wholeNumber(2, 1_000_000), {
    env: 'LATCHKEY_LIMIT_NEW_APPS',
    flag: 'limit-new-apps',
    unit: 'apps',
    default: '30',
    description:
      'Apps of one address within a minute that were never seen before and type a code; more wait a minute.',
  }),
  strictCodes: setting(flag, {
    env: 'LATCHKEY_STRICT_CODES',
    flag: 'strict-codes',
    unit: 'on/off',
    default: 'off',
    description:
      'Refuse unknown, ended and absent codes in the same words, so that a guesser does not learn which codes exist.',
  }),
  codeFinds: setting(wholeNumber(2, 1_000), {
    env: 'LATCHKEY_LIMIT_CODE_FINDS',
    flag: 'limit-code-finds',
    unit: 'apps',
    default: '10',
    description:
      'Apps that may find a code within an hour while none gets further; then its runner takes another.',
  }),
  deviceLimit: setting(wholeNumber(1, 10_000), {
    env: 'LATCHKEY_DEVICE_LIMIT',
    flag: 'device-limit',
    unit: 'devices',
    default: '10',
    description: "How many devices there may be, the broker's own machine included.",
  }),
  addressConflict: setting(flag, {
    env: 'LATCHKEY_ADDRESS_CONFLICT',
    flag: 'address-conflict',
    unit: 'on/off',
    default: 'off',
    description: 'Refuse a new device that comes from the address of another one. Off: it is noted.',
  }),
  deviceUnusedDays: unset(wholeNumber(2, 3_650), {
    env: 'LATCHKEY_DEVICE_UNUSED_DAYS',
    flag: 'device-unused-days',
    unit: 'days',
    description:
      'Removes a device that was not used for so many days, and announces it seven days before. Unset: no device is removed.',
  }),
  socketsPerAddress: setting(wholeNumber(1, 1_000_000), {
    env: 'LATCHKEY_LIMIT_SOCKETS',
    flag: 'limit-sockets',
    unit: 'connections',
    default: '200',
    description: 'Connections one IPv4 address or IPv6 /64 may have open, loopback included.',
  }),
  socketsInAll: setting(wholeNumber(10, 10_000_000), {
    env: 'LATCHKEY_LIMIT_SOCKETS_TOTAL',
    flag: 'limit-sockets-total',
    unit: 'connections',
    default: '20000',
    description: 'Connections that may be open in all; an idle one takes some 25 KiB.',
  }),
  messagesPerSecond: setting(wholeNumber(1, 1_000_000), {
    env: 'LATCHKEY_LIMIT_MESSAGES',
    flag: 'limit-messages',
    unit: 'messages a second',
    default: '100',
    description: 'Control messages one connection may send; beyond it is closed.',
  }),
  https: setting(z.enum(['off', 'self-signed', 'files'], 'must be off, self-signed or files'), {
    env: 'LATCHKEY_HTTPS',
    flag: 'https',
    unit: 'name',
    default: 'off',
    description: 'Serve HTTPS with a certificate made at first start, or with the two files below.',
  }),
  tlsCert: unset(z.string().min(1), {
    env: 'LATCHKEY_TLS_CERT',
    flag: 'tls-cert',
    unit: 'file',
    description: 'Certificate chain, PEM. With https=files.',
  }),
  tlsKey: unset(z.string().min(1), {
    env: 'LATCHKEY_TLS_KEY',
    flag: 'tls-key',
    unit: 'file',
    description: 'Its private key, PEM. With https=files.',
  }),
  ...pushSettings,
  ...webhookSettings,
  ...accountSettings,
  logLevel: setting(
    z.enum(['debug', 'info', 'warn', 'error', 'silent'], 'must be debug, info, warn, error or silent'),
    {
      env: 'LATCHKEY_LOG',
      flag: 'log',
      unit: 'level',
      default: 'info',
      description: 'The least important events that are logged.',
    },
  ),
})

export type Settings = z.output<typeof settingsSchema>

/** Every setting, in the order people read them. */
export const settingsTable: readonly SettingRow[] = Object.entries(settingsSchema.shape).flatMap(
  ([name, schema]) => {
    const row = documented.get(schema)
    return row ? [{ name, ...row }] : []
  },
)

/** The default settings. */
export const defaultSettings = (): Settings => settingsSchema.parse({})
