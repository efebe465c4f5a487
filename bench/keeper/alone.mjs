/**
 * The process that keeps terminals, by itself: its memory with 0, 20 and 500 resting terminals, its files after 200 terminals were opened
 * and closed, its processor time for 100 MB of output, and how long a key takes through it and without it. One line of JSON.
 *
 *   node bench/keeper/alone.mjs [--parts memory,files,bulk,echo]
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { dataFile } from '../lib/datagen.mjs'
import { cpu, mem } from '../lib/proc.mjs'
import { pct, sleep } from '../lib/stats.mjs'

const { KeeperClient } = await import('../../apps/runner/dist/keeper/keeper-client.js')
const { reachOrStartKeeper } = await import('../../apps/runner/dist/keeper/reach-keeper.js')
const { startPty } = await import('../../apps/runner/dist/pty/pty-process.js')

/** Garbage is collected 5 s after terminals have come to rest. */
const SETTLES_MS = 8_000
const KEYS = 400
const ROUNDS = 5
const SIZE = { cols: 80, rows: 24 }

const { values: flags } = parseArgs({
  options: { parts: { type: 'string', default: 'memory,files,bulk,echo' } },
})
const folder = mkdtempSync(join(tmpdir(), 'latchkey-keeper-'))
const client = await KeeperClient.connect(
  (listener) => reachOrStartKeeper(join(folder, 'keeper'), listener),
  () => {},
)
const pid = keeperPid()
const measures = { memory, files, bulk, echo }
const told = {}
try {
  for (const part of flags.parts.split(',')) told[part] = await measures[part]()
} finally {
  client.leave()
  process.kill(pid, 'SIGTERM')
  rmSync(folder, { recursive: true, force: true })
}
process.stdout.write(`${JSON.stringify({ ...told, load: readFileSync('/proc/loadavg', 'latin1').trim() })}\n`)
process.exit(0)

async function memory() {
  const rows = [{ terminals: 0, ...now() }]
  const open = []
  for (const count of [20, 500]) {
    while (open.length < count) open.push(await kept('printf "$ "; exec sleep 3600'))
    await sleep(1_000)
    for (const { handle, printed } of open) handle.rest(printed())
    await sleep(SETTLES_MS)
    rows.push({ terminals: count, ...now() })
  }
  await Promise.all(open.map((each) => each.close()))
  await sleep(SETTLES_MS)
  return [...rows, { terminals: 0, after: 500, ...now() }]
}

/** `/dev/ptmx` and all else, before and after. */
async function files() {
  await (await kept('exit')).ended
  const before = now()
  for (let n = 0; n < 200; n += 20)
    await Promise.all(Array.from({ length: 20 }, async () => (await kept('exec sleep 3600')).close()))
  return {
    before: before.files,
    after: now().files,
    threadsBefore: before.threads,
    threadsAfter: now().threads,
  }
}

/** 64 MiB through the keeper, and by a PTY in this process, by turns. */
async function bulk() {
  const file = dataFile(64)
  const all = { keeper: [], within: [] }
  for (let round = 0; round < ROUNDS; round++) {
    const before = cpu([pid])
    const startedMs = performance.now()
    const through = await kept(`cat ${file}`)
    await through.ended
    const bytes = through.bytes()
    all.keeper.push({ mbps: bytes / 1_000 / (performance.now() - startedMs), cpu: cpu([pid]) - before })
    const withinMs = performance.now()
    const alone = await new Promise((resolve) => {
      let count = 0
      startPty(program(`cat ${file}`), SIZE, {
        onOutput: (piece) => {
          count += piece.length
        },
        onExit: () => resolve(count),
      })
    })
    all.within.push({ mbps: alone / 1_000 / (performance.now() - withinMs) })
  }
  const middle = (rows, key) =>
    round2(
      pct(
        rows.map((row) => row[key]).sort((a, b) => a - b),
        0.5,
      ),
    )
  return {
    keeperMbps: middle(all.keeper, 'mbps'),
    withinMbps: middle(all.within, 'mbps'),
    keeperCpuSecondsFor64MiB: middle(all.keeper, 'cpu'),
  }
}

/** One key at a time to a program that gives each byte back, through the keeper and without it, by turns. */
async function echo() {
  const script = 'stty raw -echo; printf "@"; exec cat'
  let heard = () => {}
  const through = await kept(script, () => heard())
  const writer = 'bench'
  through.handle.attach(writer, 1)
  let typed = 0
  const alone = startPty(program(script), SIZE, { onOutput: () => heard(), onExit: () => {} })
  await sleep(1_000)
  const ways = {
    keeper: (byte) => through.handle.input(writer, 1, typed++, byte),
    within: (byte) => alone.write(byte),
  }
  const all = { keeper: [], within: [] }
  for (let key = 0; key < KEYS; key++)
    for (const way of ['keeper', 'within']) {
      await sleep(4)
      const startedMs = performance.now()
      const back = new Promise((resolve) => {
        heard = resolve
      })
      ways[way](Uint8Array.of(97 + (key % 26)))
      await back
      all[way].push(performance.now() - startedMs)
    }
  alone.kill()
  await through.close()
  const told = (times) => {
    const sorted = times.sort((a, b) => a - b)
    return { p50Ms: round3(pct(sorted, 0.5)), p95Ms: round3(pct(sorted, 0.95)) }
  }
  return { keeper: told(all.keeper), within: told(all.within) }
}

/** A program in the keeper. */
async function kept(script, onOutput = () => {}) {
  kept.numbers = (kept.numbers ?? 0) + 1
  const handle = await client.open({
    terminal: kept.numbers,
    name: 'bench',
    program: program(script),
    size: SIZE,
  })
  if (typeof handle === 'string') throw new Error(handle)
  let upTo = 0
  let end = () => {}
  const ended = new Promise((resolve) => {
    end = resolve
  })
  handle.listen({
    onKept: () => {},
    onOutput: (offset, bytes) => {
      upTo = offset + bytes.length
      onOutput()
    },
    onResized: () => {},
    onApplied: () => {},
    onStirred: () => {},
    onExited: () => end(),
  })
  return {
    handle,
    ended,
    printed: () => upTo,
    bytes: () => upTo,
    async close() {
      handle.kill()
      await ended
      handle.forget()
    },
  }
}

function program(script) {
  return { file: '/bin/sh', args: ['-c', script], cwd: '/', env: { PATH: process.env.PATH } }
}

function now() {
  return {
    privateMib: round2(mem([pid]).ussKB / 1_024),
    files: readdirSync(`/proc/${pid}/fd`).length,
    threads: readdirSync(`/proc/${pid}/task`).length,
  }
}

function keeperPid() {
  const found = readdirSync('/proc').find((each) => {
    if (!/^\d+$/.test(each)) return false
    try {
      const command = readFileSync(`/proc/${each}/cmdline`, 'latin1')
      return command.includes('keeper-main') && command.includes(folder)
    } catch {
      return false
    }
  })
  if (found === undefined) throw new Error('there is no keeper')
  return Number(found)
}

function round2(value) {
  return Math.round(value * 100) / 100
}

function round3(value) {
  return Math.round(value * 1_000) / 1_000
}
