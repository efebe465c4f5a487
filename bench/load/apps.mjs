/**
 * Many apps in one process, for a bench: each has its own phone, pairs by the pairing URL of its machine, opens a terminal and
 * watches it, sealed. It draws nothing, but compares each byte with the one that is due there.
 *
 * argv: the broker's address, the pace of the terminals. Orders and answers go by messages of the process.
 */
import { openAppLink } from '@latchkey/connection/app/app-link'
import { parsePairingFragment } from '@latchkey/e2ee/pairing-url'
import { nodePlatform } from '../../apps/cli/dist/attach/node-platform.js'
import { newPhone } from '../lib/phone.mjs'
import { PACES, printed } from './paces.mjs'

const [brokerUrl, pace] = process.argv.slice(2)
const SIZE = { cols: 80, rows: 24 }
const WITHIN_MS = 60_000
const PAIR_TRIES = 8
const LATE = new Set(['NETWORK_ERROR', 'TIMEOUT'])
const { keysPerSecond, bytesPerSecond } = PACES[pace]
/** Nothing is heard in its terminals: an app is back when its link is. */
const isQuiet = keysPerSecond === 0 && bytesPerSecond === 0

const apps = []
process.once('disconnect', () => process.exit())
process.on('message', (order) => {
  if (order.order === 'pair')
    startApp(order.fragment)
      .then((app) => {
        apps.push(app)
        process.send({ event: 'paired', machine: order.machine, share: order.share })
      })
      .catch((problem) =>
        process.send({ event: 'not-paired', machine: order.machine, message: problem.message }),
      )
  if (order.order === 'quiet') isTyping = false
  if (order.order === 'count') process.send({ event: 'counted', ...counted() })
})

/** Since the last count. */
function counted() {
  const all = {
    apps: apps.length,
    live: apps.filter((app) => app.isLive).length,
    bytes: 0,
    wrongBytes: 0,
    gapBytes: 0,
    drawnAnew: 0,
    losses: 0,
    untypedBytes: 0,
    echoMs: [],
    codes: {},
    backAtMs: [],
    outagesMs: [],
  }
  for (const app of apps) {
    for (const key of ['bytes', 'wrongBytes', 'gapBytes', 'drawnAnew', 'losses']) {
      all[key] += app[key]
      app[key] = 0
    }
    all.untypedBytes += app.expected.length
    all.echoMs.push(...app.echoMs.splice(0))
    all.backAtMs.push(app.backAtMs)
    all.outagesMs.push(...app.outagesMs.splice(0))
    for (const [code, n] of Object.entries(app.codes)) all.codes[code] = (all.codes[code] ?? 0) + n
    app.codes = {}
  }
  return all
}

async function startApp(fragment) {
  const phone = newPhone()
  const { code, seal } = parsePairingFragment(fragment)
  const app = {
    bytes: 0,
    wrongBytes: 0,
    gapBytes: 0,
    drawnAnew: 0,
    losses: 0,
    isLive: false,
    codes: {},
    /** when it last heard its terminal again after a loss, by the wall clock; null while it is away */
    backAtMs: 0,
    lostAtMs: 0,
    /** how long each loss lasted, until its terminal was heard again */
    outagesMs: [],
    /** the offset of the next byte; null until a picture has said it */
    offset: null,
    /** keys that have not come back, with the time of each */
    expected: [],
    echoMs: [],
  }
  const link = openAppLink({
    brokerUrl,
    credential: null,
    label: 'load',
    locale: 'en',
    platform: nodePlatform,
    seal: { sealer: phone.sealer, runnerId: null, allowUnsealed: false },
    onCredential: () => {},
  })
  try {
    await pair(link, code, seal)
    await holds('a link', () => link.state.current.status === 'live')
    const opened = await link.openTerminal(SIZE)
    if (!opened.ok) throw new Error(`${opened.code} ${opened.message}`)
    watch(app, link, opened.terminal)
  } catch (problem) {
    link.close()
    throw problem
  }
  return app
}

/** A machine that is busy with the load may need longer than a person waits. */
async function pair(link, code, seal) {
  for (let tries = 1; ; tries++) {
    const paired = await link.pair(code, seal)
    if (paired.success) return
    if (tries === PAIR_TRIES || !LATE.has(paired.code)) throw new Error(`${paired.code} ${paired.message}`)
  }
}

function watch(app, link, terminal) {
  app.isLive = true
  link.state.subscribe((state) => {
    const live = state.status === 'live'
    if (app.isLive && !live) {
      app.losses++
      if (app.backAtMs !== null) app.lostAtMs = Date.now()
      app.backAtMs = null
    }
    app.isLive = live
    const code = state.failure?.code ?? state.reason ?? null
    if (!live) app.codes[code ?? state.status] = (app.codes[code ?? state.status] ?? 0) + 1
    if (live && isQuiet) isBack(app)
  })
  const watched = link.watch(terminal, SIZE, {
    write: (bytes, drawn) => {
      app.bytes += bytes.length
      isBack(app)
      check(app, bytes)
      setImmediate(() => drawn())
    },
    reset: ({ bytes }, drawn) => {
      app.drawnAnew++
      app.offset = Number(Buffer.from(bytes).toString().slice(1))
      drawn()
    },
    gap: (byteCount) => {
      app.gapBytes += byteCount
    },
    size: () => {},
    exited: () => process.send({ event: 'trouble', message: 'a terminal has ended' }),
    gone: () => process.send({ event: 'trouble', message: 'a terminal is gone' }),
  })
  watched.held.subscribe((held) => held !== null && watched.sendHeld())
  if (keysPerSecond > 0) type(app, watched)
}

function isBack(app) {
  if (app.backAtMs !== null) return
  app.backAtMs = Date.now()
  app.outagesMs.push(app.backAtMs - app.lostAtMs)
}

let isTyping = true
let typed = 0
function type(app, watched) {
  const again = () =>
    setTimeout(
      () => {
        if (!isTyping) return
        const key = 97 + (typed++ % 26)
        if (watched.type(Uint8Array.of(key)) === 'taken') app.expected.push({ key, atMs: performance.now() })
        again()
      },
      (1_000 / keysPerSecond) * (0.5 + Math.random()),
    )
  again()
}

function check(app, bytes) {
  if (keysPerSecond > 0) {
    for (const byte of bytes) {
      const due = app.expected.shift()
      if (due?.key !== byte) app.wrongBytes++
      else app.echoMs.push(performance.now() - due.atMs)
    }
    return
  }
  app.offset ??= 0
  for (let at = 0; at < bytes.length; at += 32_768) {
    const piece = bytes.subarray(at, at + 32_768)
    if (Buffer.compare(piece, printed(app.offset, piece.length)) !== 0) app.wrongBytes += piece.length
    app.offset += piece.length
  }
}

async function holds(what, isSo) {
  const end = performance.now() + WITHIN_MS
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`not within ${WITHIN_MS} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
