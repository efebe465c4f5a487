// tty-share (Go): one shared session, JSON frames with base64 inside base64. Viewers all join the same shell.
import { dial, endProcs, freePort, need, Session, startProc, waitPort } from '../lib/util.mjs'
import { wsOpen } from '../lib/ws-client.mjs'
export default {
  name: 'tty-share',
  title: 'tty-share 2.4 (Go, one hop, base64²)',
  kind: 'peer',
  caps: { shared: true, single: true, memory: 0 },
  async start() {
    need('/usr/bin/tty-share', 'tty-share is missing')
    const port = await freePort()
    const p = startProc(
      'tty-share',
      '/usr/bin/tty-share',
      [
        '-headless',
        '-no-wait',
        '-listen',
        `127.0.0.1:${port}`,
        '-command',
        '/bin/bash',
        '-args',
        '--norc --noprofile',
      ],
      { env: { PS1: '$ ' } },
    )
    await waitPort(port)
    return { host: '127.0.0.1', port, pids: [p.pid] }
  },
  async open(ctx, o = {}) {
    const d = dial(ctx, o),
      s = Object.assign(new Session(), { renderRate: o.renderRate ?? 0 })
    const ws = await wsOpen(`ws://${d.host}:${d.port}/s/local/ws`, {
      onMessage: (raw) => {
        const m = JSON.parse(raw)
        if (m.Type === 'Write')
          s.emitData(Buffer.from(JSON.parse(Buffer.from(m.Data, 'base64')).Data, 'base64'))
      },
    })
    const msg = (Type, o2) =>
      ws.send(JSON.stringify({ Type, Data: Buffer.from(JSON.stringify(o2)).toString('base64') }))
    s.shareId = 'local'
    s.write = (b) => msg('Write', { Size: b.length, Data: b.toString('base64') })
    s.resize = (Cols, Rows) => msg('WinSize', { Cols, Rows })
    if (!o.attach) s.write(Buffer.from('\r')) // the prompt was printed before anyone joined
    s.close = async () => ws.terminate()
    return s
  },
  async stop(ctx) {
    await endProcs(ctx.pids)
  },
}
