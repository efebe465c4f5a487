import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './steps.mjs'

/** Where vitest.config.ts looks for tests. */
const ROOMS = ['packages', 'apps', 'test', 'tools']
const NOT_READ = new Set(['node_modules', 'dist', 'canaries', 'artifacts'])
/** Options of vitest that are followed by a value: it is no part of a path. */
const TAKES_VALUE = new Set([
  '--project',
  '-t',
  '--testNamePattern',
  '--reporter',
  '--outputFile',
  '-r',
  '--root',
  '--config',
])

/** All test files, as paths from the repository's folder, with slashes. */
export function testFiles(folder = ROOT) {
  const found = (path) =>
    readdirSync(join(folder, path), { withFileTypes: true }).flatMap((entry) => {
      if (NOT_READ.has(entry.name)) return []
      const below = `${path}/${entry.name}`
      if (entry.isDirectory()) return found(below)
      return entry.name.endsWith('.spec.ts') ? [below] : []
    })
  return ROOMS.flatMap(found)
}

/** The parts of paths among vitest's arguments: `broker/src/http`, `a.spec.ts:12`. */
function namesIn(args) {
  const isName = (arg, index) => !arg.startsWith('-') && !TAKES_VALUE.has(args[index - 1])
  return args.filter(isName).map((arg) => arg.replace(/:\d+$/, '').replace(`${ROOT}/`, ''))
}

/** The level that a test file says in its name, as vitest.config.ts calls it. */
const levelOf = (path) => /\.(system|browser)\.spec\.ts$/.exec(path)?.[1] ?? 'pure'

/** The test files that vitest runs when it is called with `args`. */
export function chosenFiles(args, files = testFiles()) {
  const names = namesIn(args)
  const projects = args.flatMap((arg, index) =>
    arg.startsWith('--project=')
      ? [arg.slice('--project='.length)]
      : args[index - 1] === '--project'
        ? [arg]
        : [],
  )
  return files.filter(
    (path) =>
      (names.length === 0 || names.some((name) => path.includes(name))) &&
      (projects.length === 0 || projects.includes(levelOf(path))),
  )
}

/**
 * The builds that these files need. Most read the packages' sources and need none; the others drive the built programs.
 * `text` returns a file's text.
 */
export function needsOf(paths, text = (path) => readFileSync(join(ROOT, path), 'utf8')) {
  const levels = new Set(paths.map(levelOf))
  const links = (path) =>
    /linking|accounts|marketplace|whatsapp/.test(path) || text(path).includes('packages/whatsapp')
  const installs = (path) => /\.(system|browser)\./.test(path) && text(path).includes('/installed-release.ts')
  return {
    programs: levels.has('system') || levels.has('browser'),
    pages: levels.has('browser') || paths.some((path) => /page-build/.test(path) || installs(path)),
    release: paths.some(installs),
    whatsapp: paths.some(links),
  }
}
