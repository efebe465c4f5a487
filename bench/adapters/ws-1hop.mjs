// Baseline (b): PTY -> one WebSocket hop.
import path from 'node:path'
import { dial, endProcs, freePort, ROOT, Session, startProc, waitPort } from '../lib/util.mjs'
import { wsOpen } from '../lib/ws-client.mjs'
export default {
  name: 'ws-1hop',
  title: '(b) PTY → ws, one hop',
  kind: 'baseline',
  caps: { memory: 200 },
  async start() {
    const port = await freePort()
    const a = startProc(
      'ws-1hop',
      process.execPath,
      [path.join(ROOT, 'servers/ws1.mjs'), JSON.stringify({ port })],
      { env: { WS_NO_BUFFER_UTIL: '1' } },
    )
    await waitPort(port)
    return { host: '127.0.0.1', port, pids: [a.pid] }
  },
  async open(ctx, o = {}) {
    const d = dial(ctx, o),
      s = Object.assign(new Session(), { renderRate: o.renderRate ?? 0 })
    const ws = await wsOpen(`ws://${d.host}:${d.port}/`, { onMessage: (m) => s.emitData(m) })
    s.write = (b) => ws.send(b, { binary: true })
    s.close = async () => ws.terminate()
    return s
  },
  async stop(ctx) {
    await endProcs(ctx.pids)
  },
}
