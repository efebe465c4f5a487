import { openAppLink } from '@latchkey/connection/app/app-link'
import type { AppLink, TerminalWatch } from '@latchkey/connection/app/link'
import type { LinkState } from '@latchkey/connection/app/link-state'
import type { Platform } from '@latchkey/connection/transport'
import { webSockets } from '@latchkey/connection/web-socket'
import { afterEach, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { atCleanUp, cleanUp } from '../../apps/broker/src/testing/harness.ts'
import { FaultProxy, NO_FAULT, seeded } from '../faults/fault-proxy.ts'
import { latchkey, type Ready, UpProcess } from './up-process.ts'

/** `LATCHKEY_LINK_CUTS=250` is the figure in docs. */
const CUTS = Number(process.env['LATCHKEY_LINK_CUTS'] ?? 30)
const SEED = Number(process.env['LATCHKEY_TEST_SEED'] ?? 20_261_121)
afterEach(cleanUp)

/** All that the app planned for later: over once it has run or was called off. */
const plans: { isOver: boolean }[] = []

/** Real sockets and clock; a random source that never waits before a try, so that a test has time for many. */
const platform: Platform = {
  openSocket: webSockets((url) => new WebSocket(url, { perMessageDeflate: false })),
  randomBytes: (byteCount) =>
    byteCount === 4 ? new Uint8Array(4) : crypto.getRandomValues(new Uint8Array(byteCount)),
  nowMs: () => Date.now(),
  after: (delayMs, run) => {
    const plan = { isOver: false }
    plans.push(plan)
    const timer = setTimeout(() => {
      plan.isOver = true
      run()
    }, delayMs)
    return () => {
      plan.isOver = true
      clearTimeout(timer)
    }
  },
}

interface Echo {
  readonly link: AppLink
  readonly proxy: FaultProxy
  readonly watch: TerminalWatch
  readonly states: { readonly status: LinkState['status']; readonly atMs: number }[]
  /** everything drawn since the program was ready */
  readonly drawn: () => Uint8Array
  readonly gaps: number[]
  readonly resets: () => number
}

// This app does not seal: these tests judge the link below.
let up: UpProcess
let ready: Ready
beforeAll(async () => {
  up = new UpProcess({ env: { LATCHKEY_ALLOW_UNSEALED: '1' } })
  ready = await up.ready()
})

/** An app behind a proxy, watching a program that gives back every byte it is typed. */
async function echo(): Promise<Echo> {
  const proxy = new FaultProxy(Number(new URL(ready.url).port))
  const brokerUrl = await proxy.listen()
  atCleanUp(() => proxy.close())
  const link = openAppLink({
    brokerUrl,
    credential: null,
    label: 'fault test',
    locale: 'en',
    platform,
    seal: null,
    onCredential: () => {},
  })
  atCleanUp(() => link.close())
  const states: Echo['states'] = []
  link.state.subscribe(({ status }) => states.push({ status, atMs: performance.now() }))
  const paired = await link.pair(ready.code)
  expect(paired.success).toBe(true)
  const asked = await up.next((event) => event.event === 'pin' && event['unsealed'] === true)
  await latchkey(['pin', '--accept', String(asked['pin']), '--data-dir', up.dataDir])
  await until('live', () => link.state.current.status === 'live')
  const opened = await link.openTerminal({ cols: 80, rows: 24 })
  if (!opened.ok) throw new Error(opened.message)
  let parts: Uint8Array[] = []
  const gaps: number[] = []
  let resets = 0
  const watch = link.watch(
    opened.terminal,
    { cols: 80, rows: 24 },
    {
      write: (bytes, drawn) => {
        parts.push(bytes)
        setImmediate(drawn)
      },
      reset: (_, drawn) => {
        resets += 1
        drawn()
      },
      gap: (byteCount) => gaps.push(byteCount),
      size: () => {},
      exited: () => {},
      gone: () => {},
    },
  )
  watch.type(bytesOf('stty raw -echo; echo READY-$((1+1)); exec cat\r'))
  await until('the program is ready', () => textOf(parts).includes('READY-2\n'))
  await until('all of that is acknowledged', () => watch.pending.current.byteCount === 0)
  parts = []
  resets = 0
  return { link, proxy, watch, states, drawn: () => Buffer.concat(parts), gaps, resets: () => resets }
}

const bytesOf = (text: string) => new TextEncoder().encode(text)
const textOf = (parts: readonly Uint8Array[]) => Buffer.concat(parts).toString()

async function until(what: string, holds: () => boolean, withinMs = 60_000): Promise<void> {
  const end = performance.now() + withinMs
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Types pieces of a stream that never repeats within 64 KiB until `enough`; answers all of it. */
async function typeUntil(watch: TerminalWatch, random: () => number, enough: () => boolean): Promise<Buffer> {
  const typed: Uint8Array[] = []
  let counter = 0
  while (!enough()) {
    const piece = Array.from({ length: Math.ceil(random() ** 4 * 400) }, () => `${counter++},`).join('')
    if (watch.type(bytesOf(piece)) === 'taken') typed.push(bytesOf(piece))
    await new Promise((resolve) => setTimeout(resolve, random() * 8))
  }
  return Buffer.concat(typed)
}

it(`${CUTS} connections cut at random bytes lose nothing and double nothing, neither typed nor printed`, async () => {
  const { link, proxy, watch, drawn, gaps, resets } = await echo()
  const random = seeded(SEED)
  // Cool-downs add up: after ten seconds of bad luck the person is asked, and wants it sent.
  let asked = 0
  watch.held.subscribe((held) => {
    if (held === null) return
    asked += 1
    watch.sendHeld()
  })
  proxy.plan = () => ({ kind: 'cut', afterBytes: 1 + Math.floor(random() ** 2 * 40_000) })
  proxy.cutAll()
  const began = performance.now()
  const typed = await typeUntil(watch, random, () => proxy.cuts >= CUTS)
  proxy.plan = () => NO_FAULT
  await until('all comes back', () => drawn().length >= typed.length)
  await until('all is acknowledged', () => watch.pending.current.byteCount === 0)
  console.info(
    `${proxy.cuts} cuts, ${typed.length} bytes, ${Math.round(performance.now() - began)} ms, asked ${asked} times, seed ${SEED}`,
  )
  expect(proxy.cuts).toBeGreaterThanOrEqual(CUTS)
  expect(Buffer.compare(Buffer.from(drawn()), typed), `seed ${SEED}`).toBe(0)
  expect(gaps).toEqual([])
  expect(resets()).toBe(0)
  await until('live', () => link.state.current.status === 'live')
})

it('a connection that stalls is found out, said so, replaced, and nothing is lost or doubled', async () => {
  const { proxy, watch, drawn, states } = await echo()
  states.length = 0
  proxy.stallAll()
  watch.type(bytesOf('typed into the dark'))
  expect(watch.pending.current.byteCount).toBe(19)
  await until(
    'it is no longer called live',
    () => states.some(({ status }) => status === 'reconnecting'),
    12_000,
  )
  await until('the echo is back', () => drawn().length >= 19)
  expect(textOf([drawn()])).toBe('typed into the dark')
})

it('after a wake-up a dead connection is replaced, and what was typed into it arrives once', async () => {
  const { link, proxy, watch, drawn } = await echo()
  proxy.stallAll()
  link.wake()
  watch.type(bytesOf('hello'))
  await until('the echo is back', () => drawn().length >= 5)
  expect(textOf([drawn()])).toBe('hello')
})

it('after a wake-up a connection that lives is kept', async () => {
  const { link, watch, drawn, states } = await echo()
  states.length = 0
  const before = plans.length
  link.wake()
  const ofWaking = plans.slice(before)
  expect(ofWaking.length, 'the wake-up judges the connection later').toBeGreaterThan(0)
  watch.type(bytesOf('hello'))
  await until('the echo is back', () => drawn().length >= 5)
  await until('the judgement is given', () => ofWaking.every(({ isOver }) => isOver))
  expect(states.filter(({ status }) => status !== 'live')).toEqual([])
})
