import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { defaultDataDirectory } from '@latchkey/broker/config/data-directory'
import { parseSettings } from '@latchkey/broker/config/parse-settings'
import { type Settings, settingsTable } from '@latchkey/broker/config/settings'
import { accept, type Decision, refuse } from '@latchkey/domain/kernel'
import type { CommandOption, Invocation } from './command.ts'

export interface BrokerSettings {
  readonly settings: Settings
  /** absolute */
  readonly dataDir: string
  /** what was said by flags, as the environment of a broker that shall have the same settings */
  readonly env: Readonly<Record<string, string>>
}

/** The settings that are options too. The others are for the environment and the config file, which take them all. */
const OPTIONS = [
  'local',
  'port',
  'host',
  'public-url',
  'data-dir',
  'https',
  'tls-cert',
  'tls-key',
  'whatsapp',
] as const

const CONFIG = {
  config: { type: 'string', value: 'FILE', help: 'more settings, as JSON; LATCHKEY_CONFIG does the same' },
} as const

/** The broker's settings as options of a command, described by the schema that reads them. */
export const brokerOptions: Readonly<Record<string, CommandOption>> = {
  ...Object.fromEntries(OPTIONS.map((flag) => [flag, optionOf(flag)])),
  ...CONFIG,
}

/** Flags, environment, config file and defaults together, or every problem with them at once. */
export function readBrokerSettings(call: Invocation): Decision<BrokerSettings, readonly string[]> {
  const flags: Record<string, string | true> = {}
  const env: Record<string, string> = {}
  for (const flag of OPTIONS) {
    const text = call.text(flag)
    const value = text ?? (call.on(flag) ? 'true' : undefined)
    if (value === undefined) continue
    flags[flag] = value
    env[rowOf(flag).env] = value
  }
  const configFile = call.text('config') ?? call.env['LATCHKEY_CONFIG']
  const file = configFile === undefined || configFile === '' ? accept(undefined) : readConfig(configFile)
  if (!file.ok) return refuse([file.refusal])
  const parsed = parseSettings({
    flags,
    env: call.env,
    ...(file.value === undefined ? {} : { file: file.value }),
  })
  if (!parsed.ok) return parsed
  const dataDir = resolve(parsed.value.dataDir ?? defaultDataDirectory(call.env))
  if (configFile !== undefined) env['LATCHKEY_CONFIG'] = resolve(configFile)
  return accept({ settings: parsed.value, dataDir, env: { ...env, LATCHKEY_DATA_DIR: dataDir } })
}

function readConfig(path: string): Decision<unknown, string> {
  try {
    const read: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return accept(read)
  } catch (problem) {
    const why = problem instanceof SyntaxError ? 'is not JSON' : 'cannot be read'
    return refuse(`The config file ${path} ${why}.`)
  }
}

function rowOf(flag: string) {
  const row = settingsTable.find((one) => one.flag === flag)
  if (row === undefined) throw new Error(`the broker has no setting --${flag}`)
  return row
}

function optionOf(flag: string): CommandOption {
  const { unit, description, env } = rowOf(flag)
  const help = `${description} (${env})`
  return unit === 'on/off' ? { type: 'boolean', help } : { type: 'string', value: unit.toUpperCase(), help }
}
