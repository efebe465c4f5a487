import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launchOnFreePort, PortTaken } from './free-port.ts'
import { leftRunning } from './left-running.ts'

export interface RedisServerOptions {
  /** keeps an append-only file, synced at every write, so that `start` after `kill` has everything again; off by default */
  readonly appendOnly?: boolean
  /** more of redis-server's own arguments, as `--maxmemory 10mb` */
  readonly args?: readonly string[]
}

/** A private Redis on loopback, on a port and in a folder of its own. */
export interface RedisServer {
  readonly url: string
  readonly port: number
  /** of the process that runs now */
  readonly pid: number
  /** SIGSTOP: connections stay open and nothing answers any more */
  pause(): void
  /** SIGCONT: commands that were sent meanwhile are carried out */
  resume(): void
  /** SIGKILL; resolves when it is gone */
  kill(): Promise<void>
  /** Starts it again after `kill`, on the same port, with what its folder holds. */
  start(): Promise<void>
  /** Kills it and starts it again on the same port without any data. */
  restartEmpty(): Promise<void>
  /** Ends it and removes its folder. What a test forgets to stop is stopped after its file. */
  stop(): Promise<void>
}

/** Debian's starts in 30 ms; a machine that is busy with other tests may need a hundred times as long. */
const START_WAIT_MS = 15_000

const MISSING =
  'The tests of the Redis store need redis-server, and none was found on PATH. Install it (Debian, Ubuntu: apt-get install redis-server; macOS: brew install redis).'

/** Starts a Redis that keeps nothing on disk unless told to. Rejects with a sentence when there is no `redis-server`. */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-redis-'))
  const launch = (port: number) => spawnRedis(port, folder, options)
  const launched = await launchOnFreePort(launch)
  const { port } = launched
  let { child } = launched

  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  const start = async (): Promise<void> => {
    child = await launch(port)
  }
  const server: RedisServer = {
    url: `redis://127.0.0.1:${port}`,
    port,
    get pid() {
      if (child.pid === undefined) throw new Error('redis-server is not running')
      return child.pid
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill,
    start,
    async restartEmpty() {
      await kill()
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder)
      await start()
    },
    async stop() {
      leftRunning.delete(server)
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  leftRunning.add(server)
  return server
}

/** Resolves when it accepts connections. */
function spawnRedis(port: number, folder: string, options: RedisServerOptions): Promise<ChildProcess> {
  const durable = options.appendOnly ?? false
  const args = [
    ...['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', ''],
    ...['--appendonly', durable ? 'yes' : 'no', '--appendfsync', 'always'],
    ...(options.args ?? []),
  ]
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let told = ''
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => fail(new Error(`redis-server did not start:\n${told}`)), START_WAIT_MS)
    const fail = (error: Error) => {
      clearTimeout(late)
      child.kill('SIGKILL')
      reject(error)
    }
    const read = (bytes: Buffer) => {
      if (told.includes('Ready to accept connections')) return
      told += bytes.toString()
      if (!told.includes('Ready to accept connections')) return
      clearTimeout(late)
      resolve(child)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('error', (error) =>
      fail('code' in error && error.code === 'ENOENT' ? new Error(MISSING) : error),
    )
    child.once('exit', () => {
      const taken = /Address already in use/i.test(told)
      fail(taken ? new PortTaken(told) : new Error(`redis-server ended at once:\n${told}`))
    })
  })
}
