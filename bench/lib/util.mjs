// Things adapters share: ports, child processes, scratch folders.
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { alive, tree } from './proc.mjs'
import { sleep } from './stats.mjs'

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
export const SCRATCH = process.env.BENCH_SCRATCH || '/tmp/bench/run'
export const HOME = path.join(SCRATCH, 'home')
fs.mkdirSync(HOME, { recursive: true })

/** The environment servers get: no rc files, no proxies, a UTF-8 locale. */
export function cleanEnv(extra = {}) {
  return {
    PATH: process.env.PATH,
    HOME,
    SHELL: '/bin/bash',
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    TERM: 'xterm-256color',
    ...extra,
  }
}
export const SHELL_ARGV = ['/bin/bash', '--norc', '--noprofile']

export function freePort() {
  return new Promise((res, rej) => {
    const s = net.createServer()
    s.on('error', rej)
    s.listen(0, '127.0.0.1', () => {
      const { port } = s.address()
      s.close(() => res(port))
    })
  })
}

export async function waitPort(port, ms = 60000, host = '127.0.0.1') {
  const end = Date.now() + ms
  for (;;) {
    const ok = await new Promise((r) => {
      const c = net.connect(port, host, () => {
        c.destroy()
        r(true)
      })
      c.on('error', () => r(false))
    })
    if (ok) return
    if (Date.now() > end) throw new Error(`port ${port} did not open`)
    await sleep(30)
  }
}

const started = new Set()
/** Start a long-running process; its output goes to SCRATCH/logs/NAME.log. */
export function startProc(name, cmd, args, opts = {}) {
  const logDir = path.join(SCRATCH, 'logs')
  fs.mkdirSync(logDir, { recursive: true })
  const log = path.join(logDir, `${name}.log`)
  const fd = fs.openSync(log, 'w')
  const p = spawn(cmd, args, { stdio: ['ignore', fd, fd], env: cleanEnv(opts.env), cwd: opts.cwd ?? HOME })
  fs.closeSync(fd)
  p.on('error', (e) => fs.appendFileSync(log, `spawn error: ${e}\n`))
  p.on('exit', () => started.delete(p.pid))
  if (p.pid) started.add(p.pid)
  return { pid: p.pid, log, proc: p }
}

/** End processes by PID with everything below them. */
export async function endProcs(pids) {
  pids = pids.filter(Boolean)
  const all = tree(pids).map((p) => p.pid)
  for (const p of pids) {
    try {
      process.kill(p, 'SIGTERM')
    } catch {
      /* gone */
    }
  }
  for (let i = 0; i < 30 && pids.some(alive); i++) await sleep(50)
  for (const p of all) {
    if (alive(p)) {
      try {
        process.kill(p, 'SIGKILL')
      } catch {
        /* gone */
      }
    }
  }
  for (let i = 0; i < 20 && all.some(alive); i++) await sleep(25)
  for (const p of pids) started.delete(p)
}
export const endAll = () => endProcs([...started])

export async function waitLog(file, re, ms = 60000) {
  const end = Date.now() + ms
  for (;;) {
    const m = re.exec(fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '')
    if (m) return m
    if (Date.now() > end) throw new Error(`${path.basename(file)}: ${re} not seen in ${ms} ms`)
    await sleep(30)
  }
}

export function need(p, what) {
  if (!p || !fs.existsSync(p)) throw new SkipError(`${what} (looked at ${p || 'unset'})`)
  return p
}
export class SkipError extends Error {}

/** Where a client should dial: straight, or through the delaying proxy. */
export const dial = (ctx, o = {}) => ({
  host: o.via?.host ?? ctx.host ?? '127.0.0.1',
  port: o.via?.port ?? ctx.port,
})

/**
 * Base for sessions. Keeps output that comes before onData() is set. With renderRate (bytes/s) it plays a
 * terminal that draws no faster than that: output waits in a queue, and `consumed` (where the system's own
 * client would acknowledge) is called when it has been 'drawn'. A client whose transport can be stopped
 * (a pipe, not a browser WebSocket) sets `flow`.
 */
export class Session {
  #cb = null
  #early = []
  #q = []
  #timer = null
  #tokens = 0
  #last = 0
  queued = 0 // bytes received and not yet drawn
  firstAt = 0 // when the first output byte came
  renderRate = 0
  flow = null // { pause(), resume() }
  emitData(buf, consumed) {
    if (!this.firstAt) this.firstAt = performance.now()
    if (this.renderRate) {
      this.#q.push([buf, consumed])
      this.queued += buf.length
      if (this.flow && this.queued > 65536) this.flow.pause()
      this.#arm()
      return
    }
    this.#give(buf, consumed)
  }
  #give(buf, consumed) {
    if (this.#cb) this.#cb(buf)
    else this.#early.push(buf)
    consumed?.(buf.length)
  }
  #arm() {
    if (!this.#timer) {
      if (!this.#last) this.#last = performance.now()
      this.#timer = setTimeout(() => this.#draw(), 4)
    }
  }
  #draw() {
    this.#timer = null
    const now = performance.now()
    this.#tokens = Math.min(
      this.renderRate * 0.05,
      this.#tokens + (this.renderRate * (now - this.#last)) / 1000,
    )
    this.#last = now
    while (this.#q.length && this.#tokens > 0) {
      const [b, c] = this.#q.shift()
      this.#tokens -= b.length
      this.queued -= b.length
      this.#give(b, c)
    }
    if (this.flow && this.queued < 32768) this.flow.resume()
    if (this.#q.length) this.#arm()
    else this.#last = this.#tokens < 0 ? this.#last : 0
    if (!this.#q.length && this.#tokens < 0) this.#arm()
  }
  onData(cb) {
    this.#cb = cb
    if (cb) {
      const e = this.#early
      this.#early = []
      for (const b of e) cb(b)
    }
  }
  write(_b) {}
  resize(_c, _r) {}
  async close() {}
}
