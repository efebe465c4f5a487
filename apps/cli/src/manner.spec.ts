import { expect, it } from 'vitest'
import { mannerOf } from './manner.ts'

const person = {
  switches: new Set<string>(),
  env: { TERM: 'xterm-256color' },
  stdinIsTerminal: true,
  stderrIsTerminal: true,
}

it('a person at a terminal gets colour, a live screen, keys and the QR', () => {
  expect(mannerOf(person)).toMatchObject({ color: true, live: true, keys: true, qr: true })
})

it('NO_COLOR and --no-color take the colours and the QR, nothing else', () => {
  const plain = { color: false, qr: false, live: true, keys: true }
  expect(mannerOf({ ...person, env: { ...person.env, NO_COLOR: '1' } })).toMatchObject(plain)
  expect(mannerOf({ ...person, switches: new Set(['no-color']) })).toMatchObject(plain)
  expect(mannerOf({ ...person, env: { ...person.env, NO_COLOR: '' } }).color).toBe(true)
})

it('a pipe, CI and a dumb terminal get lines', () => {
  const lines = { color: false, live: false, keys: false, qr: false }
  expect(mannerOf({ ...person, stderrIsTerminal: false })).toMatchObject(lines)
  expect(mannerOf({ ...person, env: { CI: 'true' } })).toMatchObject(lines)
  expect(mannerOf({ ...person, env: { TERM: 'dumb' } })).toMatchObject(lines)
})

it('--json and --quiet leave the terminal to lines', () => {
  expect(mannerOf({ ...person, switches: new Set(['json']) })).toMatchObject({
    json: true,
    live: false,
    qr: false,
  })
  expect(mannerOf({ ...person, switches: new Set(['quiet']) })).toMatchObject({ quiet: true, live: false })
})
