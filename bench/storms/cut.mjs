/**
 * Every connection is cut at once, or a broker is killed with all that it has: how long until machines and apps are back, what was
 * refused and banned, what it cost the stores and the brokers' memory. Each machine and each app has two connections. One line of
 * JSON for each round.
 *
 *   node bench/storms/cut.mjs [--machines 50] [--apps 50] [--brokers 3] [--rounds front,kill]
 *   node bench/storms/cut.mjs --machines 2500 --apps 2500 --brokers 3 --minutes 40          # 10,000 connections
 */
import { parseArgs } from 'node:util'
import { cpu } from '../lib/proc.mjs'
import { sleep } from '../lib/stats.mjs'
import { inventory } from './resting.mjs'
import { SHARED, Storm, say, storeRuns, within } from './storm.mjs'

/** Long enough for the checks that run every few seconds anyway to be told from the storm. */
const IDLE_SECONDS = 15
const STARTS_AGAIN_AFTER_MS = 1_000
/** The last links settle, and their checks with them. */
const SETTLES_MS = 3_000

const { values: flags } = parseArgs({
  options: { ...SHARED, rounds: { type: 'string', default: 'front,kill' } },
})
const storm = await Storm.start({ ...flags, pace: 'idle' })
await within(storm, async () => {
  say(await resting())
  for (const round of flags.rounds.split(',')) say(await measure(round))
})

/** What everybody costs before the first storm: each machine with its app, and what passes in a second of rest. */
async function resting() {
  const { empty, full } = storm
  await sleep(IDLE_SECONDS * 1_000)
  const later = await inventory(storm)
  const seconds = (later.atMs - full.atMs) / 1_000
  const rate = (key) => round2((later[key] - full[key]) / seconds)
  return {
    round: 'resting',
    machines: storm.machines,
    apps: storm.apps,
    brokers: storm.brokers.length,
    brokerKibEach: round2((full.brokerKib - empty.brokerKib) / (storm.machines + storm.apps)),
    files: full.files - empty.files,
    redisBytesEach: Math.round((full.redisBytes - empty.redisBytes) / storm.machines),
    redisKeysEach: round2((full.redisKeys - empty.redisKeys) / storm.machines),
    redisChannels: full.redisChannels,
    redisPatterns: full.redisPatterns,
    postgresRows: full.postgresRows,
    redisCommandsPerSecond: rate('redisCommands'),
    postgresTransactionsPerSecond: rate('postgresTransactions'),
    brokerCores: rate('brokerCpuSeconds'),
  }
}

async function measure(round) {
  const pids = () => storm.brokers.map(({ pid }) => pid)
  const idleBefore = await storm.metrics()
  const idleCpuBefore = cpu(pids())
  await sleep(IDLE_SECONDS * 1_000)
  const before = await storm.metrics()
  const idle = Object.fromEntries(
    Object.entries(before.storeRuns).map(([kind, n]) => [
      kind,
      (n - (idleBefore.storeRuns[kind] ?? 0)) / IDLE_SECONDS,
    ]),
  )
  const restingMib = storm.peakMib()
  const stockBefore = await inventory(storm)
  const cpuBefore = cpu(pids())
  const idleCores = (cpuBefore - idleCpuBefore) / IDLE_SECONDS
  for (const crowd of storm.crowds) crowd.refusals = {}
  const sinceMs = Date.now()
  const [victim] = storm.brokers
  if (round === 'front') storm.cut()
  else await victim.stop('SIGKILL')
  const restarted = round === 'front' ? null : sleep(STARTS_AGAIN_AFTER_MS).then(() => victim.start())
  const back = await storm.back(sinceMs, { everybody: round === 'front' })
  await restarted
  // The killed broker's time is gone with it.
  const tookSeconds = (Date.now() - sinceMs) / 1_000
  const cpuSeconds = round === 'front' ? Math.max(0, cpu(pids()) - cpuBefore - idleCores * tookSeconds) : null
  await sleep(SETTLES_MS)
  const after = await storm.metrics()
  const ends = back.machines.affected + back.apps.affected
  // A killed broker's counts are gone with it, and so are those of what it answered: the others are compared alone.
  const runs = round === 'front' ? storeRuns(before, after, idle, (Date.now() - sinceMs) / 1_000) : null
  const all = runs === null ? null : Object.values(runs).reduce((sum, n) => sum + n, 0)
  return {
    round,
    connections: 2 * ends,
    ...back,
    machinesBanned: after.bans - (round === 'front' ? before.bans : 0),
    heldOff: after.heldOff - (round === 'front' ? before.heldOff : 0),
    newLives: storm.crowds.reduce((sum, { newLives }) => sum + newLives, 0) - storm.machines,
    brokerCpuMsEach: cpuSeconds === null ? null : round2((1_000 * cpuSeconds) / ends),
    publishedEach: round2(((await inventory(storm)).redisPublished - stockBefore.redisPublished) / ends),
    storeRuns: runs,
    storeRunsEach: all === null ? null : { connection: round2(all / (2 * ends)), end: round2(all / ends) },
    restingMib,
    peakMib: storm.peakMib(),
    ...storm.ended(),
  }
}

function round2(value) {
  return Math.round(value * 100) / 100
}
