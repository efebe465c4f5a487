/**
 * The servers around the brokers of a trial: Redis, PostgreSQL and HAProxy, each a process of its own on a free port of
 * loopback, with its files in a folder that goes with it. Built-ins only.
 */
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const READY_WITHIN_MS = 20_000
const PORTS_TRIED_MAX = 5

/** A program that runs until it is stopped. `ended` resolves when it has ended, for any reason. */
export function startProgram(file, args, options = {}) {
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'], ...options })
  let told = ''
  child.stderr?.on('data', (bytes) => {
    told = (told + bytes).slice(-4_000)
  })
  const ended = new Promise((resolve) => {
    child.once('error', (problem) => {
      told += problem.message
      resolve()
    })
    child.once('exit', resolve)
  })
  const isGone = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined
  const stop = async (signal = 'SIGTERM', withinMs = 10_000) => {
    if (isGone()) return
    child.kill(signal)
    const late = setTimeout(() => child.kill('SIGKILL'), withinMs)
    await ended
    clearTimeout(late)
  }
  return { child, ended, isGone, stop, told: () => told }
}

export async function startRedis(folder) {
  const program = onPath('redis-server') ?? missing('redis-server', 'redis-server')
  return onFreePort(async (port) => {
    const args = `--port ${port} --bind 127.0.0.1 --save --appendonly no --maxmemory-policy noeviction`
    // An empty argument: nothing is saved to disk.
    const redis = startProgram(program, [
      ...args.split(' ').flatMap((each) => (each === '--save' ? [each, ''] : [each])),
      '--dir',
      folder,
    ])
    await untilOpen(redis, port, 'Redis')
    return { ...redis, port, url: `redis://127.0.0.1:${port}` }
  })
}

export async function startPostgres(folder) {
  const bin = postgresFolder()
  // It refuses to run as root: as Debian's own user then, in a folder that this user may enter.
  const account = process.getuid?.() === 0 ? accountOf('postgres') : {}
  const data = join(folder, 'postgres')
  mkdirSync(data, { mode: 0o700 })
  if (account.uid !== undefined) {
    chmodSync(folder, 0o711)
    chownSync(data, account.uid, account.gid)
  }
  const made = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'latchkey', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    { cwd: data, encoding: 'utf8', ...account },
  )
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`)
  return onFreePort(async (port) => {
    const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${data}`]
    const postgres = startProgram(
      join(bin, 'postgres'),
      ['-D', data, ...settings.flatMap((each) => ['-c', each])],
      {
        cwd: data,
        ...account,
      },
    )
    await untilOpen(postgres, port, 'PostgreSQL')
    // It listens a moment before it answers.
    const url = `postgres://latchkey@127.0.0.1:${port}/postgres`
    // SIGINT is its fast end: it waits for no client.
    return { ...postgres, stop: () => postgres.stop('SIGINT'), port, url }
  })
}

/** @param brokers host and port of each of the three */
export async function startHaproxy(brokers, wantedPort, connectionsMax) {
  const program = onPath('haproxy') ?? missing('haproxy', 'haproxy')
  const start = async (port) => {
    const [BROKER_1, BROKER_2, BROKER_3] = brokers
    const haproxy = startProgram(
      program,
      ['-db', '-f', fileURLToPath(new URL('haproxy.cfg', import.meta.url))],
      {
        env: {
          ...process.env,
          LISTEN: `127.0.0.1:${port}`,
          CONNECTIONS_MAX: String(connectionsMax),
          BROKER_1,
          BROKER_2,
          BROKER_3,
        },
      },
    )
    await untilOpen(haproxy, port, 'HAProxy')
    return { ...haproxy, port, url: `http://127.0.0.1:${port}` }
  }
  return wantedPort === 0 ? onFreePort(start) : start(wantedPort)
}

/** A port that was free a moment ago. If another program takes it first, starting fails and another port is tried. */
export const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })

async function onFreePort(start) {
  for (let tries = 1; ; tries++) {
    try {
      return await start(await freePort())
    } catch (problem) {
      if (tries === PORTS_TRIED_MAX) throw problem
    }
  }
}

async function untilOpen(program, port, name) {
  const deadline = Date.now() + READY_WITHIN_MS
  while (!(await isOpen(port))) {
    if (program.isGone() || Date.now() > deadline) {
      await program.stop('SIGKILL')
      throw new Error(`${name} did not start: ${program.told().trim() || 'it said nothing'}`)
    }
    await sleep(20)
  }
}

const isOpen = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const answer = (open) => {
      socket.destroy()
      resolve(open)
    }
    socket.once('connect', () => answer(true))
    socket.once('error', () => answer(false))
  })

function onPath(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file)) ?? null
}

function postgresFolder() {
  const releases = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : []
  const folders = releases
    .sort((a, b) => Number(b) - Number(a))
    .map((release) => join('/usr/lib/postgresql', release, 'bin'))
  const found = [...(process.env.PATH ?? '').split(delimiter), ...folders].find((folder) =>
    ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))),
  )
  return found ?? missing('postgres', 'postgresql')
}

function accountOf(name) {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${name}:`))
  if (line === undefined) throw new Error(`PostgreSQL does not run as root, and there is no user "${name}".`)
  const [, , uid, gid] = line.split(':').map(Number)
  return { uid, gid }
}

function missing(program, debian) {
  throw new Error(`${program} is needed, and was not found. Debian, Ubuntu: apt-get install ${debian}`)
}
