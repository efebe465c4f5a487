import { expect, it } from 'vitest'
import { BEGINNING, evolve, type Fact, type UpState } from './facts.ts'
import { firstScreen } from './first-screen.ts'
import { paintWith } from './paint.ts'
import { qrLines } from './qr.ts'
import { nextAddress } from './reach.ts'
import { addressScreen, pinScreen, plainScreen, qrScreen, rowsOf, statusLine } from './screen.ts'
import { columnsOf } from './text-width.ts'
import type { View } from './view.ts'

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
const code = { kind: 'code' as const, code: 'K7M-2PQ-X3B', expiresAtMs: 581_000, runnerId: 'runner' }
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
    endTerminals: false,
  },
  nowMs: 0,
  offlineSinceMs: null,
  columns: 80,
  rows: 50,
  paint: paintWith(false),
  qr: true,
  keys: 'q QR   n new code   c copy link   ? help   Ctrl-C stop',
  ...more,
})
const onNetwork = [listening('http://192.168.1.5:6969'), code].reduce(evolve, BEGINNING)
const here = [listening('http://127.0.0.1:6969'), code].reduce(evolve, BEGINNING)

const BLOCKS = /█ ▄▀ ▀▀▀█ █▄ ▄█ {5}▀▀▀▄/

it('the first screen fits 80 x 24 with the code as its largest thing and the short link as its QR', () => {
  const lines = firstScreen(view(onNetwork, { rows: 24 }))
  const text = lines.join('\n')
  expect(rowsOf(lines, 80)).toBeLessThan(24)
  expect(lines.every((line) => columnsOf(line) <= 80)).toBe(true)
  expect(text).toMatch(BLOCKS)
  expect(lines.filter((line) => /\u001b\[38;5;16;48;5;231m/.test(line))).toHaveLength(17)
  for (const said of [
    '192.168.1.5:6969',
    'K7M-2PQ-X3B there',
    'zsh in ~/site as ada',
    'Lasts',
    'd  devices',
    'l  lock',
  ])
    expect(text).toContain(said)
  // The QR holds only the pairing code, so an app that scans it still needs the PIN.
  const scanned = qrLines('http://192.168.1.5:6969/p#1.K7M2PQX3B', 2).lines
  expect(lines.some((line) => line.includes(scanned[5] ?? '?'))).toBe(true)
})

it('the screen has no line that breaks, whatever the window and the address', () => {
  const long = [listening(`https://${'a-long-name.'.repeat(9)}example.net:6969`), code].reduce(
    evolve,
    BEGINNING,
  )
  for (const state of [onNetwork, here, long, BEGINNING])
    for (const columns of [40, 60, 79, 80, 100, 200])
      for (const rows of [16, 24, 50])
        for (const line of firstScreen(view(state, { columns, rows })))
          expect(columnsOf(line)).toBeLessThanOrEqual(columns)
})

it('without room for the QR it says that q shows it, and where there is none it says nothing of one', () => {
  const narrow = firstScreen(view(onNetwork, { columns: 60, rows: 24 }))
  expect(rowsOf(narrow, 60)).toBeLessThan(24)
  expect(narrow.join('\n')).toMatch(BLOCKS)
  expect(narrow.join('\n')).toContain('q shows it alone')
  expect(firstScreen(view(onNetwork, { columns: 60, qr: false })).join('\n')).not.toContain('The QR')
  expect(plainScreen(view(onNetwork)).join('\n')).not.toContain('QR')
  expect(
    plainScreen(view(onNetwork, { machine: { ...view(here).machine, allowUnsealed: false } })).join('\n'),
  ).not.toContain('QR')
})

it('a code that has no picture is a word', () => {
  const other = [listening('http://192.168.1.5:6969'), { ...code, code: 'OIL-2PQ-X3B' }].reduce(
    evolve,
    BEGINNING,
  )
  expect(firstScreen(view(other)).join('\n')).toMatch(/Code +OIL-2PQ-X3B/)
})

it('as lines it says code, link, what opens, safety, console, in this order', () => {
  const text = plainScreen(view(onNetwork, { keys: '' })).join('\n')
  const parts = [
    'K7M-2PQ-X3B',
    'new code in 9:41',
    '/p#1.K7M2PQX3B',
    'zsh in ~/site',
    'Sealed end to end',
    '/console#once',
  ]
  const places = parts.map((part) => text.indexOf(part))
  expect(places).toEqual([...places].sort((a, b) => a - b))
  expect(places[0]).toBeGreaterThan(0)
})

it('where keys are read, a person gets no line that a terminal would break', () => {
  const lines = plainScreen(view(onNetwork))
  expect(lines.every((line) => columnsOf(line) <= 80)).toBe(true)
  expect(lines.join('\n')).not.toContain('console#once')
})

it('each press of a key leads links to another address of the broker, and round again', () => {
  const [one, two] = ['http://192.168.1.5:6969', 'http://10.0.0.7:6969']
  const at: Fact = {
    kind: 'broker-listening',
    at: {
      ...{ url: one, pageUrl: null, port: 6969, consoleUrl: null },
      addresses: ['127.0.0.1', '192.168.1.5', '10.0.0.7'],
    },
  }
  const both = evolve(BEGINNING, at)
  expect(nextAddress(both)).toBe(two)
  const chosen = [code, { kind: 'address' as const, url: two }].reduce(evolve, both)
  expect(firstScreen(view(chosen)).join('\n')).toContain('10.0.0.7:6969')
  expect(firstScreen(view(chosen)).join('\n')).toContain('w  another address')
  expect(nextAddress(chosen)).toBe(one)
  // A broker that comes back leaves the choice as it is.
  expect(evolve(chosen, at).listening?.url).toBe(two)
  expect(nextAddress(here)).toBeNull()
  expect(firstScreen(view(onNetwork)).join('\n')).not.toContain('another address')
})

it('while the broker is not reached the screen says where and for how long it tries', () => {
  const away = evolve(onNetwork, { kind: 'link', status: 'offline' })
  const text = firstScreen(view(away, { offlineSinceMs: 0, nowMs: 7_400 })).join('\n')
  expect(text).toContain('Connecting to 192.168.1.5:6969… 7 s')
})

it('the long QR is alone on the screen when asked for', () => {
  const alone = qrScreen(view(onNetwork, { rows: 24, qr: false }))
  expect(alone.join('')).toContain('▀')
  expect(alone.length).toBeLessThanOrEqual(24)
  expect(qrScreen(view(onNetwork, { columns: 20 })).join('')).toContain('too small')
})

it('an address is shown whole or not at all', () => {
  const address = 'http://192.168.1.5:6969/console#once'
  expect(addressScreen(view(onNetwork), 'The console', address)).toContain(`  ${address}`)
  expect(addressScreen(view(onNetwork, { columns: 30 }), 'The console', address).join(' ')).toContain(
    'too narrow',
  )
})

it('on loopback it promises this machine only and does not speak of the network', () => {
  for (const text of [plainScreen(view(here)).join('\n'), firstScreen(view(here)).join('\n')]) {
    expect(text).toContain('this machine only')
    expect(text).not.toContain('network')
  }
})

it('root and view-only are said', () => {
  const machine = { ...view(here).machine, user: 'root' }
  for (const screen of [plainScreen, firstScreen]) {
    expect(screen(view(here, { machine })).join(' ')).toMatch(/anything\s+(on|here)/)
    expect(screen(view(here, { machine: { ...machine, viewOnly: true } })).join(' ')).toContain('watch')
  }
})

it('while an app is connected the block is one line', () => {
  const joined = evolve(onNetwork, { kind: 'app', action: 'connected', app: phone })
  const open = evolve(joined, { kind: 'terminals', open: 2 })
  expect(statusLine(view(open))).toEqual(['1 app · Pixel 8 · 2 terminals · code K7M-2PQ-X3B (9:41) · ? help'])
})

it('the end of the code is said by the day, and its last minute in seconds', () => {
  const at = (nowMs: number) => firstScreen(view(onNetwork, { nowMs })).join('\n')
  expect(at(0)).toMatch(/Lasts +until \d\d:\d\d/)
  expect(at(530_000)).toMatch(/Lasts +51 s more/)
  const tomorrow = evolve(onNetwork, { ...code, expiresAtMs: 24 * 3_600_000 })
  expect(firstScreen(view(tomorrow)).join('\n')).toMatch(/until \d\d:\d\d tomorrow/)
})

it('a locked machine says so, and its key unlocks', () => {
  const locked = firstScreen(view(evolve(onNetwork, { kind: 'lock', reason: 'owner' }))).join('\n')
  expect(locked).toContain('l  unlock')
  expect(locked).toContain('Locked')
})

it('an app that cannot seal is shown as a question to say yes to, not as a PIN', () => {
  const prompt = {
    pin: '482913',
    label: 'Old app',
    address: '192.168.1.9',
    expiresAtMs: 90_000,
    ...{ viewOnly: false, approve: false, send: false },
    unsealed: true,
  }
  const text = pinScreen(view(here), prompt).join('\n')
  expect(text).toContain('NOT SEALED')
  expect(text).toContain('1:30 left')
  expect(text).toContain('y let it in')
  expect(text.replace(/\s+/g, ' ')).toContain('can run commands here as ada. It cannot seal')
  expect(text).not.toMatch(/482 ?913/)
})

it('an app that only watches can be let answer agents and send files, and the screen says what it can do', () => {
  const prompt = {
    ...{ pin: '482913', label: 'Pixel 8', address: '192.168.1.9', expiresAtMs: 90_000, unsealed: false },
    ...{ viewOnly: true, approve: true, send: false },
  }
  const text = pinScreen(view(here), prompt).join('\n')
  expect(text).toContain('watch and answer agents')
  expect(text).toContain('s let it send files')
  const typing = pinScreen(view(here), { ...prompt, viewOnly: false, approve: false }).join('\n')
  expect(typing).not.toContain('a let it')
})
