// Drives one session of a system under test: waits for marks, counts bytes, keeps them if asked to.

import { createHash } from 'node:crypto'
import path from 'node:path'
import xterm from '@xterm/headless'
import { sleep } from './stats.mjs'
import { ROOT } from './util.mjs'

const KEEP = 256
export class Driver {
  bytes = 0
  chunks = 0
  tail = Buffer.alloc(0)
  keep = null
  lastAt = 0
  echo = null
  constructor(session, { screen = false } = {}) {
    this.s = session
    this.screen = screen
    this.waits = new Set()
    if (screen)
      this.term = new xterm.Terminal({ cols: 80, rows: 24, scrollback: 100, allowProposedApi: true })
    session.onData((b) => this.#data(b))
  }
  #data(b) {
    const now = performance.now()
    this.bytes += b.length
    this.chunks++
    this.lastAt = now
    if (this.keep) this.keep.push(b)
    if (this.echo) this.echo(b, now)
    if (this.screen) {
      this.term.write(b, () => this.#check(performance.now()))
      return
    }
    this.tail =
      b.length >= KEEP ? b.subarray(-KEEP) : Buffer.concat([this.tail.subarray(-(KEEP - b.length)), b])
    if (this.waits.size) this.#check(now)
  }
  #has(mark) {
    if (!this.screen) return this.tail.includes(mark)
    const a = this.term.buffer.active
    let t = ''
    for (let y = 0; y < this.term.rows; y++) {
      const l = a.getLine(a.viewportY + y)
      t += (l?.translateToString(true) ?? '') + '\n'
    }
    return t.includes(mark)
  }
  #check(now) {
    for (const w of this.waits)
      if (this.#has(w.mark)) {
        this.waits.delete(w)
        clearTimeout(w.t)
        w.res(now)
      }
  }
  /** Resolves with the time at which the mark was there; rejects after ms. */
  mark(mark, ms = 15000) {
    return new Promise((res, rej) => {
      const w = {
        mark,
        res,
        t: setTimeout(() => {
          this.waits.delete(w)
          rej(new Error(`timeout: ${mark} not seen in ${ms} ms`))
        }, ms),
      }
      this.waits.add(w)
      this.#check(performance.now())
    })
  }
  send(t) {
    this.s.write(Buffer.from(t))
  }
  async prompt(ms = 15000) {
    const end = Date.now() + ms
    while (!this.bytes) {
      if (Date.now() > end) throw new Error('no prompt')
      await sleep(5)
    }
    await sleep(60)
  }
  /** Leave the workload script so that no program stays behind, then close. */
  async finish() {
    if (this.inEcho) {
      this.send('\x1d')
      this.inEcho = false
      await sleep(40)
    }
    this.send('Q\r')
    await sleep(60)
    await this.s.close()
  }
  async startEcho() {
    this.send('E\r')
    await this.mark('@@ECHO@@')
    this.inEcho = true
    await sleep(60)
  }
  sha1() {
    const h = createHash('sha1')
    for (const b of this.keep) h.update(b)
    return h.digest('hex')
  }
}

let tag = 0
export const newTag = () => `${(++tag).toString(36)}${Math.random().toString(36).slice(2, 6)}`

/** Open a session and bring the workload script up in it. */
export async function openReady(adapter, ctx, o = {}) {
  const s = await adapter.open(ctx, o)
  const d = new Driver(s, { screen: adapter.caps?.screen })
  await d.prompt()
  // where all viewers share one shell, the shell must outlive the script
  d.send(`${adapter.caps?.single ? '' : 'exec '}sh ${path.join(ROOT, 'workload/session.sh')}\r`)
  await d.mark('@@READY@@')
  await sleep(20)
  return d
}

// Removes CSI, OSC and two-byte escapes so that a letter inside one is not taken for an echo.
const ESC = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()*+][A-Za-z0-9]|[@-Z\\-_=>78])/g
const ALPHA = 'abcdefghijklmnopqrstuvwxyz'

/** Round-trip times of single bytes, in ms. A lost byte counts as `timeout`. */
export async function echoSamples(
  d,
  n,
  { gapMin = 3, gapMax = 9, timeout = 5000, budgetMs = 60000, off = 0 } = {},
) {
  const out = []
  let lost = 0
  const end = performance.now() + budgetMs
  for (let i = 0; i < n && performance.now() < end; i++) {
    const ch = ALPHA[(i + off) % 26],
      code = ch.charCodeAt(0)
    const t0 = performance.now()
    const dt = await new Promise((res) => {
      const t = setTimeout(() => {
        d.echo = null
        lost++
        res(timeout)
      }, timeout)
      d.echo = (b, now) => {
        const hit = d.screen ? b.toString('latin1').replace(ESC, '').includes(ch) : b.includes(code)
        if (hit) {
          clearTimeout(t)
          d.echo = null
          res(now - t0)
        }
      }
      d.send(ch)
    })
    out.push(dt)
    await sleep(gapMin + Math.random() * (gapMax - gapMin))
  }
  return { samples: out, lost }
}
