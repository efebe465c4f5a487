import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { z } from 'zod'
import { cleanEnv, temporaryFolder } from './up-process.ts'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const run = promisify(execFile)

export const VERSION = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))).version

/** The release that was packed before these tests. */
export const RELEASE = join(ROOT, 'packed', `latchkey-${VERSION}.tgz`)

/** npm without scripts, and without a registry: the release must need neither. */
export const npm = (args: readonly string[], prefix: string) =>
  run('npm', [...args, '-g', '--ignore-scripts', '--prefix', prefix, '--registry', 'http://127.0.0.1:9'], {
    cwd: prefix,
    env: {
      ...cleanEnv(),
      HOME: prefix,
      npm_config_cache: join(prefix, 'cache'),
      npm_config_fetch_retries: '0',
    },
  })

/** A folder that has never seen the repository, with the release in it. */
export async function installedByNpm(release = RELEASE) {
  const { path: prefix, remove } = temporaryFolder()
  await npm(['install', release], prefix)
  return { prefix, command: join(prefix, 'bin', 'latchkey'), remove }
}
