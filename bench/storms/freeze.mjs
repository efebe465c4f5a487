/**
 * Redis and PostgreSQL are frozen (SIGSTOP) under apps that type, then go on. Counts ends, lost bytes and the
 * answers of /readyz, and measures how long until everything is well again. One line of JSON for each round: `both`, `redis`, `postgres`, or `empty`, in which Redis
 * forgets everything instead.
 *
 *   node bench/storms/freeze.mjs [--machines 10] [--apps 20] [--brokers 2] [--seconds 20] [--rounds both]
 *   node bench/storms/freeze.mjs --machines 100 --apps 200 --brokers 3 --seconds 120 --rounds both,empty
 */
import { parseArgs } from 'node:util'
import { Redis } from 'ioredis'
import { tree } from '../lib/proc.mjs'
import { pct, sleep } from '../lib/stats.mjs'
import { SHARED, Storm, say, within } from './storm.mjs'

const LOOKED_AT_EVERY_MS = 500
const READY_WITHIN_MS = 60_000
/** Brokers compare their connections with the store every five seconds. */
const NOTICED_WITHIN_MS = 12_000

const { values: flags } = parseArgs({
  options: {
    ...SHARED,
    machines: { type: 'string', default: '10' },
    apps: { type: 'string', default: '20' },
    brokers: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '20' },
    rounds: { type: 'string', default: 'both' },
  },
})
const storm = await Storm.start({ ...flags, pace: 'typing' })
await within(storm, async () => {
  for (const round of flags.rounds.split(',')) say(await measure(round))
  say({ lostKeys: await storm.lostKeys() })
})

async function measure(round) {
  const before = await storm.metrics()
  storm.peakMib()
  await storm.counts()
  const { redis, postgres } = storm.cluster
  const pids = [
    ...(round === 'postgres' ? [] : tree([redis.child.pid])),
    ...(round === 'redis' ? [] : tree([postgres.child.pid])),
  ].map(({ pid }) => pid)
  const readiness = new Map()
  const look = setInterval(() => void readyTo(readiness), LOOKED_AT_EVERY_MS)
  const sinceMs = Date.now()
  let during = null
  if (round === 'empty') {
    await forgetAll(redis.url)
    await sleep(NOTICED_WITHIN_MS)
  } else {
    for (const pid of pids) signal(pid, 'SIGSTOP')
    await sleep(Number(flags.seconds) * 1_000)
    during = await storm.counts()
    for (const pid of pids) signal(pid, 'SIGCONT')
  }
  const overMs = Date.now()
  const readyAgainMs = await ready().then(() => Date.now() - overMs)
  const back = await storm.back(sinceMs)
  await sleep(5_000)
  clearInterval(look)
  const rest = await storm.counts()
  const after = await storm.metrics()
  const keys = during?.echoMs.sort((a, b) => a - b) ?? []
  return {
    round,
    seconds: Number(flags.seconds),
    ...(during === null
      ? {}
      : {
          keysTypedMeanwhile: keys.length,
          keyMsMeanwhile: { p50: whole(pct(keys, 0.5)), p99: whole(pct(keys, 0.99)) },
          lostLinksMeanwhile: during.losses,
        }),
    readyz: Object.fromEntries(readiness),
    readyAgainMs,
    ...back,
    wrongBytes: back.wrongBytes + (during?.wrongBytes ?? 0) + rest.wrongBytes,
    gapBytes: back.gapBytes + (during?.gapBytes ?? 0) + rest.gapBytes,
    liveAtTheEnd: rest.live,
    newLives: storm.crowds.reduce((sum, { newLives }) => sum + newLives, 0) - storm.machines,
    bans: after.bans - before.bans,
    heldOff: after.heldOff - before.heldOff,
    peakMib: storm.peakMib(),
    ...storm.ended(),
  }
}

/** How often each answer of /readyz was heard; 0 is none within a second. */
async function readyTo(readiness) {
  for (const status of await Promise.all(storm.brokers.map((broker) => broker.ready())))
    readiness.set(status, (readiness.get(status) ?? 0) + 1)
}

async function ready() {
  const end = performance.now() + READY_WITHIN_MS
  while (performance.now() < end) {
    const all = await Promise.all(storm.brokers.map((broker) => broker.ready()))
    if (all.every((status) => status === 200)) return
    await sleep(50)
  }
}

async function forgetAll(url) {
  const redis = new Redis(url)
  await redis.flushall()
  redis.disconnect()
}

/** A process of PostgreSQL may have ended by itself meanwhile. */
function signal(pid, name) {
  try {
    process.kill(pid, name)
  } catch (problem) {
    if (problem.code !== 'ESRCH') throw problem
  }
}

function whole(ms) {
  return ms === undefined || Number.isNaN(ms) ? null : Math.round(ms)
}
