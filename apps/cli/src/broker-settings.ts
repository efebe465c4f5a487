import { type ReadSettings, readSettings } from '@latchkey/broker/config/read-settings'
import { SECRET_NAMES } from '@latchkey/broker/config/secret-sources'
import type { SettingRow } from '@latchkey/broker/config/setting-kinds'
import { settingsTable } from '@latchkey/broker/config/settings'
import { accept, type Decision } from '@latchkey/domain/kernel'
import type { CommandOption, Invocation } from './command.ts'

export interface BrokerSettings extends Pick<ReadSettings, 'settings' | 'dataDir' | 'secrets' | 'warnings'> {
  /** the flags as environment variables for the broker's process */
  readonly env: Readonly<Record<string, string>>
}

type Flagged = SettingRow & { readonly flag: string }

/** Every setting but the secrets: each flag in docs/settings.md is an option. */
const FLAGGED = settingsTable.filter((row): row is Flagged => row.flag !== null)

const CONFIG = {
  config: {
    type: 'string',
    value: 'FILE',
    help: 'more settings, as JSON; by default config.json in the data folder (LATCHKEY_CONFIG)',
  },
} as const

/** The broker's settings as options of a command, described by the schema that reads them. */
export const brokerOptions: Readonly<Record<string, CommandOption>> = {
  ...Object.fromEntries(FLAGGED.map((row) => [row.flag, optionOf(row)])),
  ...CONFIG,
}

/** Flags, environment, config file and defaults together, or every problem with them at once. */
export function readBrokerSettings(call: Invocation): Decision<BrokerSettings, readonly string[]> {
  const flags: Record<string, string> = {}
  const env: Record<string, string> = {}
  for (const { flag, env: name } of FLAGGED) {
    const value = call.text(flag) ?? (call.on(flag) ? 'true' : undefined)
    if (value === undefined) continue
    flags[flag] = value
    env[name] = value
  }
  const config = call.text('config')
  const read = readSettings({ flags: config === undefined ? flags : { ...flags, config }, env: call.env })
  if (!read.ok) return read
  const { configFile, dataDir } = read.value
  if (configFile !== null) env['LATCHKEY_CONFIG'] = configFile
  return accept({ ...read.value, env: { ...env, LATCHKEY_DATA_DIR: dataDir } })
}

/** The environment for a child, without secrets and paths to secrets: paired apps can read it in a terminal. */
export const withoutSecrets = (
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !SECRET_NAMES.some((secret) => name === secret || name === `${secret}_FILE`),
    ),
  )

function optionOf({ unit, description, env }: SettingRow): CommandOption {
  const help = `${description} (${env})`
  return unit === 'on/off' ? { type: 'boolean', help } : { type: 'string', value: unit.toUpperCase(), help }
}
