import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { openLog } from '../log/log.ts'
import { clientAddresses, hopAddress } from './client-address.ts'

function behind(trustedProxies: readonly string[]) {
  const lines: string[] = []
  const addresses = clientAddresses(
    trustedProxies,
    openLog('warn', { write: (line) => void lines.push(line) }),
  )
  return {
    lines,
    of: (peer: string, headers: Record<string, string> = {}) => {
      const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: peer })
      return addresses.of({ socket, headers })
    },
  }
}

test.each([
  ['192.0.2.7', '192.0.2.7'],
  [' 192.0.2.7 ', '192.0.2.7'],
  ['192.0.2.7:4711', '192.0.2.7'],
  ['[2001:db8::7]:4711', '2001:db8::7'],
  ['[2001:db8::7]', '2001:db8::7'],
  ['"[2001:db8::7]:4711"', '2001:db8::7'],
  ['2001:db8::7', '2001:db8::7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['[::ffff:192.0.2.7]:80', '192.0.2.7'],
  ['unknown', null],
  ['_hidden', null],
  ['', null],
  ['192.0.2.7:', null],
  ['192.0.2.7:x', null],
  ['[192.0.2.7', null],
  ['300.1.1.1:80', null],
])('%j in X-Forwarded-For is the address %s', (entry, address) => expect(hopAddress(entry)).toBe(address))

test('the client is the last hop that no named proxy stands for, with or without a port', () => {
  const { of, lines } = behind(['127.0.0.1', '10.0.0.0/8', '2001:db8:1::/48'])
  const forwarded = (text: string, peer = '127.0.0.1') => of(peer, { 'x-forwarded-for': text })
  expect(forwarded('203.0.113.9, 198.51.100.7:4711, 10.1.2.3:80')).toBe('198.51.100.7')
  expect(forwarded('[2001:db8:9::7]:4711, [2001:db8:1::1]:80')).toBe('2001:db8:9::7')
  expect(forwarded('198.51.100.7', '::ffff:127.0.0.1')).toBe('198.51.100.7')
  expect(forwarded('198.51.100.7, unknown'), 'nothing is believed beyond what cannot be read').toBe(
    '127.0.0.1',
  )
  expect(of('127.0.0.1')).toBe('127.0.0.1')
  expect(lines).toEqual([])
})

test.each(['x-forwarded-for', 'forwarded', 'x-real-ip'])(
  'a peer that forwards by %s and is not named is told of once, and not believed',
  (header) => {
    const { of, lines } = behind(['10.0.0.0/8'])
    expect(of('192.0.2.1')).toBe('192.0.2.1')
    expect(lines).toEqual([])
    for (let time = 0; time < 3; time++)
      expect(of('192.0.2.1', { [header]: '198.51.100.7' })).toBe('192.0.2.1')
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      event: 'proxies.client-unknown',
      address: '192.0.2.1',
      reason: expect.stringContaining('LATCHKEY_TRUSTED_PROXIES'),
    })
  },
)

test('a named proxy that says who asks in a header that nobody reads is told of', () => {
  const { of, lines } = behind(['127.0.0.1'])
  expect(of('127.0.0.1', { forwarded: 'for=198.51.100.7' })).toBe('127.0.0.1')
  expect(lines).toEqual([expect.stringContaining('X-Forwarded-For')])
})

test('peers that make the header up are not told of one by one', () => {
  const { of, lines } = behind([])
  for (let host = 0; host < 200; host++) of(`192.0.2.${host}`, { 'x-forwarded-for': '198.51.100.7' })
  expect(lines).toHaveLength(10)
})

test.each([
  ['0.0.0.0/0', 1],
  ['::/0', 1],
  ['0.0.0.0/1', 1],
  ['2000::/3', 1],
  ['10.0.0.0/8', 0],
  ['fc00::/7', 0],
  ['192.0.2.1', 0],
])('trusting %s as a proxy gives %i warnings at start', (range, count) => {
  const { lines } = behind([range])
  expect(lines.filter((line) => line.includes('proxies.too-wide'))).toHaveLength(count)
  // A reason that is cut in the middle would not say what to do.
  for (const line of lines) expect(JSON.parse(line).reason).toMatch(/alone\.$/)
})
