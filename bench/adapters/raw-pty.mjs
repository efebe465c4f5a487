// Baseline (a): the PTY read in the client's own process. No network, no server.
import pty from '@lydell/node-pty'
import { cleanEnv, HOME, Session } from '../lib/util.mjs'
export default {
  name: 'raw-pty',
  title: '(a) node-pty, no network',
  kind: 'baseline',
  caps: { proxy: false, memory: 0 },
  async start() {
    return { pids: [] }
  },
  async open(_ctx, { cols = 80, rows = 24, renderRate = 0 } = {}) {
    const s = Object.assign(new Session(), { renderRate })
    const p = pty.spawn('/bin/bash', ['--norc', '--noprofile'], {
      name: 'xterm-256color',
      cols,
      rows,
      cwd: HOME,
      env: cleanEnv(),
      encoding: null,
    })
    p.onData((d) => s.emitData(d))
    s.flow = { pause: () => p.pause(), resume: () => p.resume() }
    s.write = (b) => p.write(b)
    s.resize = (c, r) => p.resize(c, r)
    s.close = async () => {
      try {
        p.kill('SIGKILL')
      } catch {
        /* gone */
      }
    }
    return s
  },
  async stop() {},
}
