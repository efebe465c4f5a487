/**
 * The parts of every storm: brokers, a front that can be cut, machines and apps in several processes, and the counts before,
 * during and after. Everything is on loopback, bounded in time, and ended by its process id.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startBrokers } from '../lib/brokers.mjs'
import { mem } from '../lib/proc.mjs'
import { pct, sleep } from '../lib/stats.mjs'
import { Crowd } from '../load/crowd.mjs'
import { inventory } from './resting.mjs'

const FRONT = fileURLToPath(new URL('front.mjs', import.meta.url))
const LOOKED_AT_EVERY_MS = 500
/** A link that was reset is known to be lost by then. */
const NOTICED_WITHIN_MS = 2_000
/** A link that has lasted so long begins its waits anew: before that, a cut would find no crowd at rest. */
const RESTS_MS = 8_000

/** A key is back by then, or lost. */
const ECHOED_WITHIN_MS = 5_000

/** The options that all storms share, for `parseArgs`. */
export const SHARED = {
  machines: { type: 'string', default: '50' },
  apps: { type: 'string', default: '50' },
  brokers: { type: 'string', default: '3' },
  /** machines and apps of one process */
  'per-process': { type: 'string', default: '500' },
  /** how long everybody has to come back */
  'back-within': { type: 'string', default: '120' },
  /** the whole run ends after this */
  minutes: { type: 'string', default: '20' },
}

export class Storm {
  crowds = []
  #fronts = []
  #peak = new Map()
  #sampling = null
  #over = null

  static async start({ pace, ...flags }) {
    const storm = new Storm()
    storm.backWithinMs = Number(flags['back-within']) * 1_000
    storm.machines = Number(flags.machines)
    storm.apps = Number(flags.apps)
    tellFiles(2 * (storm.machines + storm.apps))
    storm.#over = setTimeout(() => {
      process.stderr.write(`Not done within ${flags.minutes} minutes.\n`)
      void storm.end(1)
    }, Number(flags.minutes) * 60_000)
    process.once('SIGINT', () => void storm.end(1))
    try {
      await storm.#begin(pace, flags)
    } catch (problem) {
      process.stderr.write(`${problem.stack}\n`)
      await storm.end(1)
    }
    return storm
  }

  async #begin(pace, flags) {
    this.cluster = await startBrokers({ brokers: Number(flags.brokers), servers: true })
    this.brokers = this.cluster.brokers
    await sleep(RESTS_MS)
    this.empty = await inventory(this)
    const perProcess = Number(flags['per-process'])
    const crowds = Math.ceil(Math.max(this.machines, this.apps) / perProcess)
    const shareOf = (all, n) => Math.floor(all / crowds) + (n < all % crowds ? 1 : 0)
    for (let n = 0; n < crowds; n++) {
      const [url, appsUrl] = [await this.#startFront(), await this.#startFront()]
      const [machines, apps] = [shareOf(this.machines, n), shareOf(this.apps, n)]
      this.crowds.push(await Crowd.start({ url, appsUrl, secret: this.cluster.secret, machines, apps, pace }))
    }
    this.#sampling = setInterval(() => this.#sample(), LOOKED_AT_EVERY_MS)
    await sleep(RESTS_MS)
    await this.counts()
    this.full = await inventory(this)
  }

  /** Ends every connection at once. */
  cut() {
    for (const front of this.#fronts) front.send({ order: 'cut' })
  }

  /** Since they were asked last, all crowds together. */
  async counts() {
    const all = await Promise.all(this.crowds.map((crowd) => crowd.count()))
    const sum = (key) => all.reduce((total, each) => total + each[key], 0)
    return {
      live: sum('live'),
      losses: sum('losses'),
      bytes: sum('bytes'),
      wrongBytes: sum('wrongBytes'),
      gapBytes: sum('gapBytes'),
      drawnAnew: sum('drawnAnew'),
      untypedBytes: sum('untypedBytes'),
      echoMs: all.flatMap(({ echoMs }) => echoMs),
      backAtMs: all.flatMap(({ backAtMs }) => backAtMs),
      outagesMs: all.flatMap(({ outagesMs }) => outagesMs),
      codes: merged(all.map(({ codes }) => codes)),
    }
  }

  /**
   * Waits until every machine and every app that was away is back, or the time is over. Answers with the times since `sinceMs`.
   * @param options.everybody whether all of them lose their links; else those that have lost none by now are spared
   */
  async back(sinceMs, { everybody = false } = {}) {
    const endMs = Date.now() + this.backWithinMs
    let counts = []
    await sleep(NOTICED_WITHIN_MS)
    for (;;) {
      const last = await this.counts()
      counts = [...counts, last]
      const machines = this.#onlineAtMs()
      const isBack = (atMs) => atMs !== null && (!everybody || atMs >= sinceMs)
      const done = last.live === this.apps && machines.every(isBack) && last.backAtMs.every(isBack)
      if (done || Date.now() > endMs) {
        const times = (all) => {
          // A time from before the storm: it was not away.
          const away = all.filter((atMs) => atMs === null || atMs >= sinceMs)
          const back = away.filter(isBack).map((atMs) => atMs - sinceMs)
          const sorted = back.sort((a, b) => a - b)
          return {
            affected: away.length,
            neverBack: away.length - back.length,
            halfMs: whole(pct(sorted, 0.5)),
            nineTenthsMs: whole(pct(sorted, 0.9)),
            lastMs: whole(sorted.at(-1)),
          }
        }
        const sum = (key) => counts.reduce((total, each) => total + each[key], 0)
        return {
          machines: times(machines),
          apps: times(last.backAtMs),
          outagesMs: outages(counts.flatMap(({ outagesMs }) => outagesMs)),
          refusals: {
            machines: merged(this.crowds.map(({ refusals }) => refusals)),
            apps: merged(counts.map(({ codes }) => codes)),
          },
          wrongBytes: sum('wrongBytes'),
          gapBytes: sum('gapBytes'),
          drawnAnew: sum('drawnAnew'),
          untypedBytes: last.untypedBytes,
        }
      }
      await sleep(LOOKED_AT_EVERY_MS)
    }
  }

  /** What all running brokers have counted since they started. A broker that ended has taken its counts along. */
  async metrics() {
    const all = await Promise.all(
      this.brokers.filter(({ isRunning }) => isRunning).map((each) => each.metrics()),
    )
    return {
      storeRuns: merged(all.map(({ storeRuns }) => storeRuns)),
      bans: all.reduce((total, { bans }) => total + bans, 0),
      heldOff: all.reduce((total, { heldOff }) => total + heldOff, 0),
    }
  }

  /** The most that each broker has held since the last question, in MiB. */
  peakMib() {
    const peaks = Object.fromEntries([...this.#peak].map(([name, kb]) => [name, Math.round(kb / 1_024)]))
    this.#peak.clear()
    return peaks
  }

  /** Ends the typing; answers with how many keys never came back. */
  async lostKeys() {
    for (const crowd of this.crowds) crowd.quiet()
    await sleep(ECHOED_WITHIN_MS)
    return (await this.counts()).untypedBytes
  }

  /** Zero in every storm: ends of processes, lives and terminals. */
  ended() {
    return {
      processesEnded:
        this.brokers.reduce((all, { crashes }) => all + crashes, 0) +
        this.crowds.reduce((all, { ended }) => all + ended, 0),
      brokerErrors: merged(this.brokers.map(({ errors }) => errors)),
      machinesFailed: this.crowds.reduce((all, { failed }) => all + failed, 0),
      troubles: merged(this.crowds.flatMap(({ troubles }) => troubles.map((each) => ({ [each]: 1 })))),
    }
  }

  async end(code) {
    clearTimeout(this.#over)
    clearInterval(this.#sampling)
    await Promise.all(this.crowds.map((crowd) => crowd.end()))
    for (const front of this.#fronts) front.disconnect()
    await this.cluster?.end()
    process.exit(code)
  }

  async #startFront() {
    const front = fork(FRONT, [this.brokers.map(({ port }) => port).join(',')])
    this.#fronts.push(front)
    const [{ port }] = await once(front, 'message')
    return `http://127.0.0.1:${port}`
  }

  #onlineAtMs() {
    return this.crowds.flatMap(({ onlineAtMs }) => [...onlineAtMs.values()])
  }

  #sample() {
    for (const broker of this.brokers) {
      if (!broker.isRunning) continue
      const { rssKB } = mem([broker.pid])
      this.#peak.set(broker.name, Math.max(this.#peak.get(broker.name) ?? 0, rssKB))
    }
  }
}

/** Runs a storm to its end, whatever happens in it. */
export async function within(storm, run) {
  try {
    await run()
    await storm.end(0)
  } catch (problem) {
    process.stderr.write(`${problem.stack}\n`)
    await storm.end(1)
  }
}

export const say = (told) => process.stdout.write(`${JSON.stringify(told)}\n`)

/** Runs of the store between two readings, each kind, without those that happen anyway. */
export function storeRuns(before, after, idlePerSecond, seconds) {
  const runs = Object.entries(after.storeRuns).map(([kind, n]) => [
    kind,
    Math.max(0, Math.round(n - (before.storeRuns[kind] ?? 0) - (idlePerSecond[kind] ?? 0) * seconds)),
  ])
  return Object.fromEntries(runs.filter(([, n]) => n > 0))
}

/** Adds up objects of numbers. */
export function merged(all) {
  const sums = {}
  for (const each of all) for (const [key, n] of Object.entries(each)) sums[key] = (sums[key] ?? 0) + n
  return sums
}

/** How long an app was away, each time. */
function outages(all) {
  const sorted = all.sort((a, b) => a - b)
  return {
    count: sorted.length,
    p50: whole(pct(sorted, 0.5)),
    p90: whole(pct(sorted, 0.9)),
    most: whole(sorted.at(-1)),
  }
}

function whole(ms) {
  return ms === undefined || Number.isNaN(ms) ? null : Math.round(ms)
}

/** A process cannot raise its own hard limit: it says the number that it needs. A front has two files for each connection. */
function tellFiles(connections) {
  const filesMax = Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))[1])
  const wanted = connections + 500
  if (wanted > filesMax)
    process.stderr.write(
      `A process may open ${filesMax} files here, and a broker may need ${wanted}: ulimit -n ${wanted}\n`,
    )
}
