// Baseline runner over Socket.IO. argv[2] JSON: { port, data: string|buffer }

import pty from '@lydell/node-pty'
import { io } from 'socket.io-client'

const o = JSON.parse(process.argv[2])
const s = io(`http://127.0.0.1:${o.port}`, { transports: ['websocket'], auth: { role: 'runner' } })
const ptys = new Map()
s.on('open', ({ id, cols, rows }) => {
  const p = pty.spawn('/bin/bash', ['--norc', '--noprofile'], {
    name: 'xterm-256color',
    cols: cols ?? 80,
    rows: rows ?? 24,
    cwd: process.env.HOME,
    env: process.env,
    encoding: o.data === 'string' ? 'utf8' : null,
  })
  ptys.set(id, p)
  p.onData((d) => s.emit('out', { id, d }))
  p.onExit(() => ptys.delete(id))
})
s.on('in', ({ id, d }) => ptys.get(id)?.write(d))
s.on('resize', ({ id, cols, rows }) => ptys.get(id)?.resize(cols, rows))
s.on('close', ({ id }) => {
  try {
    ptys.get(id)?.kill('SIGKILL')
  } catch {
    /* gone */
  }
  ptys.delete(id)
})
