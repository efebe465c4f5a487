// A file to the machine over a slow, distant way, beside a plain WebSocket over the same way, and the echo of keys meanwhile.
// Rounds take turns. Prints one line of JSON a round, then the medians. Build first: npm run build.
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { appFiles } from '@latchkey/connection/app/app-files'
import { WebSocketServer } from 'ws'
import { nodeDigest } from '../apps/cli/dist/files/node-files.js'
import latchkey from './adapters/latchkey.mjs'
import { echoSamples, openReady } from './lib/driver.mjs'
import { withProxy } from './lib/scenarios.mjs'
import { median, summary } from './lib/stats.mjs'
import { wsOpen } from './lib/ws-client.mjs'

const MB = Number(process.env.LATCHKEY_FILE_MB ?? 100)
const ROUNDS = Number(process.env.LATCHKEY_FILE_ROUNDS ?? 3)
const WAY = { rate: 10e6, delayMs: 20 }
const CHUNK_BYTES = 32 * 1024
/** What a plain WebSocket may have queued; the proxy holds one product of rate and delay by itself. */
const QUEUED_BYTES = 1024 * 1024

const bytes = randomBytes(MB * 1e6)

/** Seconds until a server at the other end has all of it. */
async function plain() {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
  await new Promise((resolve) => server.once('listening', resolve))
  server.on('connection', (socket) => {
    let have = 0
    socket.on('message', (piece) => {
      have += piece.length
      if (have === bytes.length) socket.send('all')
    })
  })
  try {
    return await withProxy({ port: server.address().port }, WAY, async ({ port }) => {
      const socket = await wsOpen(`ws://127.0.0.1:${port}`)
      const startMs = performance.now()
      const all = new Promise((resolve) => socket.once('message', resolve))
      for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
        socket.send(bytes.subarray(at, at + CHUNK_BYTES))
        while (socket.bufferedAmount > QUEUED_BYTES) await new Promise((resolve) => setTimeout(resolve, 1))
      }
      await all
      socket.close()
      return (performance.now() - startMs) / 1_000
    })
  } finally {
    server.close()
  }
}

/** Seconds of a sealed file, and the echo of keys before and meanwhile, in milliseconds. */
const sealed = (ctx) =>
  withProxy(ctx, WAY, async (via) => {
    const files = appFiles({ newDigest: nodeDigest, nowMs: () => performance.now() })
    const terminal = await openReady(latchkey, ctx, { via, features: [files.feature] })
    await terminal.startEcho()
    const resting = await echoSamples(terminal, 100)
    const startMs = performance.now()
    const source = {
      name: 'bench.bin',
      bytes: bytes.length,
      read: async (from, to) => bytes.subarray(from, to),
    }
    const sending = files.send({ key: randomBytes(16).toString('hex'), source, terminal: null, into: 'own' })
    let isOver = false
    const done = new Promise((resolve, reject) => {
      sending.state.subscribe((state) => {
        if (state.status === 'done') resolve(state.path)
        if (state.status === 'refused') reject(new Error(state.message))
      })
    }).finally(() => {
      isOver = true
    })
    const beside = []
    while (!isOver) beside.push(...(await echoSamples(terminal, 10)).samples)
    fs.rmSync(await done)
    const seconds = (performance.now() - startMs) / 1_000
    await terminal.finish()
    return { seconds, resting: resting.samples, beside }
  })

const ctx = await latchkey.start()
const rounds = []
try {
  for (let round = 0; round < ROUNDS; round++) {
    const plainSeconds = await plain()
    const { seconds, resting, beside } = await sealed(ctx)
    const told = {
      plainMBps: MB / plainSeconds,
      fileMBps: MB / seconds,
      rateShare: plainSeconds / seconds,
      echoP99Ms: summary(resting).p99,
      echoP50Ms: summary(resting).p50,
      besideP50Ms: summary(beside).p50,
      besideP99Ms: summary(beside).p99,
      echoTimes: summary(beside).p99 / summary(resting).p99,
    }
    rounds.push(told)
    console.log(
      JSON.stringify(told, (_, value) => (typeof value === 'number' ? Number(value.toFixed(2)) : value)),
    )
  }
  for (const figure of ['rateShare', 'echoTimes'])
    console.log(figure, median(rounds.map((told) => told[figure])).toFixed(2))
} finally {
  await latchkey.stop(ctx)
}
