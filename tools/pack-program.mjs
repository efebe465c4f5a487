import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { BUNDLE, PACKAGES, packagesInBundle } from './bundle.mjs'
import { copyCarried } from './carried-packages.mjs'
import { foldersNeededBy, licencesOf } from './licences.mjs'
import { ROOT, say, secondsSince } from './steps.mjs'

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
  cpSync(BUNDLE, join(folder, 'dist'), { recursive: true, filter: (path) => path !== PACKAGES })
  const carried = await copyCarried(join(folder, 'dist', 'node_modules'))
  cpSync(join(ROOT, 'apps/web/served'), join(folder, 'web'), { recursive: true })
  cpSync(join(ROOT, 'apps/cli/bin/latchkey.mjs'), join(folder, 'bin/latchkey.mjs'))
  cpSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'))
  cpSync(join(ROOT, 'tools/installed.md'), join(folder, 'README.md'))
  writeFileSync(
    join(folder, 'THIRD-PARTY-LICENCES.txt'),
    licencesOf([...packagesInBundle(), ...carried, ...foldersNeededBy('apps/web')]),
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
