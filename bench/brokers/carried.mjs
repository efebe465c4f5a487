/**
 * The same machine's terminal at the broker that has it, and carried there by another broker: echo of a key and bulk output,
 * one after the other in each round of one run.
 *
 *   node bench/brokers/carried.mjs [--rounds 5] [--keys 300] [--mib 64]
 */
import { parseArgs } from 'node:util'
import { median, sleep, summary } from '../lib/stats.mjs'
import { openTerminal, startApp } from './apps.mjs'
import { endAll, startMachines, startThree } from './trial.mjs'

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    keys: { type: 'string', default: '300' },
    mib: { type: 'string', default: '64' },
  },
})
const bulkBytes = Number(flags.mib) * 1024 * 1024

try {
  await measure()
} finally {
  await endAll()
}
process.exit()

async function measure() {
  const three = await startThree()
  const [home, other] = three.brokers.map(({ url }) => url)
  const [code] = await startMachines(three, home, 1)
  const ways = { direct: home, carried: other }
  const figures = { direct: { echo: [], bulk: [] }, carried: { echo: [], bulk: [] } }
  const echoing = {}
  for (const [way, url] of Object.entries(ways)) echoing[way] = await startApp(url, code, `echo ${way}`)
  for (let round = 0; round < Number(flags.rounds); round++) {
    // Alternate the order, so that neither way always goes first.
    const order = round % 2 === 0 ? ['direct', 'carried'] : ['carried', 'direct']
    for (const way of order) figures[way].echo.push(await echo(echoing[way]))
    for (const way of order) figures[way].bulk.push(await bulk(echoing[way]))
  }
  const row = (way) => ({
    echoMs: {
      p50: round3(median(figures[way].echo.map(({ p50 }) => p50))),
      p95: round3(median(figures[way].echo.map(({ p95 }) => p95))),
      p99: round3(median(figures[way].echo.map(({ p99 }) => p99))),
    },
    bulkMbPerSecond: round3(median(figures[way].bulk)),
  })
  const [direct, carried] = [row('direct'), row('carried')]
  process.stdout.write(
    `${JSON.stringify({
      direct,
      carried,
      carriedToDirect: {
        echoP50: round3(carried.echoMs.p50 / direct.echoMs.p50),
        bulk: round3(carried.bulkMbPerSecond / direct.bulkMbPerSecond),
      },
    })}\n`,
  )
  for (const app of Object.values(echoing)) app.close()
}

async function echo(app) {
  const ms = []
  for (let n = 0; n < Number(flags.keys); n++) {
    const began = performance.now()
    await new Promise((resolve) => {
      app.hear = () => resolve()
      app.watch.type(Buffer.from('k'))
    })
    ms.push(performance.now() - began)
    await sleep(3 + Math.random() * 6)
  }
  app.hear = null
  return summary(ms)
}

/** Megabytes a second, from the key that begins it to the last byte. */
async function bulk({ link }) {
  const app = await openTerminal(link, `read go; exec head -c ${bulkBytes} /dev/zero`)
  let bytes = 0
  const done = new Promise((resolve) => {
    app.hear = (piece) => {
      bytes += piece.length
      if (bytes >= bulkBytes) resolve()
    }
  })
  const began = performance.now()
  app.watch.type(Buffer.from('\n'))
  await done
  const seconds = (performance.now() - began) / 1_000
  return bulkBytes / 1e6 / seconds
}

function round3(value) {
  return Math.round(value * 1_000) / 1_000
}
