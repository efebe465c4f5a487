// How many round trips a known app waits from its first packet to the first output of a new terminal. Over a way so long (400 ms)
// that a busy machine changes little. Prints one line of JSON a try. Build first: npm run build.
import latchkey from './adapters/latchkey.mjs'
import { connect, withProxy } from './lib/scenarios.mjs'
import { sleep } from './lib/stats.mjs'

const ROUND_TRIP_MS = 400
const TRIES = Number(process.argv[2] ?? 5)

const ctx = await latchkey.start()
try {
  // Pairs: the app is known from now on.
  const first = await latchkey.open(ctx, {})
  await first.close()
  await sleep(300)
  await withProxy(ctx, { delayMs: ROUND_TRIP_MS / 2 }, async (via) => {
    for (let tries = 0; tries < TRIES; tries++) {
      const { ms } = await connect(latchkey, ctx, { n: 1, via })
      console.log(
        JSON.stringify({ ms: Math.round(ms[0]), roundTrips: Number((ms[0] / ROUND_TRIP_MS).toFixed(2)) }),
      )
    }
  })
} finally {
  await latchkey.stop(ctx)
}
