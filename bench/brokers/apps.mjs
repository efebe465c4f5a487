/** An app in a terminal of its own, where a program gives back every byte that is typed. */
import { openAppLink } from '@latchkey/connection/app/app-link'
import { nodePlatform } from '../../apps/cli/dist/attach/node-platform.js'
import { sleep } from '../lib/stats.mjs'

const SIZE = { cols: 80, rows: 24 }
const WITHIN_MS = 60_000

/** A paired app; answers when it is live. */
async function pairedLink(brokerUrl, code, label) {
  const link = openAppLink({
    brokerUrl,
    credential: null,
    label,
    locale: 'en',
    platform: nodePlatform,
    seal: null,
    onCredential: () => {},
  })
  const paired = await link.pair(code)
  if (!paired.success) throw new Error(`not paired: ${paired.code}`)
  await holds('a link', () => link.state.current.status === 'live')
  return link
}

export async function startApp(brokerUrl, code, label) {
  return openTerminal(await pairedLink(brokerUrl, code, label), 'exec cat')
}

/** One more terminal of an app. */
export async function openTerminal(link, program) {
  const opened = await link.openTerminal(SIZE)
  if (!opened.ok) throw new Error(opened.message)
  const app = {
    link,
    typedBytes: 0,
    drawnBytes: 0,
    /** the next byte that is expected back, as typed: anything else is lost or doubled */
    wrongBytes: 0,
    drawnAnew: 0,
    hear: null,
    expected: [],
    type(bytes) {
      if (watch.type(bytes) !== 'taken') return
      app.typedBytes += bytes.length
      app.expected.push(bytes)
    },
    /** a number that never repeats for this app */
    typeNext() {
      app.type(Buffer.from(`${app.count++},`))
    },
    count: 0,
    watch: null,
    close: () => link.close(),
  }
  let early = Buffer.alloc(0)
  let ready = false
  const watch = link.watch(opened.terminal, SIZE, {
    write: (bytes, drawn) => {
      if (!ready) early = Buffer.concat([early, bytes])
      else if (app.hear !== null) app.hear(bytes)
      else check(app, bytes)
      setImmediate(() => drawn())
    },
    reset: (_, drawn) => {
      app.drawnAnew++
      drawn()
    },
    gap: (byteCount) => {
      app.wrongBytes += byteCount
    },
    size: () => {},
    exited: () => {},
    gone: () => {},
  })
  app.watch = watch
  watch.held.subscribe((held) => held !== null && watch.sendHeld())
  watch.type(Buffer.from(`stty raw -echo; echo READY-$((1+1)); ${program}\r`))
  await holds('the program', () => early.includes('READY-2\n'))
  await sleep(100)
  ready = true
  app.drawnAnew = 0
  return app
}

/** Compares the output with the typed bytes, byte by byte and in order. */
function check(app, bytes) {
  app.drawnBytes += bytes.length
  for (const byte of bytes) {
    const first = app.expected[0]
    if (first === undefined || first[0] !== byte) app.wrongBytes++
    if (first !== undefined) {
      if (first.length === 1) app.expected.shift()
      else app.expected[0] = first.subarray(1)
    }
  }
}

export async function holds(what, isSo, withinMs = WITHIN_MS) {
  const end = performance.now() + withinMs
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`)
    await sleep(10)
  }
}
