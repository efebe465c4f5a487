/**
 * Busy terminals through one real broker, sealed, more with each step, until it bends: less than nine tenths of the
 * output arrives, more than one in a hundred is disconnected, or a key takes half a second. One line of JSON for each step, then a table.
 *
 *   node bench/load/run.mjs [--pace build] [--steps 50,100,200,400] [--per-machine 4] [--seconds 10] [--probes 4] [--minutes 15]
 *   node bench/load/run.mjs --pace agent --steps 250,500,1000,2000 --seconds 30      # 2,000 busy streams
 *   node bench/load/run.mjs --pace build --steps 250,500,750,1000,1500 --seconds 60  # Coder's rule
 *
 * Linux only. Machines, apps, broker: all on loopback and on the same cores, so the share of them that the broker had is said.
 */
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { startBrokers } from '../lib/brokers.mjs'
import { cpu, machineCpu, mem } from '../lib/proc.mjs'
import { pct, sleep } from '../lib/stats.mjs'
import { bendOf, stepsOf } from './bends.mjs'
import { Crowd } from './crowd.mjs'
import { PACES } from './paces.mjs'

/** Two sockets of each app and machine, and what a process has open besides. */
const FILES_EACH = 2
const FILES_BESIDES = 200
/** Output before the first count is not measured; the garbage of the opening is gone by then. */
const SETTLES_MS = 3_000

const { values: flags } = parseArgs({
  options: {
    pace: { type: 'string', default: 'build' },
    steps: { type: 'string', default: '50,100,200,400' },
    'per-machine': { type: 'string', default: '4' },
    seconds: { type: 'string', default: '10' },
    /** terminals in which a person types meanwhile: how long a key takes */
    probes: { type: 'string', default: '4' },
    /** the whole run ends after this */
    minutes: { type: 'string', default: '15' },
    /** goes on to the last step, bent or not */
    'to-the-end': { type: 'boolean', default: false },
  },
})
const steps = stepsOf(flags.steps)
const seconds = Number(flags.seconds)
const probes = Number(flags.probes)
const pace = PACES[flags.pace]
if (pace === undefined) throw new Error(`no such pace: ${flags.pace} (${Object.keys(PACES).join(', ')})`)

const filesMax = Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))[1])
const filesWanted = FILES_EACH * 2 * (steps.at(-1) + probes) + FILES_BESIDES
if (filesWanted > filesMax)
  process.stderr.write(
    `The broker may open ${filesMax} files, and this may need ${filesWanted}: ulimit -n ${filesWanted}\n`,
  )

const crowds = []
const rows = []
const cluster = await startBrokers({})
const [broker] = cluster.brokers
const over = setTimeout(() => {
  process.stderr.write(`Not done within ${flags.minutes} minutes.\n`)
  void end(1)
}, Number(flags.minutes) * 60_000)
process.once('SIGINT', () => void end(1))
try {
  await run()
  clearTimeout(over)
  await end(0)
} catch (problem) {
  process.stderr.write(`${problem.stack}\n`)
  await end(1)
}

async function end(code) {
  await Promise.all(crowds.map((crowd) => crowd.end()))
  await cluster.end()
  process.exit(code)
}

async function startCrowd(apps, machines, withPace) {
  const crowd = await Crowd.start({ url: broker.url, secret: cluster.secret, machines, apps, pace: withPace })
  crowds.push(crowd)
  return crowd
}

async function run() {
  const persons = probes === 0 ? null : await startCrowd(probes, 1, 'typing')
  await sleep(SETTLES_MS)
  const empty = mem([broker.pid])
  const busy = []
  let streams = 0
  for (const wanted of steps) {
    const more = wanted - streams
    busy.push(await startCrowd(more, Math.max(1, Math.ceil(more / Number(flags['per-machine']))), flags.pace))
    streams = wanted
    const row = await measure(streams, busy, persons, empty)
    rows.push(row)
    process.stdout.write(`${JSON.stringify(row)}\n`)
    if (row.bends !== null && !flags['to-the-end']) break
  }
  process.stdout.write(table(rows))
}

async function measure(streams, busy, persons, empty) {
  await sleep(SETTLES_MS)
  await Promise.all([...busy, ...(persons === null ? [] : [persons])].map((crowd) => crowd.count()))
  const before = { broker: cpu([broker.pid]), machine: machineCpu(), crowd: cpu(pidsOf(busy)) }
  const began = performance.now()
  await sleep(seconds * 1_000)
  const tookSeconds = (performance.now() - began) / 1_000
  const counts = await Promise.all(busy.map((crowd) => crowd.count()))
  const after = { broker: cpu([broker.pid]), machine: machineCpu(), crowd: cpu(pidsOf(busy)) }
  const typed = persons === null ? { echoMs: [] } : await persons.count()
  const sum = (key) => counts.reduce((all, each) => all + each[key], 0)
  const wantedBytes = streams * pace.bytesPerSecond * tookSeconds
  const memory = mem([broker.pid])
  const echo = (flags.pace === 'typing' ? counts.flatMap(({ echoMs }) => echoMs) : typed.echoMs).sort(
    (a, b) => a - b,
  )
  const brokerCores = (after.broker - before.broker) / tookSeconds
  const row = {
    streams,
    pace: flags.pace,
    seconds: round(tookSeconds),
    mbPerSecond: round(sum('bytes') / 1e6 / tookSeconds),
    rate: wantedBytes === 0 ? null : round(sum('bytes') / wantedBytes),
    disconnected: round(sum('losses') / streams),
    notLive: streams - sum('live'),
    wrongBytes: sum('wrongBytes'),
    gapBytes: sum('gapBytes'),
    keyMs: { p50: round(pct(echo, 0.5)), p99: round(pct(echo, 0.99)) },
    brokerCores: round(brokerCores),
    /** machines and apps of the load itself */
    loadCores: round((after.crowd - before.crowd) / tookSeconds),
    busyCores: round((after.machine.busy - before.machine.busy) / tookSeconds),
    cores: cpus().length,
    brokerMsPerStreamSecond: round((1_000 * brokerCores) / streams),
    brokerKibPerStream: round((memory.ussKB - empty.ussKB) / streams),
    brokerMib: round(memory.rssKB / 1_024),
  }
  return { ...row, bends: bendOf(row) }
}

function pidsOf(all) {
  return all.flatMap(({ pids }) => pids)
}

function table(all) {
  const head =
    '| streams | MB/s | of its rate | disconnected | key p50 / p99 | broker: cores, ms a stream and second, KiB a stream | load: cores | bends |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n'
  return (
    head +
    all
      .map(
        (row) =>
          `| ${row.streams} | ${row.mbPerSecond} | ${row.rate === null ? '-' : `${Math.round(100 * row.rate)} %`} | ${Math.round(1_000 * row.disconnected) / 10} % | ${row.keyMs.p50} / ${row.keyMs.p99} ms | ${row.brokerCores}, ${row.brokerMsPerStreamSecond}, ${row.brokerKibPerStream} | ${row.loadCores} | ${row.bends ?? '-'} |\n`,
      )
      .join('')
  )
}

function round(value) {
  return Number.isFinite(value) ? Math.round(value * 1_000) / 1_000 : null
}
