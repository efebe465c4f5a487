import { spawn } from 'node:child_process'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's folder. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))

/** Where each tool's program is; all are JavaScript that the chosen Node runs. */
const PROGRAMS = {
  tsc: 'node_modules/@typescript/native/bin/tsc',
  vite: 'node_modules/vite/bin/vite.js',
  vitest: 'node_modules/vitest/vitest.mjs',
  biome: 'node_modules/@biomejs/biome/bin/biome',
  oxlint: 'node_modules/oxlint/bin/oxlint',
  knip: 'node_modules/knip/bin/knip.js',
  documents: 'tools/checks/write-generated.ts',
  bench: 'bench/run.mjs',
  page: 'tools/page.mjs',
  latchkey: 'apps/cli/dist/bundle/main.js',
}

/** The Node that runs the tools; tools/run.mjs sets it once it is chosen. */
export const toolPaths = { node: process.execPath }

/** Progress, for people: stderr, since stdout belongs to the program that is started. */
export const say = (line) => process.stderr.write(`${line}\n`)

/** Ends the script with one sentence that gives the remedy. */
export function fail(sentence, exitCode = 1) {
  say(sentence)
  process.exit(exitCode)
}

export const secondsSince = (startMs) => `${((Date.now() - startMs) / 1000).toFixed(1)} s`

/** The environment of every step: the chosen Node and the repository's tools first on PATH. */
function stepEnvironment(extra) {
  const path = [dirname(toolPaths.node), join(ROOT, 'node_modules', '.bin'), process.env.PATH ?? ''].join(
    delimiter,
  )
  return { ...process.env, PATH: path, ...extra }
}

/** A killed npm does not tell its children, and they must not stay behind. Calls `then` at most a second after npm ended. */
function whenNpmIsGone(then) {
  const parent = process.ppid
  const fromNpm = process.env.npm_lifecycle_event !== undefined
  return setInterval(() => fromNpm && process.ppid !== parent && then(), 1_000).unref()
}

/**
 * Runs one of the repository's tools to its end and answers its exit code: 130 when an interrupt ended it, 1 when
 * another signal did.
 */
export function runTool(tool, args, options = {}) {
  const program = join(ROOT, PROGRAMS[tool])
  // Our own TypeScript tools read the packages' sources, not their last build.
  const flags = program.endsWith('.ts')
    ? ['--experimental-transform-types', '--no-warnings', '--conditions=source']
    : []
  return run(toolPaths.node, [...flags, program, ...args], options)
}

/**
 * Spawns `file` and passes interrupts on: the step decides how it ends. What a step prints is progress and goes to
 * stderr; stdout is handed down only to the `program` that everything was set up for.
 */
export function run(file, args, { title, env = {}, cwd = ROOT, program = false } = {}) {
  const startMs = Date.now()
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd,
      env: stepEnvironment(env),
      stdio: ['inherit', program ? 1 : 2, 2],
    })
    // A terminal's Ctrl-C reaches the child by itself as well; it counts two in a blink as one.
    const passOn = (signal) => child.kill(signal)
    process.on('SIGTERM', passOn).on('SIGINT', passOn).on('SIGHUP', passOn)
    const orphaned = whenNpmIsGone(() => child.kill('SIGTERM'))
    const end = (exitCode) => {
      clearInterval(orphaned)
      process.off('SIGTERM', passOn).off('SIGINT', passOn).off('SIGHUP', passOn)
      if (title !== undefined) say(`${title}: ${exitCode === 0 ? 'ok' : 'FAILED'} (${secondsSince(startMs)})`)
      resolve(exitCode)
    }
    child.once('error', (problem) => {
      say(`Could not start ${file}: ${problem.message}`)
      end(1)
    })
    child.once('exit', (exitCode, signal) => end(exitCode ?? (signal === 'SIGINT' ? 130 : 1)))
  })
}
