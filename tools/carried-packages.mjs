import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runNpm } from './dependencies.mjs'
import { fail, ROOT, run } from './steps.mjs'

/** Where the packed programs run. */
const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64']
const whole = () => true

/** Packages that the bundle leaves out: they load prebuilt binaries, or a file, by its place. By name, the files that are carried. */
export const CARRIED = new Map([
  ['better-sqlite3', (path) => /^(lib\/|prebuilds\/(linux|darwin))/.test(path)],
  ['bufferutil', (path) => /^(index|fallback)\.js$|^prebuilds\/(linux|darwin)/.test(path)],
  ['node-gyp-build', (path) => /\.js$/.test(path)],
  ['@xterm/addon-unicode-graphemes', (path) => /^lib\/.*\.js$/.test(path)],
  ['@lydell/node-pty', (path) => /\.js$/.test(path)],
  ...PLATFORMS.map((platform) => [`@lydell/node-pty-${platform}`, whole]),
])

/** Copies the carried packages into a `node_modules`, whatever platform this machine is. Answers their folders. */
export async function copyCarried(target) {
  const locked = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages
  const folders = []
  for (const [name, isCarried] of CARRIED) {
    const source = await folderOf(name, locked[`node_modules/${name}`])
    for (const path of readdirSync(source, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(source.length + 1))) {
      if (!isCarried(path) && !/^(package\.json|licen[cs]e.*)$/i.test(path)) continue
      mkdirSync(dirname(join(target, name, path)), { recursive: true })
      cpSync(join(source, path), join(target, name, path))
    }
    folders.push(source)
  }
  return folders
}

/** Where a package's files are: installed for this platform, else fetched once and compared with the lock file. */
async function folderOf(name, { version, integrity }) {
  const installed = join(ROOT, 'node_modules', name)
  if (existsSync(join(installed, 'package.json'))) return installed
  const fetched = join(ROOT, '.cache', 'pack', `${name.replace('/', '-')}-${version}`)
  if (existsSync(join(fetched, 'package.json'))) return fetched
  rmSync(fetched, { recursive: true, force: true })
  mkdirSync(fetched, { recursive: true })
  if ((await runNpm(['pack', `${name}@${version}`, '--prefer-offline', '--pack-destination', fetched])) !== 0)
    fail(`${name} could not be fetched, which another platform needs. Is the registry reachable?`)
  const [file] = readdirSync(fetched)
  const archive = join(fetched, file)
  const digest = createHash('sha512').update(readFileSync(archive)).digest('base64')
  if (integrity !== `sha512-${digest}`) {
    rmSync(fetched, { recursive: true, force: true })
    fail(`${name} ${version} from the registry is not what package-lock.json names: nothing was packed.`)
  }
  if ((await run('tar', ['-xzf', archive, '--strip-components=1', '-C', fetched])) !== 0)
    fail(`${archive} cannot be unpacked.`)
  rmSync(archive)
  return fetched
}
