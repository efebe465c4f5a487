// Baseline relay between apps and one runner. Loopback only.
// argv[2] is JSON: { port, mode: pipe|mux }
//   pipe: the runner dials one socket per session; frames pass through unread.
//   mux:  one runner socket; the relay reads a 5-byte header (session, type), nothing else.
import { WebSocketServer } from 'ws'

const o = { mode: 'pipe', ...JSON.parse(process.argv[2]) }
const wss = new WebSocketServer({
  host: '127.0.0.1',
  port: o.port,
  maxPayload: 64 << 20,
  perMessageDeflate: false,
})
let runner = null,
  nextId = 1
const sessions = new Map() // id -> { viewers:Set, data, pend:[] }
const DATA = 0,
  CTRL = 1
const frame = (id, type, body) => {
  const b = Buffer.allocUnsafe(5 + body.length)
  b.writeUInt32BE(id, 0)
  b[4] = type
  body.copy(b, 5)
  return b
}

wss.on('connection', (ws, req) => {
  const u = new URL(req.url, 'http://x')
  ws._socket.setNoDelay(true)
  ws.on('error', () => {})
  if (u.pathname === '/runner') {
    runner = ws
    if (o.mode === 'mux')
      ws.on('message', (d) => {
        const s = sessions.get(d.readUInt32BE(0))
        if (!s) return
        const body = d.subarray(5)
        for (const v of s.viewers) v.send(body, { binary: true })
      })
    return
  }
  if (u.pathname === '/data') {
    const s = sessions.get(+u.searchParams.get('id'))
    if (!s) return ws.close()
    s.data = ws
    for (const [d, b] of s.pend) ws.send(d, { binary: b })
    s.pend = []
    ws.on('message', (d, isBinary) => {
      for (const v of s.viewers) v.send(d, { binary: isBinary })
    })
    ws.on('close', () => {
      for (const v of s.viewers) v.close()
    })
    return
  }
  // app
  const attach = +u.searchParams.get('attach')
  const id = attach || nextId++
  let s = sessions.get(id)
  if (!s) {
    s = { viewers: new Set(), data: null, pend: [] }
    sessions.set(id, s)
    const open = {
      open: id,
      cols: +u.searchParams.get('cols') || 80,
      rows: +u.searchParams.get('rows') || 24,
    }
    if (!runner) return ws.close()
    runner.send(o.mode === 'mux' ? frame(id, CTRL, Buffer.from(JSON.stringify(open))) : JSON.stringify(open))
  }
  s.viewers.add(ws)
  ws.send(JSON.stringify({ id }))
  ws.on('message', (d, isBinary) => {
    if (o.mode === 'mux') {
      runner?.send(frame(id, isBinary ? DATA : CTRL, d), { binary: true })
      return
    }
    if (s.data) s.data.send(d, { binary: isBinary })
    else s.pend.push([d, isBinary])
  })
  ws.on('close', () => {
    s.viewers.delete(ws)
    if (!s.viewers.size) {
      sessions.delete(id)
      s.data?.close()
      if (o.mode === 'mux') runner?.send(frame(id, CTRL, Buffer.from('{"close":1}')), { binary: true })
    }
  })
})
