import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { looksLikeFingerprint, registrationMessage, runnerFingerprint } from './runner-identity.ts'

// PROTOCOL rp1 3.9: sr = 41..60, Ed25519 seed 81..a0.
const run = (from: number) => Uint8Array.from({ length: 32 }, (_, at) => from + at)
const PKCS8_X25519 = Buffer.from('302e020100300506032b656e04220420', 'hex')
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex')
const privateKey = (prefix: Buffer, seed: Uint8Array) =>
  createPrivateKey({ key: Buffer.concat([prefix, seed]), format: 'der', type: 'pkcs8' })
const rawPublic = (key: ReturnType<typeof privateKey>) =>
  new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32))
const signing = privateKey(PKCS8_ED25519, run(0x81))
const keys = { reach: rawPublic(privateKey(PKCS8_X25519, run(0x41))), sign: rawPublic(signing) }

/** Base 32 by arithmetic on one large number: another way than the product's shifting. */
function fingerprintByArithmetic(reach: Uint8Array, sign: Uint8Array): string {
  const digest = createHash('sha256').update('rp1 id').update(reach).update(sign).digest('hex')
  const bits = BigInt(`0x${digest}`).toString(2).padStart(256, '0')
  const symbols = 'abcdefghijklmnopqrstuvwxyz234567'
  return Array.from({ length: 26 }, (_, at) => symbols[parseInt(bits.slice(at * 5, at * 5 + 5), 2)]).join('')
}

describe('a runner’s fingerprint', () => {
  it('is made from the public keys of the known-answer values', () => {
    expect(Buffer.from(keys.reach).toString('hex')).toBe(
      '64b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d48466',
    )
    expect(Buffer.from(keys.sign).toString('hex')).toBe(
      '020bd427446b723424d80d2cad352ba3df3649d0ef8faae0ca7eb25443941b29',
    )
  })

  it('is the known answer for them', () => {
    expect(runnerFingerprint(keys)).toBe(fingerprintByArithmetic(keys.reach, keys.sign))
    expect(runnerFingerprint(keys)).toBe('6o7qyuzrbme6xb4xvlptzvhw25')
  })

  it('agrees with an independent computation for any keys, and always looks like a fingerprint', () => {
    const key = fc.uint8Array({ minLength: 32, maxLength: 32 })
    fc.assert(
      fc.property(key, key, (reach, sign) => {
        const fingerprint = runnerFingerprint({ reach, sign })
        expect(fingerprint).toBe(fingerprintByArithmetic(reach, sign))
        expect(looksLikeFingerprint(fingerprint)).toBe(true)
      }),
    )
  })

  it('is not what a person or a foreign runner would choose as a name', () => {
    for (const name of [
      'r-7f3a',
      'ABC-123-XYZ',
      'build-host',
      '',
      'a'.repeat(25),
      'a'.repeat(27),
      'A'.repeat(26),
    ])
      expect(looksLikeFingerprint(name), name).toBe(false)
  })
})

describe('the registration message', () => {
  it('is rp1-reg, id, code and nonce, each after its length', () => {
    expect(Buffer.from(registrationMessage('r-7f3a', 'ABC-123-XYZ', 'bm9uY2U')).toString('latin1')).toBe(
      '\x07rp1-reg\x06r-7f3a\x0bABC-123-XYZ\x07bm9uY2U',
    )
  })

  it('binds a signature to this id, this code and this nonce', () => {
    const signature = sign(null, registrationMessage('r-7f3a', 'ABC-123-XYZ', 'bm9uY2U'), signing)
    const holds = (id: string, code: string, nonce: string) =>
      verify(null, registrationMessage(id, code, nonce), createPublicKey(signing), signature)
    expect(holds('r-7f3a', 'ABC-123-XYZ', 'bm9uY2U')).toBe(true)
    expect(holds('r-7f3aA', 'BC-123-XYZ', 'bm9uY2U')).toBe(false)
    expect(holds('r-7f3a', 'ABC-123-XYY', 'bm9uY2U')).toBe(false)
    expect(holds('r-7f3a', 'ABC-123-XYZ', 'bm9uY2V')).toBe(false)
  })
})
