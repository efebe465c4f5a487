import crypto from 'node:crypto'
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodePrimitives } from './native/node.ts'
import { webAgreementKey, webCryptoPrimitives } from './native/webcrypto.ts'
import { noblePrimitives, type Primitives, TAG_BYTES } from './primitives.ts'

const hex = (bytes: Uint8Array | null): string =>
  bytes === null ? 'null' : Buffer.from(bytes).toString('hex')
const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))
const run = (from: number, count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, at) => from + at)
const text = (words: string): Uint8Array => Uint8Array.from(Buffer.from(words, 'utf8'))

const web = await webCryptoPrimitives(crypto.webcrypto.subtle)
if (web === null) throw new Error('this Node has no X25519 in WebCrypto: 20.19 and later have')
const node = nodePrimitives<crypto.KeyObject, Buffer>(
  crypto,
  (bytes) => Buffer.from(bytes),
  (run) => run(),
)
const platforms: [string, Primitives][] = [
  ['noble', noblePrimitives],
  ['node:crypto', node],
  ['WebCrypto', web],
]

describe.each(platforms)('the primitives of %s', (_name, primitives) => {
  it('agree as RFC 7748 5.2 says', async () => {
    const key = await primitives.agreementKey(
      unhex('a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4'),
    )
    const theirs = unhex('e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c')
    expect(hex(await key.agree(theirs))).toBe(
      'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
    )
  })

  it('refuse to agree with keys of low order, and with what is no key', async () => {
    const key = await primitives.agreementKey(run(1, 32))
    const one = new Uint8Array(32)
    one[0] = 1
    const lowOrder = [
      new Uint8Array(32),
      one,
      unhex('ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'),
      unhex('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'),
    ]
    for (const theirs of [...lowOrder, new Uint8Array(31).fill(9)]) expect(await key.agree(theirs)).toBeNull()
  })

  it('sign and verify as RFC 8032 7.1 says', async () => {
    const key = await primitives.signingKey(
      unhex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'),
    )
    expect(hex(key.publicKey)).toBe('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a')
    const empty = new Uint8Array(0)
    const signature = await key.sign(empty)
    expect(hex(signature)).toBe(
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    )
    expect(await primitives.verify(key.publicKey, empty, signature)).toBe(true)
    expect(await primitives.verify(key.publicKey, Uint8Array.of(0), signature)).toBe(false)
    expect(await primitives.verify(key.publicKey, empty, signature.subarray(1))).toBe(false)
    expect(await primitives.verify(new Uint8Array(31), empty, signature)).toBe(false)
  })

  it('seal and open as RFC 8439 2.8.2 says', () => {
    const { aead } = primitives
    const nonce = unhex('070000004041424344454647')
    const header = unhex('50515253c0c1c2c3c4c5c6c7')
    const plaintext = text(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    )
    const sealed = aead.seal(run(0x80, 32), nonce, header, plaintext)
    expect(hex(sealed.subarray(0, 16))).toBe('d31a8d34648e60db7b86afbc53ef7ec2')
    expect(hex(sealed.subarray(-16))).toBe('1ae10b594f09e26a7e902ecbd0600691')
    expect(hex(aead.open(run(0x80, 32), nonce, header, sealed))).toBe(hex(plaintext))
    expect(aead.open(run(0x81, 32), nonce, header, sealed)).toBeNull()
    expect(aead.open(run(0x80, 32), nonce, header, sealed.subarray(0, 15))).toBeNull()
  })
})

describe('native and portable primitives', () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })

  it('make the same keys, secrets and signatures', async () => {
    await fc.assert(
      fc.asyncProperty(bytes(32), bytes(32), fc.uint8Array(), async (secret, theirs, message) => {
        const keys = await Promise.all(platforms.map(([, primitives]) => primitives.agreementKey(secret)))
        expect(new Set(keys.map(({ publicKey }) => hex(publicKey))).size).toBe(1)
        const agreed = await Promise.all(keys.map(async (key) => hex(await key.agree(theirs))))
        expect(new Set(agreed).size).toBe(1)
        const signers = await Promise.all(platforms.map(([, primitives]) => primitives.signingKey(secret)))
        const signatures = await Promise.all(signers.map((key) => key.sign(message)))
        expect(new Set(signatures.map(hex)).size).toBe(1)
        for (const [, primitives] of platforms)
          expect(await primitives.verify(signers[0]!.publicKey, message, signatures[0]!)).toBe(true)
      }),
      { numRuns: 100 },
    )
  })

  it('seal to the same bytes and open the same, or nothing', () => {
    fc.assert(
      fc.property(
        bytes(32),
        bytes(12),
        fc.uint8Array({ maxLength: 64 }),
        fc.uint8Array({ maxLength: 5000 }),
        fc.nat(),
        (key, nonce, header, plaintext, flip) => {
          const sealed = noblePrimitives.aead.seal(key, nonce, header, plaintext)
          expect(hex(node.aead.seal(key, nonce, header, plaintext))).toBe(hex(sealed))
          expect(hex(node.aead.open(key, nonce, header, sealed))).toBe(hex(plaintext))
          const changed = sealed.slice()
          changed[flip % sealed.length]! ^= 1 << (flip & 7)
          expect(noblePrimitives.aead.open(key, nonce, header, changed)).toBeNull()
          expect(node.aead.open(key, nonce, header, changed)).toBeNull()
          const { ahead } = node.aead
          if (ahead === undefined) throw new Error('this platform sets ciphers up ahead')
          const into = new Uint8Array(plaintext.length + TAG_BYTES)
          ahead.seal(key, nonce, header)(plaintext, into)
          expect(hex(into)).toBe(hex(sealed))
          expect(hex(ahead.open(key, nonce, header)(sealed))).toBe(hex(plaintext))
          expect(ahead.open(key, nonce, header)(changed)).toBeNull()
        },
      ),
      { numRuns: 300 },
    )
  })

  it('serve a key that no script can read as well', async () => {
    const { subtle } = crypto.webcrypto
    const pair = await subtle.generateKey({ name: 'X25519' }, false, ['deriveBits'])
    if (!('privateKey' in pair)) throw new Error('X25519 makes pairs')
    await expect(subtle.exportKey('pkcs8', pair.privateKey)).rejects.toThrow()
    const publicKey = new Uint8Array(await subtle.exportKey('raw', pair.publicKey))
    const ours = webAgreementKey(subtle, pair.privateKey, publicKey)
    const theirs = await noblePrimitives.agreementKey(run(7, 32))
    expect(await ours.agree(theirs.publicKey)).toEqual(await theirs.agree(publicKey))
    ours.forget()
    expect(await ours.agree(theirs.publicKey)).toBeNull()
  })
})

describe('what is taken from noble', () => {
  it('multiplies and derives ristretto255 elements as RFC 9496 says', () => {
    expect(hex(ristretto255.Point.BASE.multiply(2n).toBytes())).toBe(
      '6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919',
    )
    const label = text('Ristretto is traditionally a short shot of espresso coffee')
    expect(hex(ristretto255_hasher.deriveToCurve!(sha512(label)).toBytes())).toBe(
      '3066f82a1a747d45120d1740f14358531a8f04bbffe6a819f86dfe50f44a0a46',
    )
  })

  it('derives keys as RFC 5869 A.1 says', () => {
    expect(hex(hkdf(sha256, new Uint8Array(22).fill(0x0b), run(0, 13), run(0xf0, 10), 42))).toBe(
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    )
  })
})
