/**
 * Many machines and apps at three brokers, all typing, and one broker ends: how long until each app types again, and what was
 * lost. Rounds: killed with SIGKILL, stopped with SIGTERM, and halted with SIGSTOP, as a virtual machine that hangs.
 *
 *   node bench/brokers/one-broker-killed.mjs [--machines 100] [--apps 200] [--rounds kill,kill,term,halt]
 */
import { parseArgs } from 'node:util'
import { pct, sleep } from '../lib/stats.mjs'
import { holds, startApp } from './apps.mjs'
import { endAll, startMachines, startThree } from './trial.mjs'

const TYPED_EVERY_MS = 500
const AT_ONCE = 10
const HALTED_MS = 35_000
const BACK_WITHIN_MS = 30_000

const { values: flags } = parseArgs({
  options: {
    machines: { type: 'string', default: '100' },
    apps: { type: 'string', default: '200' },
    rounds: { type: 'string', default: 'kill,kill,kill,term,halt' },
  },
})
const rounds = {
  kill: async (three, name) => {
    process.kill(three.pidOf(name), 'SIGKILL')
    return three.back(name)
  },
  term: async (three, name) => {
    process.kill(three.pidOf(name), 'SIGTERM')
    return three.back(name)
  },
  halt: async (three, name) => {
    const pid = three.pidOf(name)
    process.kill(pid, 'SIGSTOP')
    await sleep(HALTED_MS)
    process.kill(pid, 'SIGCONT')
    await sleep(5_000)
  },
}

try {
  await measure()
} finally {
  await endAll()
}
process.exit()

async function measure() {
  const three = await startThree()
  const machines = Number(flags.machines)
  const codes = await startMachines(three, three.url, machines, Math.min(4, machines))
  const apps = await many(Number(flags.apps), (n) => startApp(three.url, codes[n % codes.length], `app ${n}`))
  const typists = apps.map((app) =>
    setInterval(() => app.typeNext(), TYPED_EVERY_MS * (0.9 + Math.random() * 0.2)),
  )
  for (const round of flags.rounds.split(',')) {
    await sleep(5_000)
    process.stdout.write(`${JSON.stringify(await measureRound(three, apps, round))}\n`)
  }
  for (const typist of typists) clearInterval(typist)
  await holds('everything to come back', () => apps.every((app) => app.expected.length === 0)).catch(() => {})
  process.stdout.write(
    `${JSON.stringify({
      machines,
      apps: apps.length,
      bytesTyped: sum(apps, (app) => app.typedBytes),
      bytesMissing: sum(apps, (app) => app.expected.reduce((bytes, each) => bytes + each.length, 0)),
      bytesWrong: sum(apps, (app) => app.wrongBytes),
      drawnAnew: sum(apps, (app) => app.drawnAnew),
    })}\n`,
  )
  for (const app of apps) app.close()
}

async function measureRound(three, apps, round) {
  const name = three.busiest()
  const channels = three.channelsOf(name)
  const lost = new Set()
  const stops = apps.map((app) =>
    app.link.state.subscribe((state) => state.status !== 'live' && lost.add(app)),
  )
  const began = performance.now()
  const done = rounds[round](three, name)
  // Bytes typed from now on, and when their echo came back.
  const marks = apps.map((app) => app.typedBytes)
  const backMs = apps.map(() => null)
  await holds(
    'everybody to type again',
    () => {
      apps.forEach((app, index) => {
        if (backMs[index] === null && app.drawnBytes > marks[index]) backMs[index] = performance.now() - began
      })
      return backMs.every((ms) => ms !== null)
    },
    BACK_WITHIN_MS,
  ).catch(() => {})
  await done
  for (const stop of stops) stop?.()
  const affected = backMs.filter((ms, index) => ms !== null && lost.has(apps[index])).sort((a, b) => a - b)
  const spared = backMs.filter((ms, index) => ms !== null && !lost.has(apps[index])).sort((a, b) => a - b)
  return {
    round,
    channelsThere: channels,
    neverBack: backMs.filter((ms) => ms === null).length,
    ...(backMs.includes(null)
      ? {
          statesOfThose: apps
            .filter((_, index) => backMs[index] === null)
            .map((app) => app.link.state.current),
        }
      : {}),
    affected: affected.length,
    typesAgainMs: {
      p50: whole(pct(affected, 0.5)),
      p90: whole(pct(affected, 0.9)),
      last: whole(affected.at(-1)),
    },
    sparedMs: { p50: whole(pct(spared, 0.5)), last: whole(spared.at(-1)) },
  }
}

/** A few at a time: the start of two hundred apps is not measured. */
async function many(count, start) {
  const all = []
  let next = 0
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < count) {
        const n = next++
        all[n] = await start(n)
      }
    }),
  )
  return all
}

function sum(all, of) {
  return all.reduce((total, each) => total + of(each), 0)
}

function whole(ms) {
  return ms === undefined || Number.isNaN(ms) ? null : Math.round(ms)
}
