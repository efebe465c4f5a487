// Factory for the two-hop Socket.IO baselines.
import path from 'node:path'
import { io } from 'socket.io-client'
import { sleep } from './stats.mjs'
import { dial, endProcs, freePort, ROOT, Session, startProc, waitPort } from './util.mjs'

export function sioAdapter({ name, title, data = 'string' }) {
  const env = { WS_NO_BUFFER_UTIL: '1' }
  return {
    name,
    title,
    kind: 'baseline',
    caps: { shared: true, memory: 200 },
    async start() {
      const port = await freePort()
      const o = JSON.stringify({ port, data })
      const relay = startProc(
        `${name}-relay`,
        process.execPath,
        [path.join(ROOT, 'servers/sio-relay.mjs'), o],
        { env },
      )
      await waitPort(port)
      const runner = startProc(
        `${name}-runner`,
        process.execPath,
        [path.join(ROOT, 'servers/sio-runner.mjs'), o],
        { env },
      )
      await sleep(500)
      return {
        host: '127.0.0.1',
        port,
        pids: [relay.pid, runner.pid],
        roles: { broker: [relay.pid], runner: [runner.pid] },
      }
    },
    async open(ctx, o = {}) {
      const d = dial(ctx, o),
        s = Object.assign(new Session(), { renderRate: o.renderRate ?? 0 })
      const c = io(`http://${d.host}:${d.port}`, {
        transports: ['websocket'],
        forceNew: true,
        reconnection: false,
      })
      c.on('out', (m) =>
        s.emitData(
          typeof m.d === 'string' ? Buffer.from(m.d) : Buffer.isBuffer(m.d) ? m.d : Buffer.from(m.d),
        ),
      )
      await new Promise((res, rej) => {
        c.once('connect', res)
        c.once('connect_error', rej)
      })
      const id = await new Promise((r) =>
        o.attach
          ? c.emit('attach', o.attach, r)
          : c.emit('open', { cols: o.cols ?? 80, rows: o.rows ?? 24 }, r),
      )
      s.shareId = id
      s.write = (b) => c.emit('in', { id, d: data === 'string' ? b.toString() : b })
      s.resize = (cols, rows) => c.emit('resize', { id, cols, rows })
      s.close = async () => c.disconnect()
      return s
    },
    async stop(ctx) {
      await endProcs(ctx.pids)
    },
  }
}
