import {
  type Aead,
  type AgreementKey,
  KEY_BYTES,
  type Primitives,
  type SigningKey,
  TAG_BYTES,
} from '../primitives.ts'
import { wipe } from '../secret-bytes.ts'
import { type Curve, pkcs8, spki, spkiKey } from './key-formats.ts'

/**
 * The part of `node:crypto` that is used, so that this package needs no platform's types:
 * `nodePrimitives<KeyObject, Buffer>(crypto, (bytes) => Buffer.from(bytes))`
 * takes the module itself and what makes its byte strings.
 */
export interface NodeCrypto<Key extends NodeKey, Bytes extends Uint8Array> {
  createCipheriv(name: typeof CHACHA, key: Uint8Array, nonce: Uint8Array, options: TagLength): NodeCipher
  createDecipheriv(name: typeof CHACHA, key: Uint8Array, nonce: Uint8Array, options: TagLength): NodeDecipher
  createPrivateKey(key: { key: Bytes; format: 'der'; type: 'pkcs8' }): Key
  createPublicKey(key: { key: Bytes; format: 'der'; type: 'spki' } | Key): Key
  diffieHellman(keys: { privateKey: Key; publicKey: Key }): Uint8Array
  sign(algorithm: null, message: Uint8Array, key: Key): Uint8Array
  verify(algorithm: null, message: Uint8Array, key: Key, signature: Uint8Array): boolean
}
interface NodeKey {
  export(options: { format: 'der'; type: 'spki' }): Uint8Array
}
interface TagLength {
  readonly authTagLength: number
}
interface NodeCipher {
  setAAD(header: Uint8Array, options: { plaintextLength: number }): unknown
  update(plaintext: Uint8Array): Uint8Array
  final(): Uint8Array
  getAuthTag(): Uint8Array
}
interface NodeDecipher {
  setAAD(header: Uint8Array, options: { plaintextLength: number }): unknown
  setAuthTag(tag: Uint8Array): unknown
  update(sealed: Uint8Array): Uint8Array
  final(): Uint8Array
}

const CHACHA = 'chacha20-poly1305'
const TAG: TagLength = { authTagLength: TAG_BYTES }
/** Only AES-CCM looks at it. */
const LENGTH_UNKNOWN = { plaintextLength: 0 }

/**
 * The primitives of OpenSSL, as `node:crypto` has them.
 * @param later runs something a little later: the next cipher is set up then, while nothing is on its way
 */
export function nodePrimitives<Key extends NodeKey, Bytes extends Uint8Array>(
  crypto: NodeCrypto<Key, Bytes>,
  bytesOf: (bytes: Uint8Array) => Bytes,
  later?: (run: () => void) => void,
): Primitives {
  const publicKey = (curve: Curve, key: Uint8Array) =>
    crypto.createPublicKey({ key: bytesOf(spki(curve, key)), format: 'der', type: 'spki' })
  const privateKey = (curve: Curve, secret: Uint8Array) => {
    const der = pkcs8(curve, secret)
    const copied = bytesOf(der)
    const key = crypto.createPrivateKey({ key: copied, format: 'der', type: 'pkcs8' })
    wipe(der, copied)
    return key
  }
  const rawPublic = (key: Key) => spkiKey(crypto.createPublicKey(key).export({ format: 'der', type: 'spki' }))
  return {
    aead: nodeAead(crypto, later),
    agreementKey: async (secret) => {
      let key: Key | null = privateKey('X25519', secret)
      return {
        publicKey: rawPublic(key),
        agree: async (theirs) => {
          if (key === null || theirs.length !== KEY_BYTES) return null
          try {
            return Uint8Array.from(
              crypto.diffieHellman({ privateKey: key, publicKey: publicKey('X25519', theirs) }),
            )
          } catch {
            return null // OpenSSL refuses points of low order
          }
        },
        forget: () => {
          key = null
        },
      } satisfies AgreementKey
    },
    signingKey: async (seed) => {
      const key = privateKey('Ed25519', seed)
      return {
        publicKey: rawPublic(key),
        sign: async (message) => Uint8Array.from(crypto.sign(null, message, key)),
      } satisfies SigningKey
    },
    verify: async (theirs, message, signature) => {
      if (theirs.length !== KEY_BYTES || signature.length !== 2 * KEY_BYTES) return false
      try {
        return crypto.verify(null, message, publicKey('Ed25519', theirs), signature)
      } catch {
        return false
      }
    },
  }
}

function nodeAead<Key extends NodeKey, Bytes extends Uint8Array>(
  crypto: NodeCrypto<Key, Bytes>,
  later: ((run: () => void) => void) | undefined,
): Aead {
  const sealer = (key: Uint8Array, nonce: Uint8Array, header: Uint8Array) => {
    const cipher = crypto.createCipheriv(CHACHA, key, nonce, TAG)
    cipher.setAAD(header, LENGTH_UNKNOWN)
    return (plaintext: Uint8Array, into: Uint8Array) => {
      into.set(cipher.update(plaintext))
      cipher.final() // a stream cipher: nothing is left over
      into.set(cipher.getAuthTag(), plaintext.length)
    }
  }
  const opener = (key: Uint8Array, nonce: Uint8Array, header: Uint8Array) => {
    const decipher = crypto.createDecipheriv(CHACHA, key, nonce, TAG)
    decipher.setAAD(header, LENGTH_UNKNOWN)
    return (sealed: Uint8Array) => {
      const plaintextBytes = sealed.length - TAG_BYTES
      if (plaintextBytes < 0) return null
      decipher.setAuthTag(sealed.subarray(plaintextBytes))
      const plaintext = decipher.update(sealed.subarray(0, plaintextBytes))
      try {
        decipher.final()
        // A plain byte string: a Buffer's `slice` would share memory where everybody else's copies.
        return new Uint8Array(plaintext.buffer, plaintext.byteOffset, plaintext.length)
      } catch {
        return null
      }
    }
  }
  return {
    seal: (key, nonce, header, plaintext) => {
      const sealed = new Uint8Array(plaintext.length + TAG_BYTES)
      sealer(key, nonce, header)(plaintext, sealed)
      return sealed
    },
    open: (key, nonce, header, sealed) => opener(key, nonce, header)(sealed),
    ...(later === undefined ? {} : { ahead: { seal: sealer, open: opener, later } }),
  }
}
