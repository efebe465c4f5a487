// Baseline relay over Socket.IO. Loopback only. argv[2] JSON: { port }
import { createServer } from 'node:http'
import { Server } from 'socket.io'

const o = JSON.parse(process.argv[2])
const http = createServer()
const io = new Server(http, { maxHttpBufferSize: 64 << 20, perMessageDeflate: false })
let runner = null,
  n = 0
io.on('connection', (s) => {
  if (s.handshake.auth?.role === 'runner') {
    runner = s
    s.on('out', (m) => io.to(m.id).emit('out', m))
    return
  }
  const mine = new Set()
  s.on('open', (m, cb) => {
    const id = `s${++n}`
    mine.add(id)
    void s.join(id)
    runner.emit('open', { id, cols: m.cols, rows: m.rows })
    cb(id)
  })
  s.on('attach', (id, cb) => {
    void s.join(id)
    cb(id)
  })
  s.on('in', (m) => runner?.emit('in', m))
  s.on('resize', (m) => runner?.emit('resize', m))
  s.on('disconnect', () => {
    for (const id of mine) runner?.emit('close', { id })
  })
})
http.listen(o.port, '127.0.0.1')
