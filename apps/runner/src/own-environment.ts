import { mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'

/** Names the file in which this program left itself its secrets. */
const HANDED_OVER = 'LATCHKEY_HANDED_OVER'

export type Env = Readonly<Record<string, string | undefined>>

/**
 * The environment of a process that owns terminals. Linux shows the environment a process began with to every program of the
 * same user for as long as it lives, so forgetting a secret there does not help: this begins the process anew without `names`,
 * under the same number, and hands them over in a file that is gone once it is read.
 *
 * `exposed` names secrets that had to stay: an older Node (before 22.15) cannot begin anew.
 */
export function ownEnvironment(
  env: Env,
  names: readonly string[],
): { readonly env: Env; readonly exposed: readonly string[] } {
  const { [HANDED_OVER]: path, ...rest } = env
  if (path !== undefined) return { env: { ...rest, ...taken(path) }, exposed: [] }
  const held = names.filter((name) => (env[name] ?? '') !== '')
  if (held.length === 0) return { env, exposed: [] }
  // A parent's channel would be lost.
  if (typeof process.execve !== 'function' || process.send !== undefined) return { env, exposed: held }
  const clean = Object.entries(env).flatMap(([name, value]) =>
    value === undefined || held.includes(name) ? [] : [[name, value] as const],
  )
  const secrets = Object.fromEntries(held.map((name) => [name, env[name]]))
  const args = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  process.execve(process.execPath, args, { ...Object.fromEntries(clean), [HANDED_OVER]: left(secrets) })
  throw new Error('this process goes on as another')
}

function left(secrets: Env): string {
  const path = join(mkdtempSync(join(tmpdir(), 'latchkey-')), 'secrets')
  writeFileSync(path, JSON.stringify(secrets), { mode: 0o600 })
  return path
}

function taken(path: string): Record<string, string> {
  const text = readFileSync(path, 'utf8')
  rmSync(path)
  rmdirSync(dirname(path))
  return z.record(z.string(), z.string()).parse(JSON.parse(text))
}

/** What to tell a person about secrets that had to stay. */
export const exposureNote = (exposed: readonly string[]): string =>
  `${exposed.join(', ')}: whoever is let into a terminal here can read this in the environment of this process. Give it as a file (NAME_FILE), or use Node 22.15 or newer.`
