import { expect, onTestFinished, test, vi } from 'vitest'
import { addressOf, place, placeOf, startPlaces } from './places.ts'
import { codeOfFragment } from './runner-pairing/code-field.ts'

const read = (path: string, fragment = '', query = '') => placeOf({ path, query, fragment }, codeOfFragment)

test('each place has an address that leads back to it', () => {
  const places = [
    read('/'),
    read('/p'),
    read('/console'),
    read('/console', '#/activity'),
    read('/join'),
    read('/approve'),
    read('/', '#/needs-me'),
    read('/', '#/machines'),
    read('/', '#/m/abcdefghijklmnopqrstuvwxyz/3'),
    read('/', `#/m/abcdefghijklmnopqrstuvwxyz/3/q/${'0f'.repeat(16)}`),
  ]
  for (const place of places) {
    const [path = '', fragment] = addressOf(place).split('#')
    expect(read(path, fragment === undefined ? '' : `#${fragment}`)).toEqual(place)
  }
})

test('a code or a token of a link is taken and not put into an address again', () => {
  const pair = read('/p', '#1.K7M2PQX3B')
  expect(pair).toEqual({ page: 'pair', code: 'K7M-2PQ-X3B', link: '#1.K7M2PQX3B' })
  expect(addressOf(pair)).toBe('/p')
  const console = read('/console', '#one-time-token')
  expect(console).toMatchObject({ token: 'one-time-token', section: 'overview' })
  expect(addressOf(console)).toBe('/console')
})

test('a device joins with the token of a link, wherever the link has it', () => {
  for (const join of [read('/join', '#a-token'), read('/join', '', '?token=a-token')]) {
    expect(join).toEqual({ page: 'join', token: 'a-token' })
    expect(addressOf(join)).toBe('/join')
  }
  expect(read('/join', '#', '?token=')).toEqual({ page: 'join', token: null })
})

test('the operator is led to the machine that asks, by either form of its code', () => {
  expect(read('/approve', '', '?user_code=WDJB-MJHT')).toEqual({ page: 'approve', code: 'WDJB-MJHT' })
  expect(read('/approve', '#WDJB-MJHT')).toEqual({ page: 'approve', code: 'WDJB-MJHT' })
})

test('a fragment that means nothing is the beginning, a path that means nothing is said so', () => {
  expect(read('/', '#/m/')).toEqual({ page: 'home' })
  expect(read('/elsewhere')).toEqual({ page: 'nowhere', path: '/elsewhere' })
  for (const cut of ['#/m/%', '#/m/%E2%80', '#/m/%zz/1']) expect(read('/', cut)).toEqual({ page: 'home' })
})

test('what is secret in the address leaves it, and the history, before anything else happens', () => {
  const listeners = new Map<string, () => void>()
  const bar = { pathname: '/p', search: '', hash: '#1.K7M2PQX3B.reach.secret' }
  const replaced: string[] = []
  vi.stubGlobal('location', bar)
  vi.stubGlobal('history', {
    replaceState: (_state: unknown, _title: string, address: string) => {
      replaced.push(address)
      bar.hash = ''
    },
  })
  vi.stubGlobal('addEventListener', (event: string, run: () => void) => listeners.set(event, run))
  onTestFinished(() => void vi.unstubAllGlobals())
  const told: string[] = []
  const stop = place.subscribe(() => told.push(bar.hash))
  onTestFinished(stop)
  startPlaces(codeOfFragment)
  expect(replaced).toEqual(['/p'])
  expect(told, 'nobody hears of the place while the secret is in the bar').toEqual([''])
  expect(place.current).toMatchObject({ page: 'pair', link: '#1.K7M2PQX3B.reach.secret' })
  // Another link, put into the bar of a page that is open.
  bar.hash = '#1.K7M2PQX3B.reach.other'
  listeners.get('hashchange')?.()
  expect(replaced).toEqual(['/p', '/p'])
  listeners.get('hashchange')?.()
  expect(place.current, 'the second event of one move takes nothing away').toMatchObject({
    link: '#1.K7M2PQX3B.reach.other',
  })
})
