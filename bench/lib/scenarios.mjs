// One function per metric. Each takes (adapter, ctx, opt) with a started system and returns plain data.
import { fork, spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { dataFile, expected } from './datagen.mjs'
import { Driver, echoSamples, newTag, openReady } from './driver.mjs'
import { cpu, mem } from './proc.mjs'
import { sleep } from './stats.mjs'
import { endProcs, ROOT } from './util.mjs'

/** 5. From 'client starts connecting' to the first output bytes. */
export async function connect(adapter, ctx, { n = 20, via } = {}) {
  const out = []
  for (let i = 0; i < n; i++) {
    const t0 = performance.now()
    const s = await adapter.open(ctx, { via })
    const d = new Driver(s, {})
    const end = Date.now() + 10000
    while (!s.firstAt && Date.now() < end) await sleep(1)
    out.push(s.firstAt ? s.firstAt - t0 : 10000)
    await sleep(15)
    if (!adapter.caps?.single) d.send('exit\r')
    await sleep(25)
    await s.close()
    await sleep(15)
  }
  return { ms: out }
}

/** 1. Keystroke echo on a quiet machine. */
export async function echo(adapter, ctx, { n = 200, via } = {}) {
  const d = await openReady(adapter, ctx, { via })
  await d.startEcho()
  await echoSamples(d, 30)
  const r = await echoSamples(d, n, { off: 5 })
  await d.finish()
  return { ms: r.samples, lost: r.lost }
}

/** 1b. The same while another session of the same system prints. */
export async function echoLoad(adapter, ctx, { n = 150, mode = 'flood', file } = {}) {
  const d = await openReady(adapter, ctx)
  await d.startEcho()
  await echoSamples(d, 20)
  const w = fork(path.join(ROOT, 'lib/load-client.mjs'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const msgs = []
  let wake = null
  w.on('message', (m) => {
    msgs.push(m)
    wake?.()
  })
  w.on('exit', () => {
    msgs.push({ done: true, died: true })
    wake?.()
  })
  const next = async (ms) => {
    const end = Date.now() + ms
    while (!msgs.length) {
      if (Date.now() > end) throw new Error('load client did not answer')
      await new Promise((r) => {
        wake = r
        setTimeout(r, 200)
      })
    }
    return msgs.shift()
  }
  try {
    w.send({ adapter: adapter.name, ctx, mode, file: file ?? dataFile(64), bytes: 10000, ms: 10 })
    const m = await next(25000)
    if (m?.error || m?.died) throw new Error(`load client: ${m.error ?? 'died'}`)
    const r = await echoSamples(d, n, { off: 3, timeout: 5000, budgetMs: 25000 })
    w.send('stop')
    let e = {}
    try {
      e = await next(15000)
    } catch {
      /* its session would not stop */
    }
    return { ms: r.samples, lost: r.lost, loadMBps: e.mbps, loadStopped: !!e.stopped }
  } finally {
    try {
      w.kill('SIGKILL')
    } catch {
      /* gone */
    }
    await d.finish()
  }
}

/** 2a. Bulk output: client-visible MB/s, server CPU, and whether every byte came. */
export async function bulk(adapter, ctx, { mb = 64, check = false, timeoutMs = 120000 } = {}) {
  const f = dataFile(mb),
    tag = newTag(),
    size = expected(f).size
  const d = await openReady(adapter, ctx)
  d.bytes = 0
  d.chunks = 0
  if (check && !d.screen) d.keep = []
  const c0 = cpu(ctx.pids),
    m0 = mem(ctx.pids)
  let peak = m0.rssKB
  const poll = setInterval(() => {
    const m = mem(ctx.pids).rssKB
    if (m > peak) peak = m
  }, 300)
  const t0 = performance.now()
  d.send(`B ${f} ${tag}\r`)
  let t1
  try {
    t1 = await d.mark(`@@END:${tag}@@`, timeoutMs)
  } finally {
    clearInterval(poll)
  }
  const c1 = cpu(ctx.pids)
  const r = {
    mbps: size / 1e3 / (t1 - t0),
    seconds: (t1 - t0) / 1000,
    bytes: d.bytes,
    chunks: d.chunks,
    cpuS: c1 - c0,
    cpuPer100MB: (c1 - c0) / (size / 1e8),
    peakGrowMB: (peak - m0.rssKB) / 1024,
  }
  if (d.keep) {
    const all = Buffer.concat(d.keep)
    d.keep = null
    const e = expected(f),
      end = all.lastIndexOf('\r\n@@END:')
    const { createHash } = await import('node:crypto')
    // what comes before the file (if anything) is an echoed newline; take the last e.bytes before the mark
    const body = all.subarray(Math.max(0, end - e.bytes), end)
    r.intact = body.length === e.bytes && createHash('sha1').update(body).digest('hex') === e.sha1
    r.missing = e.bytes - end
  }
  await d.finish()
  return r
}

/** 2b. Identical lines: does anything drop what it takes for a duplicate? */
export async function repeats(adapter, ctx, { lines = 50000 } = {}) {
  const d = await openReady(adapter, ctx),
    tag = newTag()
  d.bytes = 0
  d.send(`R ${lines} ${tag}\r`)
  await d.mark(`@@END:${tag}@@`, 20000)
  await d.finish()
  const want = lines * 21 + 4 + `@@END:${tag}@@`.length // 'the same line again\r\n', blank line, mark
  return { got: d.bytes, want, ratio: Math.min(1, d.bytes / want) }
}

/** 2c. A key held down: the same byte every 33 ms. How many echoes come back? */
export async function heldKey(adapter, ctx, { n = 45, gapMs = 33 } = {}) {
  const d = await openReady(adapter, ctx)
  await d.startEcho()
  await sleep(300)
  let got = 0
  d.echo = (b) => {
    for (const c of b) if (c === 106) got++
  }
  for (let i = 0; i < n; i++) {
    d.send('j')
    await sleep(gapMs)
  }
  await sleep(500)
  d.echo = null
  await d.finish()
  return { got, want: n, ratio: Math.min(1, got / n) }
}

/** 2d. A program prints some 300 KB and ends, and the session with it: does the end of its output arrive? */
export async function tailOnExit(adapter, ctx, { n = 25, lines = 4000 } = {}) {
  const f = dataFile(16),
    src = fs.readFileSync(f).subarray(0, 2 << 20)
  let pos = -1
  for (let i = 0; i < lines; i++) pos = src.indexOf(10, pos + 1)
  const last = Buffer.concat([src.subarray(pos - 24, pos), Buffer.from('\r\n')])
  let kept = 0
  for (let i = 0; i < n; i++) {
    const d = new Driver(await adapter.open(ctx, {}), {})
    await d.prompt()
    d.bytes = 0
    d.lastAt = performance.now()
    d.send(`exec head -n ${lines} ${f}\r`)
    const end = performance.now() + 8000
    while (performance.now() < end && (d.bytes < 2000 || performance.now() - d.lastAt < 350)) await sleep(20)
    if (d.tail.includes(last)) kept++
    await d.s.close()
  }
  return { kept, n, ratio: kept / n }
}

/** 2e. Ctrl-C while output floods: time until the program's own 'interrupted' mark is at the client. */
export async function interrupt(
  adapter,
  ctx,
  { n = 3, floodMs = 2000, via, renderRate, timeoutMs = 20000, memory = false } = {},
) {
  const f = dataFile(64),
    ms = [],
    after = []
  let peak = 0,
    timedOut = 0
  const d = await openReady(adapter, ctx, { via, renderRate })
  const m0 = memory ? mem(ctx.pids).rssKB : 0
  const poll = memory
    ? setInterval(() => {
        const g = mem(ctx.pids).rssKB - m0
        if (g > peak) peak = g
      }, 200)
    : null
  let mbps = 0
  try {
    for (let i = 0; i < n; i++) {
      const tag = newTag()
      d.send(`F ${f} ${tag}\r`)
      const b1 = d.bytes
      await sleep(floodMs)
      mbps = (d.bytes - b1) / floodMs / 1000
      const b0 = d.bytes,
        t0 = performance.now()
      d.send('\x03')
      try {
        ms.push((await d.mark(`@@INT:${tag}@@`, timeoutMs)) - t0)
        after.push(d.bytes - b0)
      } catch {
        ms.push(timeoutMs)
        after.push(d.bytes - b0)
        timedOut++
        break
      }
      await sleep(300)
    }
  } finally {
    if (poll) clearInterval(poll)
  }
  if (timedOut) await d.s.close()
  else await d.finish()
  return { ms, after, timedOut, mbps, peakGrowMB: peak / 1024 }
}

/**
 * 2f. An app that stops reading altogether while its program floods (the process of its link is stopped): how much the
 * broker and the runner grow for it. Shorter than any system takes to call it dead.
 */
export async function stalled(adapter, ctx, { stallMs = 6000, via }) {
  const d = await openReady(adapter, ctx, { via })
  const roles = ctx.roles ?? { broker: ctx.pids }
  const sizes = () => Object.entries(roles).map(([role, pids]) => [role, mem(pids).rssKB])
  d.send(`F ${dataFile(64)} ${newTag()}\r`)
  await sleep(1500)
  const before = Object.fromEntries(sizes())
  const peakKB = {}
  process.kill(via.pid, 'SIGSTOP')
  try {
    const end = performance.now() + stallMs
    while (performance.now() < end) {
      for (const [role, kb] of sizes()) peakKB[role] = Math.max(peakKB[role] ?? 0, kb - before[role])
      await sleep(200)
    }
  } finally {
    process.kill(via.pid, 'SIGCONT')
  }
  await d.s.close()
  return { growMB: Object.fromEntries(Object.entries(peakKB).map(([role, kb]) => [role, kb / 1024])) }
}

/** 3. The same output to n viewers of one session. */
export async function fanout(adapter, ctx, { viewers = 4, mb = 16, slow = 0, via } = {}) {
  const f = dataFile(mb),
    tag = newTag(),
    size = expected(f).size
  const first = await openReady(adapter, ctx)
  const all = [first]
  for (let i = 1; i < viewers; i++)
    all.push(
      new Driver(await adapter.open(ctx, { attach: first.s.shareId, ...(i <= slow ? { via } : {}) }), {
        screen: adapter.caps?.screen,
      }),
    )
  await sleep(adapter.caps?.screen ? 800 : 200)
  for (const d of all) d.bytes = 0
  const c0 = cpu(ctx.pids),
    m0 = mem(ctx.pids).rssKB
  let peak = 0
  const poll = setInterval(() => {
    const g = mem(ctx.pids).rssKB - m0
    if (g > peak) peak = g
  }, 200)
  const fast = all.filter((_, i) => i === 0 || i > slow)
  const t0 = performance.now()
  const waits = fast.map((d) => d.mark(`@@END:${tag}@@`, 90000))
  first.send(`B ${f} ${tag}\r`)
  const ts = await Promise.all(waits)
  const secs = ts.map((t) => (t - t0) / 1000)
  const cpuS = cpu(ctx.pids) - c0
  clearInterval(poll)
  for (const d of all.slice(1)) await d.s.close()
  await first.finish()
  return {
    viewers,
    mbpsEach: size / 1e6 / Math.max(...secs),
    mbpsFirst: size / 1e6 / secs[0],
    aggregate: (fast.length * size) / 1e6 / Math.max(...secs),
    cpuS,
    peakGrowMB: peak / 1024,
    bytes: fast.map((d) => d.bytes),
  }
}

/** Start the slow-link proxy in front of a system. */
export async function withProxy(ctx, { rate = 0, delayMs = 20 }, fn) {
  const p = spawn(
    process.execPath,
    [path.join(ROOT, 'lib/proxy.mjs'), JSON.stringify({ targetPort: ctx.port, rate, delayMs })],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  try {
    const port = await new Promise((res, rej) => {
      p.stdout.once('data', (d) => res(+/PORT (\d+)/.exec(d)[1]))
      p.once('exit', () => rej(new Error('proxy died')))
    })
    return await fn({ host: '127.0.0.1', port, pid: p.pid })
  } finally {
    await endProcs([p.pid])
  }
}
