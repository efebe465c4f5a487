import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { CARRIED, copyCarried } from './carried-packages.mjs'
import { foldersNeededBy, licencesOf } from './licences.mjs'
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
const DESCRIPTION = 'Pair a phone with your own machines: a live terminal through a broker you host yourself.'

/** Where the packed files are put, but where another folder is asked for. */
const PACKED = join(ROOT, 'packed')

/** The packed file of this version. */
export const packedRelease = (to = PACKED) =>
  join(to, `latchkey-${JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version}.tgz`)

/**
 * Packs command line, broker, runner and pages into one file that needs no other package: JavaScript is bundled, packages
 * with prebuilt binaries are carried whole. Needs the programs and the pages built. Answers an exit code.
 * @param to the folder of `latchkey-VERSION.tgz`
 */
export async function packProgram(to = PACKED) {
  const startMs = Date.now()
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-pack-'))
  mkdirSync(join(folder, 'bin'), { recursive: true })
  const bundled = await bundle(join(folder, 'dist'))
  const carried = await copyCarried(join(folder, 'dist', 'node_modules'))
  cpSync(join(ROOT, 'apps/web/served'), join(folder, 'web'), { recursive: true })
  cpSync(join(ROOT, 'apps/cli/bin/latchkey.mjs'), join(folder, 'bin/latchkey.mjs'))
  cpSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'))
  cpSync(join(ROOT, 'tools/installed.md'), join(folder, 'README.md'))
  writeFileSync(
    join(folder, 'THIRD-PARTY-LICENCES.txt'),
    licencesOf([...bundled, ...carried, ...foldersNeededBy('apps/web')]),
  )
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifestOf(version), null, 2)}\n`)
  const { writeFileList } = await import('../apps/broker/dist/install/file-list.js')
  const { writeTarball } = await import('../apps/broker/dist/install/tarball.js')
  const paths = writeFileList(folder)
  mkdirSync(to, { recursive: true })
  const target = packedRelease(to)
  await writeTarball(folder, paths, target)
  const hash = createHash('sha256').update(readFileSync(target)).digest('hex')
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`
  const installed = paths.reduce((total, path) => total + statSync(join(folder, path)).size, 0)
  say(
    `Packed ${relative(ROOT, target)} (${secondsSince(startMs)}): ${megabytes(statSync(target).size)}, installed ${megabytes(installed)}`,
  )
  rmSync(folder, { recursive: true })
  say(`sha256:${hash}`)
  say(`Install it with: npm install -g --ignore-scripts ${target}`)
  return 0
}

/** Bundles the programs with what they share. Answers the folders of the packages that are in it. */
async function bundle(target) {
  const input = Object.fromEntries(Object.entries(PROGRAMS).map(([name, path]) => [name, join(ROOT, path)]))
  const external = (id) =>
    [...CARRIED.keys(), ...NOT_THERE].some((name) => id === name || id.startsWith(`${name}/`))
  // This file is read before any package is installed.
  const { rolldown } = await import('rolldown')
  const build = await rolldown({ input, external, platform: 'node', onLog: refuseAny })
  const { output } = await build.write({
    dir: target,
    format: 'esm',
    // All in one folder: a program finds another one, the pages and the version by their places.
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
  })
  await build.close()
  const modules = output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []))
  const packages = modules.map((id) => /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1])
  return [...new Set(packages.filter((each) => each !== undefined))]
}

/** A warning of the bundler is a program that fails where it is installed. */
function refuseAny(level, log) {
  if (level === 'warn') throw new Error(log.message)
}

/** No dependencies: npm has nothing to fetch, and no script to run. */
const manifestOf = (version) => ({
  name: 'latchkey',
  version,
  description: DESCRIPTION,
  license: 'MIT',
  type: 'module',
  engines: { node: '>=22.13' },
  os: ['linux', 'darwin'],
  cpu: ['x64', 'arm64'],
  bin: { latchkey: 'bin/latchkey.mjs' },
})
