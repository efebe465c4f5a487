import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CARRIED } from './carried-packages.mjs'
import { ROOT, say, secondsSince } from './steps.mjs'

/** The programs of the package; each may be started by another one, by its name beside it. */
const PROGRAMS = {
  main: 'apps/cli/dist/main.js',
  broker: 'apps/broker/dist/main.js',
  runner: 'apps/runner/dist/main.js',
  'keeper-main': 'apps/runner/dist/keeper/keeper-main.js',
  'screen-worker': 'apps/runner/dist/screens/screen-worker.js',
}
/** Nest asks for these and goes on without them. */
const NOT_THERE = ['@nestjs/microservices', 'class-validator', 'class-transformer']

/**
 * The bundled programs of the clone. An installed release has the same files in `dist`. They stand as deep as compiled files of
 * an app's folder do, since programs find pages, packages and each other by their places.
 */
export const BUNDLE = join(ROOT, 'apps/cli/dist/bundle')
/** Written last: the folders of the packages that are in the bundle. */
export const PACKAGES = join(BUNDLE, 'packages.json')

/**
 * Bundles the compiled programs with all that they import. A bundled program starts with a third of the processor time: Node
 * finds, reads and compiles some twenty files in place of two thousand.
 */
export async function bundlePrograms() {
  const startMs = Date.now()
  rmSync(BUNDLE, { recursive: true, force: true })
  const input = Object.fromEntries(Object.entries(PROGRAMS).map(([name, path]) => [name, join(ROOT, path)]))
  const external = (id) =>
    [...CARRIED.keys(), ...NOT_THERE].some((name) => id === name || id.startsWith(`${name}/`))
  // This file is read before any package is installed.
  const { rolldown } = await import('rolldown')
  const build = await rolldown({
    input,
    external,
    platform: 'node',
    onLog: refuseAny,
    // A line that only reads `globalThis.WebSocket` would load Node's own client of HTTP.
    treeshake: { propertyReadSideEffects: false },
    plugins: [{ name: 'builtins', renderChunk: (code) => ({ code: withoutBuiltinImports(code) }) }],
  })
  const { output } = await build.write({
    dir: BUNDLE,
    format: 'esm',
    // All in one folder: a program finds another one, the pages and the version by their places.
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
  })
  await build.close()
  const modules = output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []))
  const packages = modules.map((id) => /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1])
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  writeFileSync(
    join(BUNDLE, '..', 'package.json'),
    `${JSON.stringify({ name: 'latchkey', type: 'module', version })}\n`,
  )
  writeFileSync(PACKAGES, JSON.stringify([...new Set(packages.filter((each) => each !== undefined))]))
  say(`Bundled the programs (${secondsSince(startMs)}).`)
}

/**
 * Where a file imports one of Node's own modules, Node reads all its names, not only the wanted ones: `node:http` then loads a
 * client of HTTP and WebSocket too. That was a tenth of the processor time of `latchkey --version`.
 */
const withoutBuiltinImports = (code) =>
  code.replace(
    /^import (?:([\w$]+)(?:, )?|\* as ([\w$]+))?(?:\{([^}]*)\})? from "(node:[\w/]+)";$/gm,
    (_line, whole, star, names, id) => {
      const module = `process.getBuiltinModule("${id}")`
      const each = [whole ?? star, names && `{${names.replaceAll(' as ', ': ')}}`]
      return each
        .filter((target) => target)
        .map((target) => `const ${target} = ${module};`)
        .join(' ')
    },
  )

/** The folders of the packages that are in the bundle. */
export const packagesInBundle = () => JSON.parse(readFileSync(PACKAGES, 'utf8'))

/** A warning of the bundler is a program that fails where it is installed. */
function refuseAny(level, log) {
  if (level === 'warn') throw new Error(log.message)
}
