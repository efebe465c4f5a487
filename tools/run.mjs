#!/usr/bin/env node
/**
 * What `npm start`, `npm test` and the other scripts run: set-up first, then the steps asked for. Built-ins only, on any
 * Node from 20.19 on. Each step is spawned by path, never through a shell's idea of `node`: a shell that has once looked
 * up `node` keeps using the old one after a newer one was installed.
 */
import { BUILT_PAGE, buildPages, buildPrograms } from './build.mjs'
import { CHECKS, FIXES, LAWS } from './checks/checks.mjs'
import { installDependencies } from './dependencies.mjs'
import { chooseNode } from './node-release.mjs'
import { packModule } from './pack.mjs'
import { packedRelease, packProgram } from './pack-program.mjs'
import { contentHash } from './page-hash.mjs'
import { processorTimeMs } from './processor-time.mjs'
import { programsForTests } from './programs-for-tests.mjs'
import { makeRelease } from './release.mjs'
import { fail, runTool, say, toolPaths } from './steps.mjs'
import { chosenFiles, needsOf } from './test-needs.mjs'
import { buildWhatsApp, installWhatsApp, wantsWhatsApp } from './whatsapp.mjs'

/** Runs these checks one after the other; answers how many failed. */
async function check(checks) {
  await installWhatsApp()
  const failed = []
  for (const [title, tool, args, advice] of checks) {
    if ((await runTool(tool, args, { title: `Checking ${title}` })) === 0) continue
    failed.push(title)
    say(advice)
  }
  if (failed.length > 0) say(`${failed.length} of ${checks.length} checks failed: ${failed.join(', ')}.`)
  return failed.length
}

/** Makes mechanical repairs; `check` names the other problems. */
async function fix() {
  for (const [tool, args] of FIXES) await runTool(tool, args)
  return 0
}

/** Whether the test runner was reached, which then prints the closing line itself. */
let testsBegan = false

/** Tests matching `args` alone, or, without any, everything and the repository's checks, which count as tests. */
async function test(args) {
  const everything = args.length === 0
  const needs = needsOf(chosenFiles(args))
  if (needs.programs) await buildPrograms()
  if (needs.whatsapp) await buildWhatsApp()
  if (needs.pages) await buildPages()
  if (needs.release) await packProgram()
  const browsers = programsForTests({ mayInstall: everything })
  const setUpMs = performance.now()
  say(`Set-up took ${inSeconds(setUpMs)}.`)
  const failedChecks = everything ? await check(CHECKS) : 0
  if (everything)
    say(`The checks took ${inSeconds(performance.now() - setUpMs)}; the tests take about ten minutes.`)
  const counts = everything ? { LATCHKEY_CHECKS: `${CHECKS.length - failedChecks} ${failedChecks}` } : {}
  testsBegan = true
  const coverage = everything ? ['--coverage'] : []
  return runTool('vitest', ['run', ...coverage, ...args], {
    program: true,
    env: {
      ...counts,
      LATCHKEY_PROCESSOR_MS: String(processorTimeMs() ?? ''),
      ...(browsers.chromium === null ? {} : { CHROMIUM_PATH: browsers.chromium }),
      ...(browsers.withCamera === null ? {} : { CHROMIUM_WITH_CAMERA: browsers.withCamera }),
    },
  })
}

/** Milliseconds for people. */
const inSeconds = (ms) => `${(ms / 1_000).toFixed(1)} s`

async function start(args) {
  await buildPrograms()
  if (wantsWhatsApp(args)) await buildWhatsApp()
  await buildPages()
  const [first] = args
  const command = first === undefined || first.startsWith('-') ? ['up'] : []
  // npm changes to the repository's folder; terminals shall open where the person called from.
  const cwd = process.env.INIT_CWD ?? process.cwd()
  // A try-out leaves nothing behind: the programs in its terminals end with it, after it has said how many.
  const isUp = command.length > 0 || first === 'up'
  const ends = isUp ? ['--end-terminals'] : []
  return runTool('latchkey', [...command, ...args, ...ends], { program: true, cwd })
}

const scripts = {
  start,
  test,
  build: async (args) => {
    await buildPrograms()
    if (wantsWhatsApp(args)) await buildWhatsApp()
    await buildPages()
    say(`The page's content hash: sha256:${contentHash(BUILT_PAGE)}`)
    return 0
  },
  page: async (args) => (await buildPages()) || runTool('page', args, { program: true }),
  pack: async ([option, folder]) => {
    await buildPrograms()
    await buildPages()
    if (option === '--to' && folder !== undefined) return packProgram(folder)
    return (await packProgram()) || packModule()
  },
  release: async (args) => {
    await buildPrograms()
    await buildPages()
    if ((await packProgram()) !== 0) return 1
    return makeRelease(packedRelease(), { isDry: args.includes('--dry-run') })
  },
  check: async () => ((await check([...CHECKS, LAWS])) === 0 ? 0 : 1),
  fix,
  bench: async (args) => (await buildPrograms()) || runTool('bench', args, { program: true }),
  'test:watch': async (args) =>
    (await buildPrograms()) ||
    (await buildWhatsApp()) ||
    runTool('vitest', ['watch', ...args], { program: true }),
  'test:cov': async (args) => {
    await buildPrograms()
    await buildWhatsApp()
    await buildPages()
    const everywhere = ['packages/*/src/**', 'apps/*/src/**'].map((each) => `--coverage.include=${each}`)
    return runTool('vitest', ['run', '--coverage', ...everywhere, ...args], { program: true })
  },
}

const [name = 'start', ...args] = process.argv.slice(2)
const script = Object.hasOwn(scripts, name) ? scripts[name] : undefined
if (script === undefined)
  fail(`No script is called "${name}". There are: ${Object.keys(scripts).join(', ')}.`, 2)

// Print a closing line even if set-up failed before the first test.
process.once('exit', (exitCode) => {
  if (name === 'test' && exitCode !== 0 && !testsBegan) process.stdout.write('0 passed, 1 failed\n')
})
const node = await chooseNode()
await installDependencies()
toolPaths.node = node
process.exitCode = await script(args)
if (process.exitCode !== 0 && name !== 'start' && name !== 'test')
  say(`${name} ended with ${process.exitCode}.`)
