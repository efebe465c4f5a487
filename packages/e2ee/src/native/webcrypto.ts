import {
  type AgreementKey,
  KEY_BYTES,
  noblePrimitives,
  type Primitives,
  type SigningKey,
} from '../primitives.ts'
import { wipe } from '../secret-bytes.ts'
import { type Curve, pkcs8 } from './key-formats.ts'

/** The part of `crypto.subtle` that is used, so that this package needs no platform's types. */
export interface Subtle<Key> {
  importKey(
    format: 'raw' | 'pkcs8',
    bytes: Uint8Array<ArrayBuffer>,
    algorithm: { name: Curve },
    extractable: boolean,
    usages: ('deriveBits' | 'sign' | 'verify')[],
  ): Promise<Key>
  deriveBits(
    algorithm: { name: 'X25519'; public: Key },
    privateKey: Key,
    bitCount: number,
  ): Promise<ArrayBuffer>
  sign(algorithm: 'Ed25519', key: Key, message: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>
  verify(
    algorithm: 'Ed25519',
    key: Key,
    signature: Uint8Array<ArrayBuffer>,
    message: Uint8Array<ArrayBuffer>,
  ): Promise<boolean>
}

/** The u-coordinate of X25519's base point (RFC 7748 4.1): agreeing with it yields one's own public key. */
const BASE_POINT = Uint8Array.of(9, ...new Array<number>(KEY_BYTES - 1).fill(0))

/**
 * Agreement and signatures by WebCrypto; the cipher stays without native code, since `crypto.subtle` has no synchronous
 * one and no ChaCha20 that all browsers share. Null where the curves are missing.
 */
export async function webCryptoPrimitives<Key>(subtle: Subtle<Key>): Promise<Primitives | null> {
  const primitives = withSubtle(subtle)
  try {
    await primitives.agreementKey(BASE_POINT)
    await primitives.signingKey(BASE_POINT)
    return primitives
  } catch {
    return null
  }
}

/**
 * A key made and kept by the browser, also a non-extractable one: the handshake uses it and no script reads it.
 * @param publicKey its 32 public bytes, which `exportKey('raw', …)` gives even when the private key may not be exported
 */
export function webAgreementKey<Key>(
  subtle: Subtle<Key>,
  privateKey: Key,
  publicKey: Uint8Array,
): AgreementKey {
  let held: Key | null = privateKey
  return {
    publicKey,
    agree: async (theirs) => {
      if (held === null || theirs.length !== KEY_BYTES) return null
      return agreed(subtle, held, theirs)
    },
    forget: () => {
      held = null
    },
  }
}

function withSubtle<Key>(subtle: Subtle<Key>): Primitives {
  const privateKey = async (curve: Curve, secret: Uint8Array, usage: 'deriveBits' | 'sign') => {
    const der = Uint8Array.from(pkcs8(curve, secret))
    try {
      return await subtle.importKey('pkcs8', der, { name: curve }, false, [usage])
    } finally {
      wipe(der)
    }
  }
  return {
    aead: noblePrimitives.aead,
    agreementKey: async (secret) => {
      const key = await privateKey('X25519', secret, 'deriveBits')
      const publicKey = await agreed(subtle, key, BASE_POINT)
      if (publicKey === null) throw new Error('invariant: the base point has no low order')
      return webAgreementKey(subtle, key, publicKey)
    },
    // WebCrypto does not tell the public half of an imported seed; noble does, once.
    signingKey: async (seed) => {
      const { publicKey } = await noblePrimitives.signingKey(seed)
      const key = await privateKey('Ed25519', seed, 'sign')
      return {
        publicKey,
        sign: async (message) => new Uint8Array(await subtle.sign('Ed25519', key, Uint8Array.from(message))),
      } satisfies SigningKey
    },
    verify: async (theirs, message, signature) => {
      if (theirs.length !== KEY_BYTES || signature.length !== 2 * KEY_BYTES) return false
      try {
        const key = await subtle.importKey('raw', Uint8Array.from(theirs), { name: 'Ed25519' }, false, [
          'verify',
        ])
        return await subtle.verify('Ed25519', key, Uint8Array.from(signature), Uint8Array.from(message))
      } catch {
        return false
      }
    },
  }
}

/** Null when the result would be all zeros, which WebCrypto answers with an error (as for any public key it refuses). */
async function agreed<Key>(
  subtle: Subtle<Key>,
  privateKey: Key,
  theirs: Uint8Array,
): Promise<Uint8Array | null> {
  try {
    const publicKey = await subtle.importKey('raw', Uint8Array.from(theirs), { name: 'X25519' }, false, [])
    return new Uint8Array(
      await subtle.deriveBits({ name: 'X25519', public: publicKey }, privateKey, 8 * KEY_BYTES),
    )
  } catch {
    return null
  }
}
