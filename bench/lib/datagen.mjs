// Deterministic terminal text: coloured ls/compile/diff/log lines, progress bars that use \r,
// box drawing, CJK and emoji. Same seed, same bytes, on every machine.

import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { SCRATCH } from './util.mjs'

function rng(seed) {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = a
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
const WORDS =
  'runner broker session pairing terminal socket buffer window resize render module import export const async await return function class extends value index error warning build compile link test passed failed skipped cache fetch resolve package version stream chunk frame socket token expire renew'.split(
    ' ',
  )
const EXT = ['ts', 'js', 'json', 'md', 'css', 'html', 'c', 'h', 'sh', 'yml']
const CJK = ['连接已建立', '会话已恢复', '终端输出', '配对成功', '等待输入', 'エラー', '完了しました']
const EMO = ['✅', '🚀', '📡', '❌', '⚠️', '🔌']

function line(r, i) {
  const w = () => WORDS[(r() * WORDS.length) | 0]
  const k = r()
  if (k < 0.22)
    return `-rw-r--r-- 1 dev dev ${String((r() * 1e6) | 0).padStart(8)} Jan ${String(1 + ((r() * 28) | 0)).padStart(2)} 12:${String((r() * 60) | 0).padStart(2, '0')} \x1b[0m\x1b[01;3${(r() * 7 + 1) | 0}m${w()}-${w()}.${EXT[(r() * EXT.length) | 0]}\x1b[0m`
  if (k < 0.42)
    return `\x1b[1m${w()}/${w()}.${EXT[(r() * 4) | 0]}:${(r() * 900) | 0}:${(r() * 80) | 0}: \x1b[35mwarning:\x1b[0m ${w()} ${w()} '\x1b[36m${w()}\x1b[0m' ${w()} ${w()} [\x1b[35m-W${w()}\x1b[0m]`
  if (k < 0.6)
    return `${r() < 0.5 ? '\x1b[32m+' : '\x1b[31m-'}    ${w()}.${w()}(${w()}, ${w()} => ${w()}(${(r() * 1000) | 0}));  // ${w()} ${w()} ${w()}\x1b[m`
  if (k < 0.8)
    return `[2026-01-01T00:${String(((i / 60) | 0) % 60).padStart(2, '0')}:${String(i % 60).padStart(2, '0')}.${String((r() * 1000) | 0).padStart(3, '0')}Z] \x1b[34mINFO\x1b[0m ${w()} ${w()}=${(r() * 1e9) | 0} ${w()}=${((r() * 1e9) | 0).toString(16)} ${w()} ${w()} ${w()}`
  if (k < 0.88) {
    const n = (r() * 40) | 0
    return `\r\x1b[K  \x1b[32m${'█'.repeat(n)}${'░'.repeat(40 - n)}\x1b[0m ${String((n * 2.5) | 0).padStart(3)}% ${w()}`
  }
  if (k < 0.93)
    return `${EMO[(r() * EMO.length) | 0]} ${CJK[(r() * CJK.length) | 0]}: ${w()}-${(r() * 1e6) | 0}`
  if (k < 0.97)
    return `\x1b[38;5;${(r() * 256) | 0}m│\x1b[0m ${w().padEnd(18)} \x1b[48;5;${(r() * 256) | 0}m${w().padEnd(14)}\x1b[0m │ ${((r() * 1e5) | 0) / 100} ms`
  return `\x1b]0;${w()}: ${w()}\x07\x1b[2K${w()} ${w()} ${w()} ${w()} ${w()} ${w()} ${w()} ${w()} ${w()} ${w()} ${w()} ${w()}`
}

export function dataFile(mb) {
  const dir = path.join(SCRATCH, 'data')
  fs.mkdirSync(dir, { recursive: true })
  const f = path.join(dir, `ansi-${mb}m.txt`)
  const want = mb * 1024 * 1024
  if (!fs.existsSync(f) || Math.abs(fs.statSync(f).size - want) > 4096) {
    const r = rng(20260101),
      fd = fs.openSync(f, 'w')
    let size = 0,
      i = 0
    while (size < want) {
      let s = ''
      while (s.length < 400000) s += line(r, i++) + '\n'
      let b = Buffer.from(s)
      if (size + b.length > want) b = b.subarray(0, b.lastIndexOf(10, want - size) + 1 || b.length)
      fs.writeSync(fd, b)
      size += b.length
      if (want - size < 2048) break
    }
    fs.closeSync(fd)
  }
  return f
}

/** What a lossless client must receive: the PTY turns \n into \r\n. */
const cache = new Map()
export function expected(file) {
  if (!cache.has(file)) {
    const src = fs.readFileSync(file),
      h = createHash('sha1')
    let bytes = 0,
      pos = 0
    const crlf = Buffer.from('\r\n')
    while (pos < src.length) {
      const n = src.indexOf(10, pos)
      if (n < 0) {
        h.update(src.subarray(pos))
        bytes += src.length - pos
        break
      }
      h.update(src.subarray(pos, n))
      h.update(crlf)
      bytes += n - pos + 2
      pos = n + 1
    }
    cache.set(file, { bytes, sha1: h.digest('hex'), size: src.length })
  }
  return cache.get(file)
}
