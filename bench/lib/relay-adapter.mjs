// Factory for the two-hop WebSocket baselines.
import path from 'node:path'
import { sleep } from './stats.mjs'
import { dial, endProcs, freePort, ROOT, Session, startProc, waitPort } from './util.mjs'
import { wsOpen } from './ws-client.mjs'

export function relayAdapter({ name, title, opts = {}, bufferutil = false, kind = 'design' }) {
  const env = bufferutil ? {} : { WS_NO_BUFFER_UTIL: '1' }
  return {
    name,
    title,
    kind,
    caps: { shared: true, memory: 200 },
    async start() {
      const port = await freePort()
      const o = JSON.stringify({ port, ...opts })
      const relay = startProc(`${name}-relay`, process.execPath, [path.join(ROOT, 'servers/relay.mjs'), o], {
        env,
      })
      await waitPort(port)
      const runner = startProc(
        `${name}-runner`,
        process.execPath,
        [path.join(ROOT, 'servers/runner.mjs'), o],
        { env },
      )
      await sleep(400)
      return {
        host: '127.0.0.1',
        port,
        pids: [relay.pid, runner.pid],
        roles: { broker: [relay.pid], runner: [runner.pid] },
      }
    },
    async open(ctx, o = {}) {
      const d = dial(ctx, o),
        s = Object.assign(new Session(), { renderRate: o.renderRate ?? 0 }),
        ack = opts.bp === 'ack'
      const q = new URLSearchParams({
        cols: o.cols ?? 80,
        rows: o.rows ?? 24,
        ...(o.attach ? { attach: o.attach } : {}),
      })
      const ackEvery = (opts.window ?? 256 * 1024) / 8
      let owed = 0,
        gotId
      const id = new Promise((r) => {
        gotId = r
      })
      // the session's owner acknowledges what it has drawn
      const consumed =
        ack && !o.attach
          ? (n) => {
              if ((owed += n) >= ackEvery) {
                ws.send(JSON.stringify({ ack: owed }))
                owed = 0
              }
            }
          : undefined
      const onMessage = (m, isBinary) => {
        if (isBinary) {
          s.emitData(m, consumed)
          return
        }
        const { id } = JSON.parse(m)
        if (id) gotId(String(id))
      }
      const ws = await wsOpen(`ws://${d.host}:${d.port}/app?${q}`, { onMessage })
      s.shareId = await id
      s.write = (b) => ws.send(b, { binary: true })
      s.resize = (c, r) => ws.send(JSON.stringify({ resize: [c, r] }))
      s.close = async () => ws.terminate()
      return s
    },
    async stop(ctx) {
      await endProcs(ctx.pids)
    },
  }
}
