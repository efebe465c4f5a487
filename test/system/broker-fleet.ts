import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type PostgresServer, startPostgresServer } from '@latchkey/stores/testing/postgres-server'
import { type RedisServer, startRedisServer } from '@latchkey/stores/testing/redis-server'
import { z } from 'zod'
import { within } from '../../apps/broker/src/testing/harness.ts'
import { FaultProxy, NO_FAULT } from '../faults/fault-proxy.ts'
import { cleanEnv, temporaryFolder } from './up-process.ts'

const MAIN = fileURLToPath(new URL('../../apps/cli/dist/bundle/broker.js', import.meta.url))
const START_MS_MAX = 60_000
const listening = z.looseObject({
  event: z.literal('listening'),
  port: z.number(),
  secretFile: z.string(),
  operatorSecretFile: z.string(),
})

/** One broker of a fleet: a process of its own. */
export interface FleetBroker {
  readonly url: string
  readonly port: number
  readonly secret: string
  readonly operator: string
  readonly log: () => string
  /** resident memory of the process, MiB; Linux alone tells, 0 elsewhere */
  residentMiB(): number
  pause(): void
  resume(): void
  kill(): Promise<void>
  stop(): Promise<void>
}

/** Brokers on one Redis and one PostgreSQL of their own. */
export interface Fleet {
  readonly brokers: readonly [FleetBroker, FleetBroker]
  readonly redis: RedisServer
  readonly postgres: PostgresServer
  /** the brokers' way to Redis */
  readonly way: FaultProxy
  /** Whatever a test has stopped goes on. */
  heal(): void
  stop(): Promise<void>
}

export async function startFleet(): Promise<Fleet> {
  const [redis, postgres] = await Promise.all([startRedisServer(), startPostgresServer()])
  const way = new FaultProxy(redis.port)
  const at = new URL(await way.listen())
  const env = { REDIS_URL: `redis://${at.host}`, DATABASE_URL: postgres.url }
  // One after the other: which of them is first decides the secrets of both.
  const brokers = [await startBroker(env), await startBroker(env)] as const
  const heal = () => {
    for (const each of [redis, postgres, ...brokers]) each.resume()
    way.plan = () => NO_FAULT
  }
  return {
    brokers,
    redis,
    postgres,
    way,
    heal,
    stop: async () => {
      heal()
      await Promise.all(brokers.map((broker) => broker.stop()))
      await way.close()
      await Promise.all([redis.stop(), postgres.stop()])
    },
  }
}

async function startBroker(env: Readonly<Record<string, string>>): Promise<FleetBroker> {
  const folder = temporaryFolder()
  const child = fork(MAIN, [], {
    env: cleanEnv({
      LATCHKEY_LOCAL: 'on',
      LATCHKEY_PORT: '0',
      LATCHKEY_DATA_DIR: `${folder.path}/data`,
      // One machine is everybody here.
      LATCHKEY_LIMIT_SOCKETS: '5000',
      LATCHKEY_LIMIT_NEW_APPS: '5000',
      LATCHKEY_LIMIT_MESSAGES: '100000',
      LATCHKEY_LIMIT_SESSION_FAILURES: '1000',
      LATCHKEY_LIMIT_ADDRESS_FAILURES: '1000000',
      LATCHKEY_LIMIT_PREFIX_FAILURES: '1000000',
      LATCHKEY_LIMIT_BREAKER: '1000000',
      ...env,
    }),
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let log = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  const [message] = await within('a broker to listen', once(child, 'message'), START_MS_MAX)
  const { port, secretFile, operatorSecretFile } = listening.parse(message)
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    secret: readFileSync(secretFile, 'utf8').trim(),
    operator: readFileSync(operatorSecretFile, 'utf8').trim(),
    log: () => log,
    residentMiB: () => residentMiB(child.pid ?? 0),
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill: () => ended(child, 'SIGKILL'),
    stop: async () => {
      await ended(child, 'SIGTERM')
      folder.remove()
    },
  }
}

async function ended(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGCONT')
  child.kill(signal)
  await gone
}

function residentMiB(pid: number): number {
  if (process.platform !== 'linux') return 0
  const [, kib = '0'] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kib) / 1_024
}
