import { expect, it } from 'vitest'
import { readForwards } from './forward-words.ts'

it.each([
  ['5173', { address: null, port: 5173, toHost: 'localhost', toPort: 5173 }],
  ['0.0.0.0:5173', { address: '0.0.0.0', port: 5173, toHost: 'localhost', toPort: 5173 }],
  ['8080:db:80', { address: null, port: 8080, toHost: 'db', toPort: 80 }],
  ['[::1]:8080:[::1]:80', { address: '::1', port: 8080, toHost: '::1', toPort: 80 }],
  ['0:localhost:80', { address: null, port: 0, toHost: 'localhost', toPort: 80 }],
])('-L %s', (text, forward) => {
  expect(readForwards(text)).toEqual([forward])
})

it('several stand with commas, and a wrong one is named', () => {
  expect(readForwards('1,2')).toHaveLength(2)
  for (const wrong of ['', 'x', '70000', '1:2:3:4:5', '80:host', '::1', '1:host:0'])
    expect(readForwards(`1,${wrong}`), wrong).toMatch(/^-L: ".*" is none/)
})
