import { expect, test } from 'vitest'
import { readPairingText } from './pairing-text.ts'

const HOUSE = 'https://house.example.net'
const read = (text: string) => readPairingText(text, [HOUSE, 'http://192.168.1.7:6969'])

test('a link of this page gives its code and keeps its secret', () => {
  const link = '#1.K7M2PQX3B.c2VjcmV0.b25jZQ.id'
  expect(read(`${HOUSE}/p${link}`)).toEqual({ kind: 'code', code: 'K7M-2PQ-X3B', link })
  expect(read(`http://192.168.1.7:6969/p${link}`)).toEqual({ kind: 'code', code: 'K7M-2PQ-X3B', link })
  expect(read(`Open ${HOUSE}/p${link} on the phone`)).toEqual({ kind: 'code', code: 'K7M-2PQ-X3B', link })
  expect(read(`HTTPS://HOUSE.example.net:443/p${link}`)).toEqual({ kind: 'code', code: 'K7M-2PQ-X3B', link })
})

test.each(['K7M-2PQ-X3B', 'k7m2pqx3b', ' K7M 2PQ X3B\n', 'K7M – 2PQ – X3B', 'Ｋ７Ｍ２ＰＱＸ３Ｂ'])(
  'a bare code is read: %j',
  (text) => expect(read(text)).toEqual({ kind: 'code', code: 'K7M-2PQ-X3B', link: null }),
)

test('a link that lets a device join this broker leads to joining', () => {
  expect(read(`${HOUSE}/join#tok_en-1`)).toEqual({ kind: 'join', token: 'tok_en-1' })
  expect(read(`${HOUSE}/join?token=tok_en-1`)).toEqual({ kind: 'join', token: 'tok_en-1' })
})

test('a share link leads to its terminal, and keeps its secret', () => {
  expect(read(`${HOUSE}/s#1.forge.c2VjcmV0`)).toEqual({ kind: 'share', link: '1.forge.c2VjcmV0' })
  expect(read('https://other.example.org/s?x=1#1.forge.c2VjcmV0')).toEqual({
    kind: 'elsewhere',
    origin: 'https://other.example.org',
    address: 'https://other.example.org/s#1.forge.c2VjcmV0',
  })
})

test('a link of another broker says where it really leads', () => {
  const elsewhere = (origin: string, rest: string) => ({ kind: 'elsewhere', origin, address: origin + rest })
  expect(read('https://other.example.org/p#1.K7M2PQX3B')).toEqual(
    elsewhere('https://other.example.org', '/p#1.K7M2PQX3B'),
  )
  expect(read('https://other.example.org/join?token=abc&x=1')).toEqual(
    elsewhere('https://other.example.org', '/join#abc'),
  )
  expect(read('https://house.example.net@other.example.org/p?a=house.example.net#1.K7M2PQX3B')).toEqual(
    elsewhere('https://other.example.org', '/p#1.K7M2PQX3B'),
  )
  expect(read('https://house.example.net.example.org/p#1.K7M2PQX3B')).toEqual(
    elsewhere('https://house.example.net.example.org', '/p#1.K7M2PQX3B'),
  )
  expect(read('https://hоuse.example.net/p#1.K7M2PQX3B'), 'a Cyrillic letter').toEqual(
    elsewhere('https://xn--huse-55d.example.net', '/p#1.K7M2PQX3B'),
  )
  // The same host by another scheme or port is another place.
  expect(read('http://house.example.net/p#1.K7M2PQX3B').kind).toBe('elsewhere')
  expect(read('https://house.example.net:8443/p#1.K7M2PQX3B').kind).toBe('elsewhere')
})

test.each([
  'https://example.org/',
  'https://example.org/K7M-2PQ-X3B',
  `${HOUSE}/`,
  `${HOUSE}/p`,
  `${HOUSE}/p#1.K7M`,
  `${HOUSE}/join`,
  `${HOUSE}/s`,
  `${HOUSE}/console#K7M2PQX3B`,
  'WIFI:T:WPA;S:Loft;P:K7M2PQX3B;;',
  'javascript:alert(1)//https://',
  'otpauth://totp/x?secret=K7M2PQX3B',
  'https://',
  '4006381333931',
  '',
  'x'.repeat(100_000),
])('what is neither is something else: %s', (text) => expect(read(text)).toEqual({ kind: 'other' }))
