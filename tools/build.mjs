import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fail, ROOT, runTool, say, secondsSince } from './steps.mjs'

/** What the pages are made of. Package sources count, since the pages are bundled from them. */
const PAGE_SOURCES = ['apps/web', 'packages', 'package-lock.json']
const NOT_SOURCES = new Set(['.cache', 'dist', 'served', 'node_modules', 'coverage'])

/** When anything below `path` was last changed, added or taken away, in milliseconds; 0 when it is not there. */
function changedAtMs(path) {
  if (!existsSync(path)) return 0
  const entry = statSync(path)
  if (!entry.isDirectory()) return entry.mtimeMs
  const below = readdirSync(path)
    .filter((name) => !NOT_SOURCES.has(name))
    .map((name) => changedAtMs(join(path, name)))
  return Math.max(...below, 0)
}

/** Compiles broker, runner, command line and their packages. The compiler skips projects that are up to date. */
export async function buildPrograms() {
  const startMs = Date.now()
  if ((await runTool('tsc', ['-b', 'apps/cli'])) !== 0)
    fail('The programs do not compile; the compiler said why above.')
  const tookMs = Date.now() - startMs
  if (tookMs > 1_500) say(`Built the programs (${secondsSince(startMs)}).`)
  return 0
}

/** Where the pages are put. */
export const BUILT_PAGE = join(ROOT, 'apps/web/dist')

/** Bundles the pages, unless the last bundle is newer than everything it was made of. */
export async function buildPages() {
  // The build writes this file last.
  const bundle = join(ROOT, 'apps/web/served/index.html')
  const newestMs = Math.max(...PAGE_SOURCES.map((source) => changedAtMs(join(ROOT, source))))
  if (changedAtMs(bundle) > newestMs) return 0
  const startMs = Date.now()
  const args = ['build', '--logLevel', 'warn', 'apps/web']
  // Inside a test Vitest's own NODE_ENV would make other pages: without a service worker, for one.
  if ((await runTool('vite', args, { env: { NODE_ENV: 'production' } })) !== 0)
    fail('The pages could not be built; vite said why above.')
  say(`Built the pages (${secondsSince(startMs)}).`)
  return 0
}
