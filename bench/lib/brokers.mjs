/**
 * Brokers for a bench, each a process of its own on loopback: one on SQLite, or several on a Redis and a PostgreSQL of their own.
 * What they did is read from /metrics, what they cost from /proc.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { FRUGAL_ENV, FRUGAL_NODE_FLAGS } from '../../apps/runner/dist/idle-memory.js'
import { freePort, startPostgres, startRedis } from '../../deploy/trial-servers.mjs'
import { sleep } from './stats.mjs'

const BROKER = fileURLToPath(new URL('../../apps/cli/dist/bundle/broker.js', import.meta.url))
const LISTENS_WITHIN_MS = 120_000
const STOPS_WITHIN_MS = 30_000
const STARTS_MAX = 4
const STARTED_AGAIN_AFTER_MS = 2_000

/**
 * @param options.brokers how many broker instances
 * @param options.servers whether they share a Redis and a PostgreSQL; else there is one broker, on SQLite
 * @param options.sockets connections that one address may have: everything here comes from one
 * @param options.settings further settings, by the name of their variable
 */
export async function startBrokers({
  brokers: count = 1,
  servers = count > 1,
  sockets = 40_000,
  settings = {},
}) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-brokers-'))
  chmodSync(folder, 0o711)
  const stores = []
  const all = []
  const end = async () => {
    await Promise.all(all.map((broker) => broker.stop('SIGTERM')))
    await Promise.all(stores.map((server) => server.stop()))
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    if (servers) stores.push(await startRedis(folder), await startPostgres(folder))
    const [redis = null, postgres = null] = stores
    const secret = randomBytes(32).toString('base64url')
    const metricsToken = randomBytes(32).toString('base64url')
    const secretFile = join(folder, 'enrolment-secret')
    writeFileSync(secretFile, `${secret}\n`, { mode: 0o600 })
    const env = {
      ...process.env,
      ...FRUGAL_ENV,
      LATCHKEY_LOCAL: 'on',
      LATCHKEY_RUNNER_SECRET_FILE: secretFile,
      LATCHKEY_METRICS_TOKEN: metricsToken,
      LATCHKEY_LIMIT_SOCKETS: String(sockets),
      LATCHKEY_LIMIT_SOCKETS_TOTAL: String(2 * sockets),
      LATCHKEY_LIMIT_NEW_APPS: String(sockets),
      LATCHKEY_LOG: 'error',
      ...(servers ? { REDIS_URL: redis.url, DATABASE_URL: postgres.url } : {}),
      ...settings,
    }
    for (let n = 1; n <= count; n++) {
      const port = await freePort()
      const url = `http://127.0.0.1:${port}`
      const own = {
        LATCHKEY_PORT: String(port),
        LATCHKEY_DATA_DIR: join(folder, `broker-${n}`),
        ...(servers ? { LATCHKEY_NODE_URL: url } : {}),
      }
      all.push(new BrokerProcess(`broker-${n}`, url, metricsToken, { ...env, ...own }))
    }
    // The first makes the tables. A store that has just begun may be slow: on a busy machine a broker is started again.
    for (const broker of all) await started(broker)
    return { brokers: all, secret, redis, postgres, end }
  } catch (problem) {
    await end()
    throw problem
  }
}

async function started(broker) {
  for (let tries = 1; ; tries++) {
    try {
      return await broker.start()
    } catch (problem) {
      if (tries === STARTS_MAX) throw problem
      await sleep(STARTED_AGAIN_AFTER_MS)
    }
  }
}

class BrokerProcess {
  #env
  #token
  #child = null
  /** how often it ended without having been stopped here */
  crashes = 0
  /** by event, how often it logged an error */
  errors = {}
  #stopping = false

  constructor(name, url, token, env) {
    this.name = name
    this.url = url
    this.#token = token
    this.#env = env
  }

  get pid() {
    return this.#child.pid
  }

  get port() {
    return Number(new URL(this.url).port)
  }

  get isRunning() {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Starts it, or starts it again. */
  async start() {
    this.#stopping = false
    const child = spawn(process.execPath, [...FRUGAL_NODE_FLAGS, BROKER], {
      env: this.#env,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#child = child
    createInterface({ input: child.stderr }).on('line', (line) => this.#logged(line))
    await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${this.name} did not start`)), LISTENS_WITHIN_MS)
      const listening = (message) => {
        if (message.event !== 'listening') return
        clearTimeout(late)
        resolve()
      }
      child.on('message', listening)
      child.once('exit', () => reject(new Error(`${this.name} has ended: is it built?`)))
    })
    child.once('exit', () => {
      if (!this.#stopping) this.crashes++
    })
  }

  #logged(line) {
    if (!line.startsWith('{')) return void process.stderr.write(`${line}\n`)
    const { event } = JSON.parse(line)
    this.errors[event] = (this.errors[event] ?? 0) + 1
  }

  /** Ends it by this signal, and waits for its end. */
  async stop(signal) {
    if (!this.isRunning) return
    this.#stopping = true
    const child = this.#child
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    const late = setTimeout(() => child.kill('SIGKILL'), STOPS_WITHIN_MS)
    await gone
    clearTimeout(late)
  }

  /** The sums of /metrics that a bench asks about. Rejects when it does not answer. */
  async metrics() {
    const text = await (
      await fetch(`${this.url}/metrics`, { headers: { authorization: `Bearer ${this.#token}` } })
    ).text()
    const storeRuns = {}
    for (const [, labels, n] of text.matchAll(/^latchkey_store_seconds_count\{([^}]*)\} (\S+)$/gm)) {
      const [, operation] = /operation="([^"]*)"/.exec(labels)
      const [, about] = /about="([^"]*)"/.exec(labels)
      const key = `${operation} ${about}`
      storeRuns[key] = (storeRuns[key] ?? 0) + Number(n)
    }
    const sum = (name) =>
      [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce(
        (all, [, n]) => all + Number(n),
        0,
      )
    return { storeRuns, bans: sum('latchkey_bans_total'), heldOff: sum('latchkey_held_off_total') }
  }

  /** The status of /readyz; 0 when there is no answer within a second. */
  async ready() {
    try {
      return (await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(1_000) })).status
    } catch {
      return 0
    }
  }
}
