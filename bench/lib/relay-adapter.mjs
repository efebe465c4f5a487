// Factory for the two-hop WebSocket baselines.
import { startTwoHop, stopTwoHop } from './two-hop.mjs'
import { dial, Session } from './util.mjs'
import { wsOpen } from './ws-client.mjs'

export function relayAdapter({ name, title, opts = {}, bufferutil = false, kind = 'design' }) {
  const env = bufferutil ? {} : { WS_NO_BUFFER_UTIL: '1' }
  return {
    name,
    title,
    kind,
    caps: { shared: true, memory: 200 },
    start: () => startTwoHop(name, ['relay.mjs', 'runner.mjs'], opts, env),
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
    stop: stopTwoHop,
  }
}
