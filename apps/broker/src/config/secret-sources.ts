import { readFileSync } from 'node:fs'
import { settingsTable } from './settings.ts'

type Env = Readonly<Record<string, string | undefined>>

/**
 * Settings that are secrets, by their names in the environment. Everybody on a machine can read the arguments of a process, and
 * every program of the same user its first environment: so each may be in a file of its own (`NAME_FILE`), and all of them
 * together may come over stdin.
 */
export const SECRET_NAMES: readonly string[] = settingsTable.flatMap(({ env, flag }) =>
  flag === null ? [env] : [],
)

/** Says that secrets come over stdin. */
export const SECRETS_FROM = 'LATCHKEY_SECRETS'

/**
 * The environment with the secrets that came by file or stdin added. Errors are appended to `problems`, without values.
 * @param readStdin the whole of it, asked for only when the environment says so
 */
export function withSecrets(env: Env, problems: string[], readStdin: () => string = readAll): Env {
  const found: Record<string, string | undefined> = { ...env }
  const give = (name: string, value: string, source: string): void => {
    if (present(found[name]))
      problems.push(`${name} is given twice: by ${source} too. One of them has to go.`)
    else found[name] = value
  }
  for (const name of SECRET_NAMES) {
    const file = env[`${name}_FILE`]
    if (!present(file)) continue
    try {
      give(name, readFileSync(file, 'utf8').trim(), `${name}_FILE`)
    } catch {
      problems.push(`${name}_FILE cannot be read: ${file}.`)
    }
  }
  const from = env[SECRETS_FROM]
  if (from === 'stdin') {
    for (const [name, value] of readSecrets(readStdin(), problems)) give(name, value, 'stdin')
  } else if (present(from)) problems.push(`${SECRETS_FROM} must be stdin, or unset.`)
  return found
}

/** `NAME=value` lines, or one JSON object of such. */
export function readSecrets(text: string, problems: string[]): ReadonlyMap<string, string> {
  const secrets = new Map<string, string>()
  for (const [name, value] of entriesOf(text, problems)) {
    if (SECRET_NAMES.includes(name)) secrets.set(name, value)
    else problems.push(`"${name}" on stdin is no secret setting. There are: ${SECRET_NAMES.join(', ')}.`)
  }
  return secrets
}

function entriesOf(text: string, problems: string[]): readonly (readonly [string, string])[] {
  if (text.trimStart().startsWith('{')) {
    try {
      const told: unknown = JSON.parse(text)
      return Object.entries(Object(told)).map(([name, value]) => [name, String(value)])
    } catch {
      problems.push('The secrets on stdin are neither lines NAME=value nor a JSON object.')
      return []
    }
  }
  return text.split('\n').flatMap((line) => {
    const at = line.indexOf('=')
    if (line.trim() === '') return []
    if (at > 0) return [[line.slice(0, at).trim(), line.slice(at + 1).trim()] as const]
    problems.push('The secrets on stdin are neither lines NAME=value nor a JSON object.')
    return []
  })
}

const present = (text: string | undefined): text is string => text !== undefined && text !== ''

const readAll = (): string => readFileSync(0, 'utf8')
