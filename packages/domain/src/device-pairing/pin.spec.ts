import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseDeviceId, parseJoinTokenDigest, parsePinDigest, sameDigest } from './ids.ts'
import { generatePin, isPin } from './pin.ts'

const fromBytes = (bytes: readonly number[]) => {
  let at = 0
  return (count: number) =>
    Uint8Array.from(Array.from({ length: count }, () => bytes[at++ % bytes.length] ?? 0))
}

it('a PIN has six digits, leading zeros included', () => {
  expect(generatePin(fromBytes([0, 0, 7]))).toBe('000007')
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 3, maxLength: 30 }), (bytes) => {
      // Bytes that are never fair would draw for ever.
      expect(isPin(generatePin(fromBytes([...bytes, 1, 2, 3])))).toBe(true)
    }),
  )
})

it('every PIN is as likely as any other: each of all fair draws makes one of them, and the unfair ones none', () => {
  const counts = new Uint8Array(1_000_000)
  let unfair = 0
  for (let draw = 0; draw < 2 ** 24; draw++) {
    const bytes = [(draw >> 16) & 255, (draw >> 8) & 255, draw & 255]
    if (draw >= 16_000_000) {
      unfair++
      continue
    }
    const pin = Number(generatePin(() => Uint8Array.from(bytes)))
    counts[pin] = (counts[pin] ?? 0) + 1
  }
  expect(unfair).toBe(2 ** 24 - 16_000_000)
  expect(counts.every((count) => count === 16)).toBe(true)
  expect(generatePin(fromBytes([255, 255, 255, 0, 0, 1]))).toBe('000001')
})

it('what is no PIN is refused', () => {
  for (const text of ['', '12345', '1234567', '12345a', '１２３４５６', ' 123456', '123456\n', '-12345'])
    expect(isPin(text), JSON.stringify(text)).toBe(false)
})

it('digests and ids have one form each', () => {
  expect(parseJoinTokenDigest('a'.repeat(64))).not.toBeNull()
  expect(parsePinDigest('0'.repeat(64))).not.toBeNull()
  for (const text of ['', 'a'.repeat(63), 'A'.repeat(64), 'g'.repeat(64), `${'a'.repeat(64)}\n`]) {
    expect(parseJoinTokenDigest(text)).toBeNull()
    expect(parsePinDigest(text)).toBeNull()
  }
  expect(parseDeviceId('a'.repeat(26))).not.toBeNull()
  for (const text of ['a'.repeat(25), 'a'.repeat(27), 'A'.repeat(26), '1'.repeat(26)])
    expect(parseDeviceId(text)).toBeNull()
})

it('digests are compared to their ends', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9a-f]{64}$/), fc.nat({ max: 63 }), (digest, at) => {
      const other = `${digest.slice(0, at)}${digest[at] === '0' ? '1' : '0'}${digest.slice(at + 1)}`
      expect(sameDigest(digest, digest)).toBe(true)
      expect(sameDigest(digest, other)).toBe(false)
      expect(sameDigest(digest, digest.slice(0, at))).toBe(false)
    }),
  )
  expect(sameDigest('', '')).toBe(true)
})
