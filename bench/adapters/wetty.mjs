// wetty (Node, Socket.IO + node-pty, ack-based flow control). Env: WETTY_DIR = a folder where `npm i wetty` ran.

import fs from 'node:fs'
import path from 'node:path'
import { io } from 'socket.io-client'
import { dial, endProcs, freePort, need, ROOT, SCRATCH, Session, startProc, waitPort } from '../lib/util.mjs'
export default {
  name: 'wetty',
  title: 'wetty (Node, Socket.IO, one hop)',
  kind: 'peer',
  caps: { memory: 200 },
  async start() {
    const main = need(
      process.env.WETTY_DIR && path.join(process.env.WETTY_DIR, 'node_modules/wetty/build/main.js'),
      'WETTY_DIR must hold node_modules/wetty',
    )
    const port = await freePort()
    // wetty passes one word to env(1): a two-line wrapper gives bash its flags
    const sh = path.join(SCRATCH, 'plain-bash')
    fs.writeFileSync(sh, '#!/bin/sh\nexec /bin/bash --norc --noprofile\n', { mode: 0o755 })
    const p = startProc(
      'wetty',
      process.execPath,
      [
        '-r',
        path.join(ROOT, 'lib/force-loopback.cjs'),
        main,
        '--host',
        '127.0.0.1',
        '--port',
        String(port),
        '--base',
        '/wetty',
        '--command',
        sh,
        '--ssh-host',
        'localhost',
        '--log-level',
        'error',
      ],
      { env: { NODE_ENV: 'production' } },
    )
    await waitPort(port, 20000)
    return { host: '127.0.0.1', port, pids: [p.pid] }
  },
  async open(ctx, o = {}) {
    const d = dial(ctx, o),
      s = Object.assign(new Session(), { renderRate: o.renderRate ?? 0 }),
      ackBytes = 262144
    let n = 0
    const c = io(`http://${d.host}:${d.port}`, {
      path: '/wetty/socket.io',
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
    })
    // as its web client: a commit for every 256 K, sent when the terminal has drawn it
    c.on('data', (t) => {
      n += t.length
      const commit = n >= ackBytes
      if (commit) n -= ackBytes
      s.emitData(Buffer.from(t), commit ? () => c.emit('commit', ackBytes) : undefined)
    })
    await new Promise((res, rej) => {
      c.once('login', res)
      c.once('connect_error', rej)
    })
    c.emit('resize', { cols: o.cols ?? 80, rows: o.rows ?? 24 })
    s.write = (b) => c.emit('input', b.toString())
    s.resize = (cols, rows) => c.emit('resize', { cols, rows })
    s.close = async () => c.disconnect()
    return s
  },
  async stop(ctx) {
    await endProcs(ctx.pids)
  },
}
