/**
 * The cost of many idle connections to one broker: memory for each control connection,
 * connects that failed, how long a heartbeat waits. The clients speak the wire themselves, so that one process is enough.
 *
 *   node bench/brokers/idle-connections.mjs [--connections 10000] [--as apps|runners] [--hold 60]
 *   node bench/brokers/idle-connections.mjs --connections 1000 --heap    # by class, from two heap snapshots
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { WebSocket } from 'ws'
import { cpu, mem } from '../lib/proc.mjs'
import { sleep } from '../lib/stats.mjs'
import { growthEach, HEAP_FLAG, heapByClass } from './heap-by-class.mjs'

const BROKER = fileURLToPath(new URL('../../apps/cli/dist/bundle/broker.js', import.meta.url))
const AT_ONCE = 64
const CONNECT_WITHIN_MS = 15_000
const HEARTBEAT_EVERY_MS = 10_000
const SYMBOLS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

const { values: flags } = parseArgs({
  options: {
    connections: { type: 'string', default: '10000' },
    as: { type: 'string', default: 'apps' },
    hold: { type: 'string', default: '60' },
    heap: { type: 'boolean', default: false },
  },
})
const wanted = Number(flags.connections)
const asRunners = flags.as === 'runners'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-idle-'))
const broker = await startBroker()
try {
  await measure(broker)
} finally {
  broker.child.kill('SIGTERM')
  rmSync(folder, { recursive: true, force: true })
}
process.exit()

async function startBroker() {
  const child = spawn(
    process.execPath,
    [
      ...(flags.heap ? [HEAP_FLAG] : []),
      BROKER,
      '--port=0',
      '--local',
      `--data-dir=${folder}`,
      `--limit-sockets=${2 * wanted}`,
      `--limit-sockets-total=${4 * wanted + 100}`,
      '--limit-address-failures=1000000',
      '--log=error',
    ],
    { cwd: folder, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  )
  const told = await new Promise((resolve, reject) => {
    child.on('message', (message) => message.event === 'listening' && resolve(message))
    child.once('exit', () => reject(new Error('the broker has ended: is it built?')))
  })
  return { child, port: told.port, secret: readFileSync(told.secretFile, 'utf8').trim() }
}

async function measure({ child, port, secret }) {
  await sleep(2_000)
  // Code and caches that the first connections bring are not the cost of one more.
  const heapBefore = flags.heap ? await warmHeap(child.pid, port, secret) : null
  const before = mem([child.pid])
  const cpuBefore = cpu([child.pid])
  const began = performance.now()
  const clients = []
  let failed = 0
  const queue = Array.from({ length: wanted }, (_, n) => n)
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let n = queue.pop(); n !== undefined; n = queue.pop()) {
        try {
          const client = await openClient(port)
          clients.push(client)
          if (asRunners) await client.register(`runner-${n}`, secret)
        } catch {
          failed++
        }
      }
    }),
  )
  const connectSeconds = (performance.now() - began) / 1_000
  const connectCpu = cpu([child.pid]) - cpuBefore
  if (asRunners) for (const client of clients) client.beat()
  await sleep(15_000)
  const cpuHeld = cpu([child.pid])
  const heldSince = performance.now()
  for (const client of clients) client.waits.length = 0
  await sleep(Number(flags.hold) * 1_000)
  const heldCores = (cpu([child.pid]) - cpuHeld) / ((performance.now() - heldSince) / 1_000)
  const after = mem([child.pid])
  const waits = clients.flatMap((client) => client.waits).sort((a, b) => a - b)
  const at = (share) => waits[Math.min(waits.length - 1, Math.floor(waits.length * share))]
  const lost = clients.filter((client) => client.isLost()).length
  process.stdout.write(
    `${JSON.stringify({
      connections: clients.length,
      as: flags.as,
      failedConnects: failed,
      lostWhileIdle: lost,
      kibEach: round((after.rssKB - before.rssKB) / clients.length),
      residentMib: { before: round(before.rssKB / 1_024), after: round(after.rssKB / 1_024) },
      connectsPerSecond: Math.round(clients.length / connectSeconds),
      cpuMsEachConnect: round((connectCpu * 1_000) / clients.length),
      coresWhileIdle: round(heldCores),
      ...(waits.length === 0
        ? {}
        : {
            heartbeats: waits.length,
            heartbeatMs: { p50: round(at(0.5)), p99: round(at(0.99)), max: round(at(1)) },
          }),
    })}\n`,
  )
  if (heapBefore !== null)
    for (const { key, bytesEach, objectsEach } of growthEach(
      heapBefore,
      await heapByClass(child.pid, folder),
      clients.length,
    ))
      process.stdout.write(`${String(Math.round(bytesEach)).padStart(7)} B ${round(objectsEach)} ${key}\n`)
  for (const client of clients) client.end()
}

async function warmHeap(pid, port, secret) {
  const warm = await Promise.all(Array.from({ length: 50 }, () => openClient(port)))
  if (asRunners) for (const [n, client] of warm.entries()) await client.register(`warm-${n}`, secret)
  return heapByClass(pid, folder)
}

/** One connection in the default namespace: Engine.IO 4 and Socket.IO 5 packets, by hand. */
function openClient(port) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`, {
      perMessageDeflate: false,
      handshakeTimeout: CONNECT_WITHIN_MS,
    })
    const answers = new Map()
    let lastCall = 0
    let lost = false
    let timer = null
    const late = setTimeout(() => socket.terminate(), CONNECT_WITHIN_MS)
    const call = (name, request) =>
      new Promise((answer) => {
        answers.set(++lastCall, answer)
        socket.send(`42${lastCall}${JSON.stringify([name, request])}`)
      })
    const client = {
      waits: [],
      isLost: () => lost,
      async register(runnerId, secret) {
        const answer = await call('runner:register', { runnerId, pairingCode: randomCode(), secret })
        if (!answer.success) throw new Error(answer.code)
        client.runnerId = runnerId
      },
      beat() {
        const again = async () => {
          timer = setTimeout(() => void again(), HEARTBEAT_EVERY_MS)
          const sent = performance.now()
          await call('runner:heartbeat', { runnerId: client.runnerId })
          client.waits.push(performance.now() - sent)
        }
        timer = setTimeout(() => void again(), Math.random() * HEARTBEAT_EVERY_MS)
      },
      end() {
        clearTimeout(timer)
        socket.terminate()
      },
    }
    socket.on('error', () => {})
    socket.once('close', () => {
      lost = true
      clearTimeout(late)
      reject(new Error('closed'))
    })
    socket.on('message', (data) => {
      const text = Buffer.from(data).toString()
      if (text === '2') socket.send('3')
      else if (text.startsWith('0')) socket.send('40')
      else if (text.startsWith('40')) {
        clearTimeout(late)
        resolve(client)
      } else if (text.startsWith('43')) {
        const [, id, body] = /^43(\d+)(.*)$/s.exec(text)
        answers.get(Number(id))?.(JSON.parse(body)[0])
        answers.delete(Number(id))
      }
    })
  })
}

function randomCode() {
  return [...randomBytes(9)]
    .map((byte) => SYMBOLS[byte & 31])
    .join('')
    .replace(/(...)(...)(...)/, '$1-$2-$3')
}

function round(value) {
  return Math.round(value * 100) / 100
}
