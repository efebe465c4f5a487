import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fail, ROOT, run, say, secondsSince } from './steps.mjs'

/**
 * npm as the user's own npm runs it, on the host's Node; it prints only errors. No package runs a script of its own: all have
 * their binaries with them, and npm would compile SQLite anew, for which it fetches Node's headers.
 */
export function runNpm(args) {
  const quiet = [...args, '--loglevel=error', '--no-audit', '--no-fund', '--ignore-scripts']
  const npm = process.env.npm_execpath
  const own = npm?.endsWith('.js') === true
  return own
    ? run(process.execPath, [npm, ...quiet])
    : run(process.platform === 'win32' ? 'npm.cmd' : 'npm', quiet)
}

/** Installs the packages of package-lock.json, unless the last installation had the same. */
export async function installDependencies() {
  const marker = join(ROOT, 'node_modules', '.lock-hash')
  const wanted = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex')
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return

  const startMs = Date.now()
  say('Installing dependencies (about 30 s, once)…')
  if ((await runNpm(['ci'])) !== 0) fail('The dependencies could not be installed; npm said why above.')
  writeFileSync(marker, wanted)
  say(`Dependencies are there (${secondsSince(startMs)}).`)
}
