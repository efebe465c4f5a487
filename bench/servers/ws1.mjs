// Baseline: PTY -> one WebSocket hop. Loopback only. argv[2] JSON: { port }

import pty from '@lydell/node-pty'
import { WebSocketServer } from 'ws'

const o = JSON.parse(process.argv[2])
new WebSocketServer({ host: '127.0.0.1', port: o.port, perMessageDeflate: false }).on('connection', (ws) => {
  ws._socket.setNoDelay(true)
  const p = pty.spawn('/bin/bash', ['--norc', '--noprofile'], {
    name: 'xterm-256color',
    cols: 80,
    rows: 24,
    cwd: process.env.HOME,
    env: process.env,
    encoding: null,
  })
  p.onData((d) => ws.send(d))
  ws.on('message', (d) => p.write(d))
  p.onExit(() => ws.close())
  ws.on('close', () => {
    try {
      p.kill('SIGKILL')
    } catch {
      /* gone */
    }
  })
  ws.on('error', () => {})
})
