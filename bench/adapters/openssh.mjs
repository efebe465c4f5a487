// OpenSSH over loopback: a private sshd and the real `ssh` client on pipes (no local PTY in the way).

import { execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import {
  cleanEnv,
  dial,
  endProcs,
  freePort,
  HOME,
  need,
  SCRATCH,
  Session,
  startProc,
  waitPort,
} from '../lib/util.mjs'

const DIR = path.join(SCRATCH, 'ssh')
export function sshKeys() {
  fs.mkdirSync(DIR, { recursive: true, mode: 0o700 })
  for (const k of ['host', 'client'])
    if (!fs.existsSync(path.join(DIR, k)))
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path.join(DIR, k)])
  fs.copyFileSync(path.join(DIR, 'client.pub'), path.join(DIR, 'authorized_keys'))
  return DIR
}
export function sshClient(args, s) {
  const p = spawn('ssh', args, { stdio: ['pipe', 'pipe', 'ignore'], env: cleanEnv(), cwd: HOME })
  p.stdout.on('data', (d) => s.emitData(d))
  p.stdin.on('error', () => {})
  p.on('error', () => {})
  s.flow = { pause: () => p.stdout.pause(), resume: () => p.stdout.resume() }
  s.write = (b) => p.stdin.write(b)
  s.close = async () => {
    p.kill('SIGTERM')
  }
  s.clientPid = p.pid
  return s
}
export default {
  name: 'openssh',
  title: 'OpenSSH (ssh -tt, loopback)',
  kind: 'peer',
  caps: { memory: 200 },
  async start() {
    need('/usr/sbin/sshd', 'openssh-server is missing')
    const dir = sshKeys(),
      port = await freePort()
    fs.mkdirSync('/run/sshd', { recursive: true })
    fs.writeFileSync(
      path.join(dir, 'sshd_config'),
      [
        `ListenAddress 127.0.0.1:${port}`,
        `HostKey ${dir}/host`,
        `PidFile ${dir}/pid`,
        `AuthorizedKeysFile ${dir}/authorized_keys`,
        'UsePAM no',
        'PasswordAuthentication no',
        'KbdInteractiveAuthentication no',
        'PermitRootLogin prohibit-password',
        'StrictModes no',
        'PrintMotd no',
        'PrintLastLog no',
        'UseDNS no',
        'MaxStartups 300:30:600',
        'MaxSessions 300',
        'PerSourceMaxStartups none',
        'LogLevel ERROR',
        '',
      ].join('\n'),
    )
    const d = startProc('sshd', '/usr/sbin/sshd', ['-D', '-e', '-f', path.join(dir, 'sshd_config')])
    await waitPort(port)
    return { host: '127.0.0.1', port, dir, pids: [d.pid] }
  },
  async open(ctx, o = {}) {
    const d = dial(ctx, o),
      s = Object.assign(new Session(), { renderRate: o.renderRate ?? 0 })
    return sshClient(
      [
        '-F',
        '/dev/null',
        '-tt',
        '-e',
        'none',
        '-i',
        path.join(ctx.dir, 'client'),
        '-o',
        'IdentitiesOnly=yes',
        '-o',
        'StrictHostKeyChecking=no',
        '-o',
        'UserKnownHostsFile=/dev/null',
        '-o',
        'LogLevel=ERROR',
        '-p',
        String(d.port),
        `root@${d.host}`,
        `exec env -i HOME=${HOME} PATH=$PATH LC_ALL=C.UTF-8 TERM=xterm-256color /bin/bash --norc --noprofile`,
      ],
      s,
    )
  },
  async stop(ctx) {
    await endProcs(ctx.pids)
  },
}
