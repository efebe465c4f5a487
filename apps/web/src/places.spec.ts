import { expect, test } from 'vitest'
import { addressOf, placeOf } from './places.ts'
import { codeOfFragment } from './runner-pairing/code-field.ts'

const read = (path: string, fragment = '') => placeOf(path, fragment, codeOfFragment)

test('each place has an address that leads back to it', () => {
  const places = [
    read('/'),
    read('/p'),
    read('/console'),
    read('/console', '#/activity'),
    read('/', '#/m/abcdefghijklmnopqrstuvwxyz/3'),
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

test('an address that means nothing is the beginning', () => {
  expect(read('/', '#/m/')).toEqual({ page: 'home' })
  expect(read('/elsewhere')).toEqual({ page: 'home' })
})
