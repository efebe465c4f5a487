// Baseline runner: PTYs on one side, WebSocket to the relay on the other.
// argv[2] is JSON: { port, mode: pipe|mux, bp: none|ack, window, batchMs, batchBytes }

import pty from '@lydell/node-pty'
import { WebSocket } from 'ws'

const o = {
  mode: 'pipe',
  bp: 'none',
  window: 256 * 1024,
  batchMs: null,
  batchBytes: 64 * 1024,
  ...JSON.parse(process.argv[2]),
}
const url = `ws://127.0.0.1:${o.port}`
const DATA = 0

function startPty(m, send) {
  const p = pty.spawn('/bin/bash', ['--norc', '--noprofile'], {
    name: 'xterm-256color',
    cols: m.cols ?? 80,
    rows: m.rows ?? 24,
    cwd: process.env.HOME,
    env: process.env,
    encoding: null,
  })
  let unacked = 0,
    paused = false
  const pause = () => {
    if (!paused) {
      paused = true
      p.pause()
    }
  }
  const resume = () => {
    if (paused) {
      paused = false
      p.resume()
    }
  }
  const out = (chunk) => {
    if (o.bp === 'ack') {
      unacked += chunk.length
      if (unacked > o.window) pause()
    }
    send(chunk)
  }
  let q = [],
    qn = 0,
    timer = null,
    lastFlush = 0
  const flush = () => {
    timer = null
    lastFlush = performance.now()
    if (!qn) return
    const c = q.length === 1 ? q[0] : Buffer.concat(q, qn)
    q = []
    qn = 0
    out(c)
  }
  p.onData((d) => {
    if (o.batchMs === null) return out(d)
    q.push(d)
    qn += d.length
    if (qn >= o.batchBytes) {
      clearTimeout(timer)
      flush()
      return
    }
    if (timer) return
    if (performance.now() - lastFlush > o.batchMs)
      flush() // leading edge: an idle session never waits
    else timer = setTimeout(flush, o.batchMs)
  })
  return {
    p,
    ack(n) {
      unacked -= n
      if (unacked < o.window / 2) resume()
    },
  }
}

const control = new WebSocket(`${url}/runner`, { perMessageDeflate: false })
control.on('close', () => process.exit(0))

if (o.mode === 'pipe') {
  control.on('message', (raw) => {
    const m = JSON.parse(raw)
    const ws = new WebSocket(`${url}/data?id=${m.open}`, { perMessageDeflate: false })
    ws.on('open', () => {
      ws._socket.setNoDelay(true)
      const t = startPty(m, (c) => ws.send(c, { binary: true }))
      ws.on('message', (d, isBinary) => {
        if (isBinary) return t.p.write(d)
        const c = JSON.parse(d)
        if (c.ack) t.ack(c.ack)
        else if (c.resize) t.p.resize(...c.resize)
      })
      t.p.onExit(() => ws.close())
      ws.on('close', () => {
        try {
          t.p.kill('SIGKILL')
        } catch {
          /* gone */
        }
      })
    })
    ws.on('error', () => {})
  })
} else {
  const ptys = new Map()
  const frame = (id, type, body) => {
    const b = Buffer.allocUnsafe(5 + body.length)
    b.writeUInt32BE(id, 0)
    b[4] = type
    body.copy(b, 5)
    return b
  }
  control.on('open', () => control._socket.setNoDelay(true))
  control.on('message', (d) => {
    const id = d.readUInt32BE(0),
      body = d.subarray(5)
    if (d[4] === DATA) {
      ptys.get(id)?.p.write(body)
      return
    }
    const m = JSON.parse(body)
    if (m.open) {
      const t = startPty(m, (c) => control.send(frame(id, DATA, c), { binary: true }))
      ptys.set(id, t)
      t.p.onExit(() => ptys.delete(id))
    } else if (m.ack) ptys.get(id)?.ack(m.ack)
    else if (m.resize) ptys.get(id)?.p.resize(...m.resize)
    else if (m.close) {
      try {
        ptys.get(id)?.p.kill('SIGKILL')
      } catch {
        /* gone */
      }
      ptys.delete(id)
    }
  })
}
