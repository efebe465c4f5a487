import { expect, it } from 'vitest'
import { BEGINNING, evolve, type Fact, type UpState } from './facts.ts'
import { paintWith } from './paint.ts'
import { firstScreen, qrScreen, rowsOf, statusLine, type View } from './screen.ts'

const listening = (url: string): Fact => ({
  kind: 'broker-listening',
  at: {
    url,
    pageUrl: null,
    port: 6969,
    addresses: ['127.0.0.1', new URL(url).hostname],
    consoleUrl: `${url}/console#once`,
  },
})
const code: Fact = { kind: 'code', code: 'K7M-2PQ-X3B', expiresAtMs: 581_000, runnerId: 'runner' }
const phone = { appSessionId: 'a', label: 'Pixel 8', address: '192.168.1.9' }

const view = (state: UpState, more: Partial<View> = {}): View => ({
  state,
  machine: {
    name: 'forge',
    version: '1.0.0',
    shell: 'zsh',
    folder: '~/site',
    user: 'ada',
    viewOnly: false,
    allowUnsealed: true,
    ownBroker: true,
  },
  nowMs: 0,
  columns: 80,
  rows: 50,
  paint: paintWith(false),
  qr: true,
  keys: 'q QR   n new code   c copy link   ? help   Ctrl-C stop',
  ...more,
})
const onNetwork = [listening('http://192.168.1.5:6969'), code].reduce(evolve, BEGINNING)
const here = [listening('http://127.0.0.1:6969'), code].reduce(evolve, BEGINNING)

it('the first screen says code, link, QR, what opens, safety, console, in this order', () => {
  const text = firstScreen(view(onNetwork)).join('\n')
  const parts = [
    'K7M-2PQ-X3B',
    'new code in 9:41',
    '/p#1.K7M2PQX3B',
    '▀',
    'zsh in ~/site',
    'Sealed end to end',
    '/console#once',
  ]
  const places = parts.map((part) => text.indexOf(part))
  expect(places).toEqual([...places].sort((a, b) => a - b))
  expect(places[0]).toBeGreaterThan(0)
})

it('without the QR it fits 24 rows of 60 columns', () => {
  const lines = firstScreen(view(onNetwork, { columns: 60, rows: 24 }))
  expect(rowsOf(lines, 60)).toBeLessThan(24)
  expect(lines.join('\n')).not.toContain('▀')
})

it('the QR is hidden where it does not fit, and alone on the screen when asked for', () => {
  expect(firstScreen(view(onNetwork, { columns: 40 })).join('')).not.toContain('▀')
  const alone = qrScreen(view(onNetwork, { rows: 24, qr: false }))
  expect(alone.join('')).toContain('▀')
  expect(alone.length).toBeLessThanOrEqual(24)
  expect(qrScreen(view(onNetwork, { columns: 20 })).join('')).toContain('too small')
})

it('on loopback it promises this machine only and does not speak of the network', () => {
  const text = firstScreen(view(here)).join('\n')
  expect(text).toContain('this machine only')
  expect(text).not.toContain('network')
})

it('root and view-only are said', () => {
  const machine = { ...view(here).machine, user: 'root' }
  expect(firstScreen(view(here, { machine })).join(' ')).toContain('anything on')
  expect(firstScreen(view(here, { machine: { ...machine, viewOnly: true } })).join(' ')).toContain('watch')
})

it('while an app is connected the block is one line', () => {
  const joined = evolve(onNetwork, { kind: 'app', action: 'connected', app: phone })
  const open = evolve(joined, { kind: 'terminals', open: 2 })
  expect(statusLine(view(open))).toEqual(['1 app · Pixel 8 · 2 terminals · code K7M-2PQ-X3B (9:41) · ? help'])
})

it('the last minute is shown in another colour', () => {
  const paint = paintWith(true)
  expect(firstScreen(view(onNetwork, { paint, nowMs: 500_000 })).join('')).not.toContain('\u001b[33mnew')
  expect(firstScreen(view(onNetwork, { paint, nowMs: 530_000 })).join('')).toContain(
    '\u001b[33mnew code in 0:51',
  )
})
