// The product: its real broker and runner as processes, driven through the link that the pages use. Output is granted
// when it is drawn, as a page does. Sealed as it ships; `latchkey-unsealed` is the same without sealing.
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { openAppLink } from '@latchkey/connection/app/app-link'
import { parsePairingFragment } from '@latchkey/e2ee/pairing-url'
import { nodePlatform } from '../../apps/cli/dist/attach/node-platform.js'
import { FRUGAL_ENV, FRUGAL_NODE_FLAGS } from '../../apps/runner/dist/idle-memory.js'
import { newPhone } from '../lib/phone.mjs'
import { sleep } from '../lib/stats.mjs'
import {
  dial,
  endProcs,
  freePort,
  HOME,
  need,
  ROOT,
  SCRATCH,
  Session,
  startProc,
  waitLog,
  waitPort,
} from '../lib/util.mjs'

const APPS = path.resolve(ROOT, '../apps')

const OPEN_TRIES = 20

/** Phones that are paired and not in use: they were here before. */
const known = new Map()

async function openSession(ctx, options) {
  const { host, port } = dial(ctx, options)
  const pool = known.get(ctx.port) ?? known.set(ctx.port, []).get(ctx.port)
  const phone = (options.cold ? null : pool.pop()) ?? newPhone()
  const firstTime = phone.credential === null
  const link = openAppLink({
    brokerUrl: `http://${host}:${port}`,
    credential: phone.credential,
    label: 'bench',
    locale: 'en',
    platform: nodePlatform,
    features: options.features ?? [],
    seal: ctx.sealed ? { sealer: phone.sealer, runnerId: phone.runnerId, allowUnsealed: false } : null,
    onCredential: (given) => {
      phone.credential = given
    },
  })
  if (firstTime) {
    const shown = ctx.sealed ? await unusedLink(ctx.runnerLog) : linkShown(ctx.runnerLog)
    const paired = await link.pair(shown.code, ctx.sealed ? shown.seal : undefined)
    if (!paired.success) throw new Error(`not paired: ${paired.code} ${paired.message}`)
    phone.runnerId = paired.runnerId
  }
  const size = { cols: options.cols ?? 80, rows: options.rows ?? 24 }
  let terminal = options.attach
  if (terminal === undefined) {
    const opened = await openTerminal(link, size)
    if (!opened.ok) throw new Error(`no terminal: ${opened.code}`)
    terminal = opened.terminal
  }
  const session = Object.assign(new Session(), { renderRate: options.renderRate ?? 0, shareId: terminal })
  const give = (bytes, drawn) =>
    session.emitData(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), drawn)
  const watch = link.watch(terminal, size, {
    write: give,
    reset: (snapshot, drawn) => give(snapshot.bytes, drawn),
    gap: (byteCount) => {
      session.missing = (session.missing ?? 0) + byteCount
    },
    size: () => {},
    exited: () => {},
    gone: () => {},
  })
  session.write = (bytes) => {
    const typed = watch.type(bytes)
    if (typed !== 'taken') throw new Error(`not typed: ${typed}`)
  }
  session.resize = (cols, rows) => watch.takeSize({ cols, rows })
  /** Leaves the terminal open. */
  session.leave = async () => {
    watch.detach()
    await sleep(20)
    link.close()
    if (phone.credential !== null) pool.push(phone)
  }
  session.close = async () => {
    watch.detach()
    if (options.attach === undefined) link.closeTerminal(terminal)
    await sleep(20) // let the last frames leave
    link.close()
    if (phone.credential !== null) pool.push(phone)
  }
  return session
}

/** Waits for a link that is lost at this moment: machines that have no time lose some. */
async function openTerminal(link, size) {
  for (let tries = 1; ; tries++) {
    const opened = await link.openTerminal(size)
    if (opened.ok || opened.code !== 'OFFLINE' || tries === OPEN_TRIES) return opened
    await sleep(500)
  }
}

/** Links that a session has taken. */
const used = new Set()

/** The link that the runner shows now, with its text; the code in it changes as well. */
function linkShown(runnerLog) {
  const text = [...fs.readFileSync(runnerLog, 'utf8').matchAll(/"fragment":"([^"]+)"/g)].at(-1)?.[1]
  const link = text === undefined ? null : parsePairingFragment(text)
  return link && { ...link, text }
}

/** The same, once it shows an unused URL: each URL works once, then the runner shows another. */
async function unusedLink(runnerLog) {
  for (let tries = 0; tries < 400; tries++) {
    const shown = linkShown(runnerLog)
    if (shown !== null && !used.has(shown.text)) {
      used.add(shown.text)
      return shown
    }
    await sleep(25)
  }
  throw new Error('the runner shows no unused link')
}

export function latchkeyAdapter({ name, title, sealed }) {
  return {
    name,
    title,
    kind: 'product',
    caps: { shared: true, memory: 200, resting: true },
    start: () => startProduct(name, sealed),
    open: (ctx, options = {}) => openSession(ctx, options),
    async stop(ctx) {
      await endProcs(ctx.pids)
      known.delete(ctx.port)
      fs.rmSync(ctx.data, { recursive: true, force: true })
    },
  }
}

export default latchkeyAdapter({
  name: 'latchkey',
  title: 'Latchkey: broker and runner, sealed',
  sealed: true,
})

async function startProduct(name, sealed) {
  const broker = need(
    path.join(APPS, 'cli/dist/bundle/broker.js'),
    'the programs are not built: npm run build',
  )
  const data = fs.mkdtempSync(path.join(SCRATCH, 'latchkey-'))
  const port = await freePort()
  const env = { ...FRUGAL_ENV, LATCHKEY_DATA_DIR: data, LATCHKEY_LOG: 'warn' }
  // As `latchkey up` starts them.
  const brokerRun = startProc(`${name}-broker`, process.execPath, [...FRUGAL_NODE_FLAGS, broker], {
    env: {
      ...env,
      LATCHKEY_PORT: String(port),
      LATCHKEY_LOCAL: 'on',
      // One machine is everybody here.
      LATCHKEY_LIMIT_SOCKETS: '10000',
      LATCHKEY_LIMIT_NEW_APPS: '10000',
      LATCHKEY_LIMIT_CODE_FINDS: '1000',
      LATCHKEY_LIMIT_ADDRESS_FAILURES: '10000',
    },
  })
  await waitPort(port)
  const secret = fs.readFileSync(path.join(data, 'enrolment-secret'), 'utf8').trim()
  const runner = path.join(APPS, 'cli/dist/bundle/runner.js')
  const runnerRun = startProc(`${name}-runner`, process.execPath, [...FRUGAL_NODE_FLAGS, runner], {
    env: {
      ...env,
      LATCHKEY_BROKER_URL: `http://127.0.0.1:${port}`,
      LATCHKEY_RUNNER_SECRET: secret,
      LATCHKEY_SHELL: '/bin/bash',
      LATCHKEY_FOLDER: HOME,
      LATCHKEY_END_TERMINALS: 'on',
      LATCHKEY_TERMINALS_MAX: '1000',
      LATCHKEY_ALLOW_UNSEALED: sealed ? 'off' : 'on',
    },
  })
  if (!sealed) sayYes(runnerRun.log, data)
  const [, code] = await waitLog(runnerRun.log, /"event":"registered","code":"([^"]+)"/)
  const keeper = keeperPid(data)
  const pids = [brokerRun.pid, runnerRun.pid, keeper]
  return {
    host: '127.0.0.1',
    port,
    code,
    sealed,
    runnerLog: runnerRun.log,
    data,
    pids,
    roles: { broker: [brokerRun.pid], runner: [runnerRun.pid], keeper: [keeper] },
  }
}

/** The process that keeps the terminals of this data folder: no child of the runner that started it. */
function keeperPid(data) {
  const found = fs.readdirSync('/proc').find((name) => {
    const command = /^\d+$/.test(name) ? commandOf(name) : ''
    return command.includes('keeper-main') && command.includes(data)
  })
  if (found === undefined) throw new Error('there is no keeper')
  return Number(found)
}

/** Empty for a process that has ended meanwhile. */
function commandOf(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1')
  } catch {
    return ''
  }
}

/** Lets every app in that cannot seal, as its owner would: the runner says in its log who waits, under which number. */
function sayYes(log, data) {
  const accepted = new Set()
  setInterval(() => {
    for (const [, pin] of fs.readFileSync(log, 'utf8').matchAll(/"event":"pin","pin":"(\d+)"/g)) {
      if (accepted.has(pin)) continue
      accepted.add(pin)
      const socket = net.connect(path.join(data, 'runner', 'control.sock'))
      socket.on('error', () => accepted.delete(pin))
      // Their number is counted, as that of PINs is: unlocking counts anew.
      socket.end(`${JSON.stringify({ command: 'accept', pin })}\n${JSON.stringify({ command: 'unlock' })}\n`)
    }
  }, 50).unref()
}
