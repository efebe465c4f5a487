import { execFile } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { readFileList } from '@latchkey/broker/install/file-list'
import { writeTarball } from '@latchkey/broker/install/tarball'
import type { Installation } from '../installation.ts'

const run = promisify(execFile)
const NPM_WITHIN_MS = 300_000
/** Each has 25 MB. */
const RELEASES_KEPT_MAX = 4

type Placed = Exclude<Installation, { readonly by: 'clone' }>

/** An unpacked release that was shown to run, and its tarball. */
export interface Candidate {
  readonly folder: string
  readonly tarball: string
  readonly version: string
  readonly sha256: string
}

/** Where releases of this installation are unpacked, and the last one is kept for a way back. */
export const workFolder = (here: Placed, dataDir: string): string =>
  here.by === 'broker' ? join(here.home, '.update') : join(dataDir, 'update')

/** The name of a release among others: two builds of one version differ. */
export const releaseName = (version: string, sha256: string): string => `${version}-${sha256.slice(0, 12)}`

/** Puts a release in the place of the one that is installed; that one stays for `goBack`. Throws where npm fails. */
export async function placeRelease(here: Placed, candidate: Candidate, dataDir: string): Promise<void> {
  if (here.by === 'npm') return placeByNpm(here, candidate.tarball, dataDir)
  const name = releaseName(candidate.version, candidate.sha256)
  const target = join(here.home, 'versions', name)
  if (!existsSync(target)) renameSync(candidate.folder, target)
  const before = basename(readlinkSync(join(here.home, 'current')))
  if (before === name) return
  pointTo(here.home, 'previous', before)
  pointTo(here.home, 'current', name)
  forgetOld(join(here.home, 'versions'), [name, before])
}

/** A program that still runs from an older release starts its parts from there: a few stay. */
function forgetOld(versions: string, kept: readonly string[]): void {
  const newestFirst = readdirSync(versions)
    .map((name) => ({ name, placedMs: statSync(join(versions, name)).mtimeMs }))
    .toSorted((a, b) => b.placedMs - a.placedMs)
  for (const { name } of newestFirst.slice(RELEASES_KEPT_MAX))
    if (!kept.includes(name)) rmSync(join(versions, name), { recursive: true, force: true })
}

/** Puts the release before this one back. False when there is none. */
export async function goBack(here: Placed, dataDir: string): Promise<boolean> {
  if (here.by === 'npm') {
    const previous = join(workFolder(here, dataDir), 'previous.tgz')
    if (!existsSync(previous)) return false
    await installByNpm(here, previous)
    return true
  }
  if (!existsSync(join(here.home, 'previous'))) return false
  const [now, before] = ['current', 'previous'].map((link) => basename(readlinkSync(join(here.home, link))))
  if (now === undefined || before === undefined) return false
  pointTo(here.home, 'previous', now)
  pointTo(here.home, 'current', before)
  return true
}

/** In one step: a program that starts meanwhile finds the one or the other. */
function pointTo(home: string, link: 'current' | 'previous', release: string): void {
  const unfinished = join(home, `.${link}`)
  rmSync(unfinished, { force: true })
  symlinkSync(join(home, 'versions', release), unfinished)
  renameSync(unfinished, join(home, link))
}

/** npm keeps no release: the present one is packed again first. */
async function placeByNpm(here: Placed, tarball: string, dataDir: string): Promise<void> {
  const list = readFileList(here.folder)
  const folder = workFolder(here, dataDir)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (list !== null && 'paths' in list)
    await writeTarball(here.folder, list.paths, join(folder, 'previous.tgz'))
  await installByNpm(here, tarball)
}

/** `PREFIX/lib/node_modules/latchkey` is the folder of a global package. */
const installByNpm = (here: Placed, tarball: string) =>
  run(
    'npm',
    [
      'install',
      '-g',
      '--ignore-scripts',
      '--offline',
      '--no-audit',
      '--no-fund',
      '--prefix',
      dirname(dirname(dirname(here.folder))),
      tarball,
    ],
    { timeout: NPM_WITHIN_MS },
  )
