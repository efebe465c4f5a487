import { concatenated } from '@latchkey/protocol/bytes'

/**
 * RFC 8410: what platforms want around 32 bytes of key. All of these are constant DER prefixes, since neither curve has
 * parameters.
 */
const PKCS8_PREFIX = {
  X25519: Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20),
  Ed25519: Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20),
}
const SPKI_PREFIX = {
  X25519: Uint8Array.of(0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 3, 0x21, 0),
  Ed25519: Uint8Array.of(0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0),
}

export type Curve = 'X25519' | 'Ed25519'

/** A private key in PKCS #8: a secret, to be wiped after use. */
export const pkcs8 = (curve: Curve, secret: Uint8Array): Uint8Array =>
  concatenated(PKCS8_PREFIX[curve], secret)

/** A public key as SubjectPublicKeyInfo. */
export const spki = (curve: Curve, publicKey: Uint8Array): Uint8Array =>
  concatenated(SPKI_PREFIX[curve], publicKey)

/** The 32 bytes of key at the end of a SubjectPublicKeyInfo. */
export const spkiKey = (der: Uint8Array): Uint8Array => Uint8Array.from(der.subarray(-32))
