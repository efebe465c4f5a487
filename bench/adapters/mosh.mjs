// mosh over loopback UDP. It sends screen states, not the byte stream: bulk output is 'time until the end
// is on the screen'. Prediction is off so that an echo is a real round trip.
import { spawnSync } from 'node:child_process'
import pty from '@lydell/node-pty'
import { cleanEnv, endProcs, HOME, need, Session, SHELL_ARGV } from '../lib/util.mjs'

const PID = /\[mosh-server detached, pid = (\d+)\]/
export default {
  name: 'mosh',
  title: 'mosh 1.4 (UDP, screen diffs)',
  kind: 'peer',
  caps: { screen: true, proxy: false, memory: 20 },
  async start() {
    need('/usr/bin/mosh-server', 'mosh is missing')
    return { host: '127.0.0.1', pids: [], dynamic: true }
  },
  async open(ctx, { cols = 80, rows = 24 } = {}) {
    const s = new Session()
    const r = spawnSync('mosh-server', ['new', '-i', '127.0.0.1', '-c', '256', '--', ...SHELL_ARGV], {
      env: cleanEnv(),
      cwd: HOME,
      encoding: 'utf8',
    })
    const m = /MOSH CONNECT (\d+) (\S+)/.exec(r.stdout),
      pid = +(PID.exec(r.stderr + r.stdout)?.[1] ?? 0)
    if (!m) throw new Error(`mosh-server: ${r.stdout} ${r.stderr}`)
    if (pid) ctx.pids.push(pid)
    const p = pty.spawn('mosh-client', ['127.0.0.1', m[1]], {
      name: 'xterm-256color',
      cols,
      rows,
      cwd: HOME,
      env: cleanEnv({ MOSH_KEY: m[2], MOSH_PREDICTION_DISPLAY: 'never', MOSH_NO_TERM_INIT: '1' }),
      encoding: null,
    })
    p.onData((d) => s.emitData(d))
    s.write = (b) => p.write(b)
    s.resize = (c, r2) => p.resize(c, r2)
    s.close = async () => {
      try {
        p.kill('SIGKILL')
      } catch {
        /* gone */
      }
      if (pid) {
        ctx.pids.splice(ctx.pids.indexOf(pid), 1)
        await endProcs([pid])
      }
    }
    return s
  },
  async stop(ctx) {
    await endProcs(ctx.pids)
  },
}
