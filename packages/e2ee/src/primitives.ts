import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { wipe } from './secret-bytes.ts'

/**
 * The primitives of suite 1, handed in, so that a platform may bring its own. The cipher is synchronous, since it stands
 * in the path of every key press; agreeing and signing are asynchronous, since WebCrypto is. Hashes are not among them:
 * SHA-2 over a few hundred bytes a handshake is the same microseconds everywhere.
 */
export interface Primitives {
  readonly aead: Aead
  /** An X25519 key from its 32 secret bytes, which the key copies. */
  agreementKey(secret: Uint8Array): Promise<AgreementKey>
  /** An Ed25519 key from its 32-byte seed, which the key copies. */
  signingKey(seed: Uint8Array): Promise<SigningKey>
  /** Whether `signature` (64 bytes) is the holder of `publicKey` (32 bytes) signing `message`. False for malformed bytes. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>
}

/** ChaCha20-Poly1305 (RFC 8439): key 32 bytes, nonce 12, and a tag of 16 at the end of the ciphertext. */
export interface Aead {
  seal(key: Uint8Array, nonce: Uint8Array, header: Uint8Array, plaintext: Uint8Array): Uint8Array
  /** Null when header, nonce or ciphertext are not the ones that were sealed under this key. */
  open(key: Uint8Array, nonce: Uint8Array, header: Uint8Array, sealed: Uint8Array): Uint8Array | null
  /** The same in two steps, for platforms where setting up takes its time. Each half serves for one message. */
  readonly ahead?: {
    /** Seals into a place of `TAG_BYTES` more than the plaintext. */
    seal(
      key: Uint8Array,
      nonce: Uint8Array,
      header: Uint8Array,
    ): (plaintext: Uint8Array, into: Uint8Array) => void
    open(key: Uint8Array, nonce: Uint8Array, header: Uint8Array): (sealed: Uint8Array) => Uint8Array | null
    /** runs something a little later, when nothing is on its way */
    readonly later: (run: () => void) => void
  }
}

/** An X25519 private key as something to ask, so that the bytes may be where no script reads them. */
export interface AgreementKey {
  readonly publicKey: Uint8Array
  /** The shared secret (32 bytes); null for a public key of low order, whose secret anybody would know. */
  agree(theirs: Uint8Array): Promise<Uint8Array | null>
  /** Forgets the key as well as the platform can. */
  forget(): void
}

/** An Ed25519 private key as something to ask. */
export interface SigningKey {
  readonly publicKey: Uint8Array
  sign(message: Uint8Array): Promise<Uint8Array>
}

export const KEY_BYTES = 32
export const TAG_BYTES = 16
export const NONCE_BYTES = 12

/** The cipher without native code: everywhere, and constant in time. */
export const nobleAead: Aead = {
  seal: (key, nonce, header, plaintext) => chacha20poly1305(key, nonce, header).encrypt(plaintext),
  open: (key, nonce, header, sealed) => {
    if (sealed.length < TAG_BYTES) return null
    try {
      return chacha20poly1305(key, nonce, header).decrypt(sealed)
    } catch {
      return null
    }
  },
}

/** All primitives without native code: works where a browser withholds `crypto.subtle`. */
export const noblePrimitives: Primitives = {
  aead: nobleAead,
  agreementKey: async (secret) => nobleAgreementKey(Uint8Array.from(secret)),
  signingKey: async (seed) => nobleSigningKey(Uint8Array.from(seed)),
  verify: async (publicKey, message, signature) => {
    if (publicKey.length !== KEY_BYTES || signature.length !== 2 * KEY_BYTES) return false
    try {
      // RFC 8032 as OpenSSL and browsers read it, not ZIP 215: all platforms must agree which signatures are valid.
      return ed25519.verify(signature, message, publicKey, { zip215: false })
    } catch {
      return false
    }
  },
}

function nobleAgreementKey(secret: Uint8Array): AgreementKey {
  return {
    publicKey: x25519.getPublicKey(secret),
    agree: async (theirs) => {
      if (theirs.length !== KEY_BYTES) return null
      try {
        return x25519.getSharedSecret(secret, theirs)
      } catch {
        return null // noble refuses points of low order
      }
    },
    forget: () => wipe(secret),
  }
}

function nobleSigningKey(seed: Uint8Array): SigningKey {
  return {
    publicKey: ed25519.getPublicKey(seed),
    sign: async (message) => ed25519.sign(message, seed),
  }
}
