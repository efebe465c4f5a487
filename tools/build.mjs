import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { bundlePrograms, PACKAGES } from './bundle.mjs'
import { fail, ROOT, runTool, say, secondsSince } from './steps.mjs'

/** What the pages are made of. Package sources count, since the pages are bundled from them. */
const PAGE_SOURCES = ['apps/web', 'packages', 'package-lock.json']
const NOT_SOURCES = new Set(['.cache', 'dist', 'served', 'node_modules', 'coverage'])

/** What the bundled programs are made of. */
const PROGRAM_FILES = [
  'apps/cli/dist',
  'apps/broker/dist',
  'apps/runner/dist',
  'packages',
  'package-lock.json',
  'tools/bundle.mjs',
]
/** Compiled packages count there, and the bundle itself does not. */
const NOT_COMPILED = new Set(['bundle', 'package.json', 'src', 'node_modules', 'tsconfig.tsbuildinfo'])

/** When anything below `path` was last changed, added or taken away, in milliseconds; 0 when it is not there. */
function changedAtMs(path, leftOut = NOT_SOURCES) {
  if (!existsSync(path)) return 0
  const entry = statSync(path)
  if (!entry.isDirectory()) return entry.mtimeMs
  const below = readdirSync(path)
    .filter((name) => !leftOut.has(name))
    .map((name) => changedAtMs(join(path, name), leftOut))
  return Math.max(...below, 0)
}

/** Compiles and bundles broker, runner, command line and their packages. Programs that are up to date are left alone. */
export async function buildPrograms() {
  const startMs = Date.now()
  if ((await runTool('tsc', ['-b', 'apps/cli'])) !== 0)
    fail('The programs do not compile; the compiler said why above.')
  const newestMs = Math.max(...PROGRAM_FILES.map((path) => changedAtMs(join(ROOT, path), NOT_COMPILED)))
  if (changedAtMs(PACKAGES) <= newestMs) await bundlePrograms()
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
