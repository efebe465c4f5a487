/**
 * Brokers end under apps that type: `roll` stops them in good order, one after the other, and starts each again before the next;
 * `most` kills all but one, spread over a time, and starts none of them. How long each of those affected could not type, and what
 * was lost. One line of JSON for each broker that ended.
 *
 *   node bench/storms/roll.mjs [--machines 10] [--apps 20] [--brokers 3] [--rounds roll]
 *   node bench/storms/roll.mjs --machines 100 --apps 200                                            # three, one by one
 *   node bench/storms/roll.mjs --machines 100 --apps 200 --brokers 7 --rounds most --spread 60      # six of seven
 */
import { parseArgs } from 'node:util'
import { sleep } from '../lib/stats.mjs'
import { SHARED, Storm, say, within } from './storm.mjs'

/** Between two brokers of a roll, as a deployment waits for the new one to be ready. */
const RESTS_MS = 8_000

const { values: flags } = parseArgs({
  options: {
    ...SHARED,
    machines: { type: 'string', default: '10' },
    apps: { type: 'string', default: '20' },
    rounds: { type: 'string', default: 'roll' },
    /** seconds over which `most` kills */
    spread: { type: 'string', default: '60' },
  },
})
const storm = await Storm.start({ ...flags, pace: 'typing' })
await within(storm, async () => {
  for (const round of flags.rounds.split(',')) await (round === 'most' ? most() : roll())
})

async function roll() {
  for (const broker of storm.brokers) {
    await storm.counts()
    const sinceMs = Date.now()
    const restarted = broker.stop('SIGTERM').then(() => broker.start())
    await restarted
    say(await told('roll', broker, sinceMs))
    await sleep(RESTS_MS)
  }
  await finish()
}

async function most() {
  const dying = storm.brokers.slice(1)
  await storm.counts()
  const sinceMs = Date.now()
  const everyMs = (Number(flags.spread) * 1_000) / dying.length
  for (const broker of dying) {
    await broker.stop('SIGKILL')
    await sleep(everyMs)
  }
  say({ ...(await told('most', storm.brokers[0], sinceMs)), killed: dying.length })
  await finish()
}

async function told(round, broker, sinceMs) {
  const back = await storm.back(sinceMs)
  return { round, broker: broker.name, ...back, peakMib: storm.peakMib(), ...storm.ended() }
}

/** Everything that was typed has come back by then, or is lost. */
async function finish() {
  await sleep(RESTS_MS)
  const { bans, heldOff } = await storm.metrics()
  const { live, wrongBytes, gapBytes } = await storm.counts()
  const lostKeys = await storm.lostKeys()
  say({
    live,
    wrongBytes,
    gapBytes,
    lostKeys,
    bans,
    heldOff,
    newLives: storm.crowds.reduce((sum, each) => sum + each.newLives, 0) - storm.machines,
  })
}
