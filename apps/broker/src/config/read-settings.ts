import { accessSync, constants, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { accept, type Decision, refuse } from '@latchkey/domain/kernel'
import { defaultDataDirectory } from './data-directory.ts'
import { parseSettings } from './parse-settings.ts'
import { SECRET_NAMES, withSecrets } from './secret-sources.ts'
import type { Settings } from './settings.ts'
import { strayVariables, withoutServices } from './stray-variables.ts'

export interface ReadSettings {
  readonly settings: Settings
  /** absolute */
  readonly dataDir: string
  /** the config file that was read, absolute; null when there was none */
  readonly configFile: string | null
  /** secrets from environment, files and stdin, by their names in the environment */
  readonly secrets: Readonly<Record<string, string>>
  /** what an operator should hear, in sentences */
  readonly warnings: readonly string[]
}

/** Read from the data folder when no other file is named. */
const CONFIG_FILE = 'config.json'

/**
 * The settings of a broker that starts here: flags before environment before config file before defaults; or every problem with
 * them at once.
 * @param sources.flags by name without dashes; `config` names a config file
 */
export function readSettings(sources: {
  readonly flags: Readonly<Record<string, string | true>>
  readonly env: Readonly<Record<string, string | undefined>>
}): Decision<ReadSettings, readonly string[]> {
  const problems: string[] = []
  const { config, ...flags } = sources.flags
  const env = withSecrets(withoutServices(sources.env), problems)
  const dataDir = resolve(
    textOf(flags['data-dir']) ?? textOf(env['LATCHKEY_DATA_DIR']) ?? defaultDataDirectory(env),
  )
  const named = config === true ? '' : (config ?? textOf(env['LATCHKEY_CONFIG']))
  const configFile = named === undefined ? existing(join(dataDir, CONFIG_FILE)) : resolve(named)
  const file = configFile === null ? undefined : readConfig(configFile, problems)
  const parsed = parseSettings({ flags, env, ...(file === undefined ? {} : { file }), isReadable })
  if (!parsed.ok || problems.length > 0) return refuse([...problems, ...(parsed.ok ? [] : parsed.refusal)])
  return accept({
    settings: parsed.value,
    dataDir: parsed.value.dataDir === undefined ? dataDir : resolve(parsed.value.dataDir),
    configFile,
    secrets: Object.fromEntries(
      SECRET_NAMES.flatMap((name) => {
        const value = textOf(env[name])
        return value === undefined ? [] : [[name, value]]
      }),
    ),
    warnings: strayVariables(sources.env),
  })
}

const textOf = (given: string | true | undefined): string | undefined =>
  given === true || given === '' ? undefined : given

const existing = (path: string): string | null => (isReadable(path) ? path : null)

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
  }
}

/** @returns undefined when it has told `problems` why there is nothing to read */
function readConfig(path: string, problems: string[]): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (problem) {
    const why = problem instanceof SyntaxError ? 'it is not JSON' : 'it cannot be read'
    problems.push(`The config file ${path} is of no use: ${why}.`)
    return undefined
  }
}
