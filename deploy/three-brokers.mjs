#!/usr/bin/env node
/**
 * Three brokers as plain processes behind HAProxy, with a Redis and a PostgreSQL of their own, all on loopback: to try what
 * deploy/docker-compose.yml describes without any of it installed as a service. A broker that ends is started again. Ctrl-C
 * ends everything, and nothing of it stays. Needs a built repository (`npm start` has built it).
 *
 *   node deploy/three-brokers.mjs [--port 6969] [--direct] [--sockets 200] [--json]
 */
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { freePort, startHaproxy, startPostgres, startProgram, startRedis } from './trial-servers.mjs'

const BROKER = fileURLToPath(new URL('../apps/cli/dist/bundle/broker.js', import.meta.url))
const BROKERS = 3
/** Two open files for each connection: below a process's usual limit. */
const HAPROXY_CONNECTIONS_MAX = 4_000
const START_AGAIN_AFTER_MS = 1_000
const LISTENS_WITHIN_MS = 30_000

const { values: flags } = parseArgs({
  options: {
    port: { type: 'string', default: '6969' },
    /** terminals go straight to the broker of their machine, past HAProxy */
    direct: { type: 'boolean', default: false },
    /** connections that one address may have; everything here comes from one */
    sockets: { type: 'string', default: '10000' },
    log: { type: 'string', default: 'warn' },
    json: { type: 'boolean', default: false },
  },
})

const running = []
let ending = false

const folder = mkdtempSync(join(tmpdir(), 'latchkey-three-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end(0))
// If the parent has died, no signal to stop will come.
process.once('disconnect', () => void end(0))

try {
  await main()
} catch (problem) {
  if (!ending) process.stderr.write(`${problem.message}\n`)
  await end(1)
}

async function main() {
  if (!existsSync(BROKER)) throw new Error('The broker is not built yet: npm start builds it.')
  const secret = randomBytes(32).toString('base64url')
  const secretFile = join(folder, 'enrolment-secret')
  writeFileSync(secretFile, `${secret}\n`, { mode: 0o600 })
  chmodSync(folder, 0o711)

  const [redis, postgres] = await Promise.all([keep(startRedis(folder)), keep(startPostgres(folder))])
  const port = flags.port === '0' ? await freePort() : Number(flags.port)
  const url = `http://127.0.0.1:${port}`
  const ports = []
  while (ports.length < BROKERS) ports.push(await freePort())
  const settings = {
    LATCHKEY_LOCAL: 'on',
    LATCHKEY_PUBLIC_URL: url,
    LATCHKEY_TRUSTED_PROXIES: '127.0.0.1',
    LATCHKEY_RUNNER_SECRET_FILE: secretFile,
    LATCHKEY_LIMIT_SOCKETS: flags.sockets,
    LATCHKEY_LIMIT_NEW_APPS: flags.sockets,
    LATCHKEY_LOG: flags.log,
    REDIS_URL: redis.url,
    DATABASE_URL: postgres.url,
  }
  const brokers = ports.map((each, index) => brokerAt(index + 1, each, settings))
  const [{ consoleUrl }] = await Promise.all(brokers.map((broker) => broker.start()))
  const haproxy = await keep(
    startHaproxy(
      ports.map((each) => `127.0.0.1:${each}`),
      port,
      HAPROXY_CONNECTIONS_MAX,
    ),
  )
  tell({
    event: 'listening',
    url,
    consoleUrl,
    secretFile,
    brokers: brokers.map(({ name, url: at, pid }) => ({ name, url: at, pid: pid() })),
    redis: redis.child.pid,
    postgres: postgres.child.pid,
    haproxy: haproxy.child.pid,
  })
  await Promise.race([redis, postgres, haproxy].map(({ ended }) => ended))
  if (!ending) throw new Error('Redis, PostgreSQL or HAProxy has ended: so does the rest.')
}

/** One broker that is started again whenever it ends, on the same port and as a new broker instance. */
function brokerAt(number, port, settings) {
  const name = `broker-${number}`
  const url = `http://127.0.0.1:${port}`
  const env = {
    ...process.env,
    ...settings,
    LATCHKEY_PORT: String(port),
    LATCHKEY_DATA_DIR: join(folder, name),
    LATCHKEY_NODE_URL: url,
    ...(flags.direct ? { LATCHKEY_NODE_PUBLIC_URL: url } : {}),
  }
  let broker = null
  const start = async () => {
    broker = startProgram(process.execPath, [BROKER], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    const { child, ended } = broker
    running.push(broker)
    const listening = new Promise((resolve) => {
      child.on('message', (message) => message.event === 'listening' && resolve(message))
    })
    const late = new Promise((resolve) => setTimeout(resolve, LISTENS_WITHIN_MS).unref())
    const told = await Promise.race([listening, ended, late])
    if (told?.event !== 'listening') throw new Error(`${name} did not start.`)
    void ended.then(() => startAgain())
    return told
  }
  const startAgain = async () => {
    if (ending) return
    tell({ event: 'broker-ended', name, pid: broker.child.pid })
    await new Promise((resolve) => setTimeout(resolve, START_AGAIN_AFTER_MS))
    if (ending) return
    try {
      await start()
      tell({ event: 'broker-started', name, pid: broker.child.pid })
    } catch (problem) {
      tell({ event: 'broker-failed', name, message: problem.message })
      void startAgain()
    }
  }
  return { name, url, start, pid: () => broker.child.pid }
}

async function keep(starting) {
  const program = await starting
  running.push(program)
  return program
}

/** Brokers first, so that they can say goodbye to their stores. */
async function end(exitCode) {
  if (ending) return
  ending = true
  const isBroker = ({ child }) => child.spawnargs.includes(BROKER)
  await Promise.all(running.filter(isBroker).map((broker) => broker.stop()))
  await Promise.all(running.map((program) => program.stop()))
  process.exit(exitCode)
}

function tell(told) {
  if (flags.json) return void process.stdout.write(`${JSON.stringify(told)}\n`)
  if (told.event !== 'listening') return void process.stdout.write(`${told.name}: ${told.event}\n`)
  process.stdout.write(
    [
      'Three brokers, one address. Ctrl-C ends all of it.',
      '',
      `  Address   ${told.url}`,
      `  Console   ${told.consoleUrl}`,
      ...told.brokers.map(({ name, url, pid }) => `  ${name}  ${url} (process ${pid})`),
      '',
      'A machine, in another window:',
      '',
      `  npx latchkey run --broker ${told.url} --secret-file ${told.secretFile}`,
      '',
      `Then open ${told.url} and type its code. Kill a broker and watch: kill -9 ${told.brokers[0].pid}`,
      '',
      '',
    ].join('\n'),
  )
}
