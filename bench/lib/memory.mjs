// What idle terminals cost in memory. As in scenarios.mjs: (adapter, ctx, opt) with a started system.
import { Driver, openReady } from './driver.mjs'
import { mem } from './proc.mjs'
import { sleep } from './stats.mjs'

/** 4. Server memory per idle session. */
export async function memory(adapter, ctx, { n = 200 } = {}) {
  const warm = await openReady(adapter, ctx) // first-use costs are not per session
  await sleep(1000)
  const a = mem(ctx.pids),
    roles0 = roleMem(ctx)
  const open = []
  const t0 = performance.now()
  while (open.length < n) {
    const batch = Array.from({ length: Math.min(8, n - open.length) }, () =>
      adapter.open(ctx, { cold: true }).then((s) => {
        const d = new Driver(s, {})
        return d.prompt(20000).then(() => d)
      }),
    )
    open.push(...(await Promise.all(batch)))
  }
  const openMs = performance.now() - t0
  // Idle means that nothing was printed for a while, as in terminals that stand open for hours.
  await sleep(20_000)
  const b = mem(ctx.pids),
    roles1 = roleMem(ctx)
  const roles = {}
  for (const k of Object.keys(roles0))
    roles[k] = { idleMB: roles0[k].rssKB / 1024, perSessionKB: (roles1[k].ussKB - roles0[k].ussKB) / n }
  for (const d of open) {
    d.send('exit\r')
  }
  await sleep(200)
  for (const d of open) await d.s.close()
  await warm.finish()
  return {
    n,
    idleRssMB: a.rssKB / 1024,
    perSessionRssKB: (b.rssKB - a.rssKB) / n,
    perSessionPrivKB: (b.ussKB - a.ussKB) / n,
    procs: b.procs - a.procs,
    openPerS: (n / openMs) * 1000,
    roles,
  }
}
/** 5. All of the servers' private memory with `n` terminals that have printed 2,000 lines each and that no app watches. */
export async function resting(adapter, ctx, { n = 500, lines = 2_000 } = {}) {
  const warm = await openReady(adapter, ctx)
  await warm.finish()
  await sleep(20_000)
  const before = mem(ctx.pids)
  const print = `for i in $(seq ${lines}); do echo "line $i of a build $RANDOM $RANDOM: compiled, linked, tested"; done; echo @@D"ONE"@@\r`
  for (let opened = 0; opened < n; opened += 8)
    await Promise.all(
      Array.from({ length: Math.min(8, n - opened) }, async () => {
        const driver = new Driver(await adapter.open(ctx), {})
        await driver.prompt(20_000)
        const printed = driver.mark('@@DONE@@', 60_000)
        driver.send(print)
        await printed
        await driver.s.leave()
      }),
    )
  const after = await settledMem(ctx.pids)
  const roles = {}
  for (const [k, m] of Object.entries(roleMem(ctx))) roles[k] = m.ussKB / 1024
  return {
    n,
    beforeMB: before.ussKB / 1024,
    afterMB: after.ussKB / 1024,
    perTerminalKB: (after.ussKB - before.ussKB) / n,
    roles,
  }
}

/** The servers' memory once it has not changed much for 20 s: screens are given up one after the other. */
async function settledMem(pids) {
  const readings = []
  for (const end = Date.now() + 240_000; Date.now() < end; ) {
    await sleep(5_000)
    const now = mem(pids)
    const before = readings.at(-4)
    readings.push(now)
    if (readings.length > 6 && before && Math.abs(now.ussKB / before.ussKB - 1) < 0.02) break
  }
  return readings.at(-1)
}

function roleMem(ctx) {
  const o = {}
  const roles = Object.entries(ctx.roles ?? {})
  for (const [k, p] of roles) {
    const others = roles.filter(([other]) => other !== k).flatMap(([, pids]) => pids)
    o[k] = mem(p, others)
  }
  return o
}
