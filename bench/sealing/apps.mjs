/**
 * What sealing costs by the number of apps that watch one terminal: `npm run build && node bench/sealing/apps.mjs [rounds]`.
 * Sealed and unsealed take turns, block by block, and the ratio is the median of the ratios of blocks that followed each
 * other, so that what else the machine does meets both. Echo of a key for the app that types, and processor time of broker
 * and runner for each.
 */
import sealed from '../adapters/latchkey.mjs'
import unsealed from '../adapters/latchkey-unsealed.mjs'
import { Driver, echoSamples, openReady } from '../lib/driver.mjs'
import { cpu } from '../lib/proc.mjs'
import { sleep } from '../lib/stats.mjs'

const ROUNDS = Number(process.argv[2] ?? 10)
const KEYS_A_ROUND = 50
const APPS = [1, 4, 16]

const quantile = (values, part) => [...values].sort((a, b) => a - b)[Math.floor(values.length * part)]

async function opened(adapter, apps) {
  const ctx = await adapter.start()
  const typing = await openReady(adapter, ctx, {})
  for (let more = 1; more < apps; more++)
    new Driver(await adapter.open(ctx, { attach: typing.s.shareId }), {})
  await sleep(300)
  await typing.startEcho()
  await echoSamples(typing, 50)
  return { adapter, ctx, typing, ms: [], medians: [], cpuS: 0 }
}

console.log(`node ${process.version}; echo in ms, processor time of broker and runner in µs a key`)
console.log(
  'apps',
  'unsealed p50'.padStart(14),
  'sealed p50'.padStart(12),
  'ratio'.padStart(7),
  'cpu'.padStart(7),
  'cpu sealed'.padStart(11),
  'ratio'.padStart(7),
)
for (const apps of APPS) {
  const pair = [await opened(unsealed, apps), await opened(sealed, apps)]
  for (let round = 0; round < ROUNDS; round++)
    for (const system of round % 2 === 0 ? pair : [...pair].reverse()) {
      const before = cpu(system.ctx.pids)
      const { samples } = await echoSamples(system.typing, KEYS_A_ROUND, { off: 5 })
      system.cpuS += cpu(system.ctx.pids) - before
      system.ms.push(...samples)
      system.medians.push(quantile(samples, 0.5))
    }
  const [plain, tight] = pair.map(({ ms, cpuS }) => ({
    p50: quantile(ms, 0.5),
    cpuUs: (cpuS * 1e6) / ms.length,
  }))
  const ratios = pair[1].medians.map((ms, at) => ms / pair[0].medians[at])
  console.log(
    String(apps).padStart(4),
    plain.p50.toFixed(3).padStart(14),
    tight.p50.toFixed(3).padStart(12),
    quantile(ratios, 0.5).toFixed(2).padStart(7),
    plain.cpuUs.toFixed(0).padStart(7),
    tight.cpuUs.toFixed(0).padStart(11),
    (tight.cpuUs / plain.cpuUs).toFixed(2).padStart(7),
  )
  for (const { adapter, ctx, typing } of pair) {
    await typing.finish()
    await adapter.stop(ctx)
  }
}
process.exit(0)
