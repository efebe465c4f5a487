import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { launchOnFreePort, PortTaken } from './free-port.ts'
import { leftRunning } from './left-running.ts'
import { type Account, findPostgres, makeCluster, processesOf } from './postgres-program.ts'

export interface PostgresServerOptions {
  /** commits wait for the disk, as on a real one; off by default, since a test's machine does not lose its power */
  readonly durable?: boolean
  /** more settings of postgres, as `max_connections=20` */
  readonly settings?: readonly string[]
  /** where its folder is made; the system's temporary folder unless given (a full disk needs one of its own) */
  readonly parentFolder?: string
}

/** A private PostgreSQL on loopback, on a port and in a folder of its own. */
export interface PostgresServer {
  /** of a database of its own, empty at the start */
  readonly url: string
  readonly port: number
  /** of the process that runs now */
  readonly pid: number
  /** Makes one more empty database and answers with its URL. */
  createDatabase(): Promise<string>
  /** SIGSTOP to all of it: connections stay open and nothing answers any more */
  pause(): void
  /** SIGCONT: statements that were sent meanwhile are carried out */
  resume(): void
  /** SIGKILL to all of it; resolves when it is gone */
  kill(): Promise<void>
  /** Starts it again after `kill`, on the same port, with what its folder holds. */
  start(): Promise<void>
  /** Ends it and removes its folder. What a test forgets to stop is stopped after its file. */
  stop(): Promise<void>
}

/** Recovery after a kill takes a second or two; a machine that is busy with other tests may need much longer. */
const START_WAIT_MS = 30_000

const READY = 'ready to accept connections'

/** Makes a cluster and starts it. Rejects with a sentence when there is no PostgreSQL on this machine. */
export async function startPostgresServer(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const { bin, account } = findPostgres()
  const folder = mkdtempSync(join(options.parentFolder ?? tmpdir(), 'latchkey-postgres-'))
  const data = join(folder, 'data')
  mkdirSync(data, { mode: 0o700 })
  if (account !== null) {
    chmodSync(folder, 0o711)
    chownSync(data, account.uid, account.gid)
  }
  const launch = (port: number) => spawnPostgres(join(bin, 'postgres'), data, port, account, options)
  let child: ChildProcess
  let port: number
  try {
    await makeCluster(join(bin, 'initdb'), data, account)
    const launched = await launchOnFreePort(launch)
    child = launched.child
    port = launched.port
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }

  const isGone = () => child.exitCode !== null || child.signalCode !== null
  const signal = (name: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL') => {
    if (isGone()) return
    for (const pid of processesOf(pidOf(child))) sendSignal(pid, name)
  }
  const kill = async (): Promise<void> => {
    if (isGone()) return
    const gone = once(child, 'exit')
    // Stopped first, so that none of it is born between the look and the kill.
    signal('SIGSTOP')
    const killed = processesOf(pidOf(child))
    signal('SIGKILL')
    await gone
    // A child that is not quite gone still holds the shared memory, and the next start would refuse.
    while (killed.some(isThere)) await new Promise((resolve) => setTimeout(resolve, 10))
  }
  let databases = 0
  const createDatabase = async (): Promise<string> => {
    const name = `latchkey_${++databases}`
    await onDatabase(urlOf(port, 'postgres'), `CREATE DATABASE ${name}`)
    return urlOf(port, name)
  }
  const server: PostgresServer = {
    url: urlOf(port, 'latchkey_1'),
    port,
    get pid() {
      return pidOf(child)
    },
    createDatabase,
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    kill,
    async start() {
      child = await launch(port)
    },
    async stop() {
      leftRunning.delete(server)
      if (!isGone()) {
        signal('SIGCONT')
        const gone = once(child, 'exit')
        // Its immediate shutdown: connections are cut, and its shared memory is given back, which SIGKILL would not do.
        child.kill('SIGQUIT')
        await gone
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
  leftRunning.add(server)
  await createDatabase()
  return server
}

const urlOf = (port: number, database: string): string => `postgres://latchkey@127.0.0.1:${port}/${database}`

/** Runs one statement on a connection of its own. */
async function onDatabase(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('postgres is not running')
  return child.pid
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** A process of the server may have ended by itself meanwhile. */
function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** Resolves when it accepts connections. */
function spawnPostgres(
  program: string,
  data: string,
  port: number,
  account: Account | null,
  options: PostgresServerOptions,
): Promise<ChildProcess> {
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    'unix_socket_directories=',
    'shared_buffers=16MB',
    'log_min_messages=log',
    ...(options.durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
    ...(options.settings ?? []),
  ]
  const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])]
  const env = { ...process.env, LC_ALL: 'C' }
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: data, env, ...account })
  let told = ''
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => fail(new Error(`postgres did not start:\n${told}`)), START_WAIT_MS)
    const fail = (error: Error) => {
      clearTimeout(late)
      child.kill('SIGQUIT')
      reject(error)
    }
    child.stderr.on('data', (bytes: Buffer) => {
      if (told.includes(READY)) return
      told += bytes.toString()
      if (!told.includes(READY)) return
      clearTimeout(late)
      resolve(child)
    })
    child.once('error', fail)
    child.once('exit', () => {
      const taken = /Address already in use/i.test(told)
      fail(taken ? new PortTaken(told) : new Error(`postgres ended at once:\n${told}`))
    })
  })
}
