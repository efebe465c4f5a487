// Factory for the two-hop Socket.IO baselines.
import { io } from 'socket.io-client'
import { startTwoHop, stopTwoHop } from './two-hop.mjs'
import { dial, Session } from './util.mjs'

export function sioAdapter({ name, title, data = 'string' }) {
  const env = { WS_NO_BUFFER_UTIL: '1' }
  return {
    name,
    title,
    kind: 'baseline',
    caps: { shared: true, memory: 200 },
    start: () => startTwoHop(name, ['sio-relay.mjs', 'sio-runner.mjs'], { data }, env),
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
    stop: stopTwoHop,
  }
}
