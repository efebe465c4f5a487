// A second client in its own process: keeps another session of the same system busy.
// IPC in: { adapter, ctx, mode: flood|paced, file, bytes, ms } then 'stop'. IPC out: 'running', { done }.
import { newTag, openReady } from './driver.mjs'
import { sleep } from './stats.mjs'

let d, tag, t0
process.on('message', async (m) => {
  try {
    if (m === 'stop') {
      const ms = performance.now() - t0,
        bytes = d.bytes
      let stopped = true
      d.send('\x03')
      try {
        await d.mark(`@@INT:${tag}@@`, 8000)
      } catch {
        stopped = false
      }
      await d.s.close()
      process.send({ done: true, stopped, mbps: bytes / ms / 1000 })
      setTimeout(() => process.exit(0), 200)
      return
    }
    const adapter = (await import(`../adapters/${m.adapter}.mjs`)).default
    d = await openReady(adapter, m.ctx, { cold: true })
    tag = newTag()
    d.bytes = 0
    d.send(m.mode === 'flood' ? `F ${m.file} ${tag}\r` : `P ${m.bytes} ${m.ms} ${tag}\r`)
    const need = m.mode === 'flood' && !adapter.caps?.screen ? 262144 : 2000
    while (d.bytes < need) await sleep(10)
    await sleep(500)
    t0 = performance.now()
    d.bytes = 0
    process.send('running')
  } catch (e) {
    process.send({ error: String(e?.message ?? e) })
    setTimeout(() => process.exit(1), 100)
  }
})
process.on('disconnect', () => process.exit(0))
