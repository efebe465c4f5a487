// Private servers for one run: on loopback, each in a folder of its own, ended with the run.
import { spawn, spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const started = []

/** Ends what this module has started, by process id, and removes the folders. */
export function endServers() {
  for (const { child, folder } of started.splice(0)) {
    child?.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
process.once('exit', endServers)

export function newFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  started.push({ child: null, folder })
  return folder
}

/** Redis as it comes, writing nothing to the disk. */
export async function redisServer() {
  const folder = newFolder()
  const port = randomInt(20_000, 32_000)
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', '']
  const child = await launch('redis-server', args, 'Ready to accept connections')
  return { url: `redis://127.0.0.1:${port}`, pid: child.pid }
}

/** PostgreSQL as it comes: every commit waits for the disk. Null where there is none. */
export async function postgresServer() {
  const releases = '/usr/lib/postgresql'
  const newest = existsSync(releases) ? readdirSync(releases).sort().at(-1) : undefined
  if (newest === undefined) return null
  const bin = join(releases, newest, 'bin')
  const folder = newFolder()
  const data = join(folder, 'data')
  mkdirSync(data, { mode: 0o700 })
  const account = accountFor(folder, data)
  const made = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'latchkey', '-A', 'trust', '-E', 'UTF8', '--locale=C'],
    account,
  )
  if (made.status !== 0) throw new Error(String(made.stderr))
  const port = randomInt(20_000, 32_000)
  const args = ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', '']
  await launch(join(bin, 'postgres'), args, 'ready to accept connections', account)
  return { url: `postgres://latchkey@127.0.0.1:${port}/postgres` }
}

/** PostgreSQL refuses to run as root, so root starts it as its own user, or as an unprivileged one. */
function accountFor(folder, data) {
  if (process.getuid?.() !== 0) return {}
  const found = spawnSync('id', ['-u', 'postgres'], { encoding: 'utf8' })
  const uid = found.status === 0 ? Number(found.stdout) : 65_534
  for (const path of [folder, data]) chownSync(path, uid, uid)
  return { uid, gid: uid }
}

function launch(program, args, readyLine, account = {}) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: '/', ...account })
  started.push({ child, folder: '' })
  let told = ''
  return new Promise((resolve, reject) => {
    const read = (bytes) => {
      if (told.includes(readyLine)) return
      told += bytes
      if (told.includes(readyLine)) resolve(child)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`${program} ended:\n${told}`)))
  })
}
