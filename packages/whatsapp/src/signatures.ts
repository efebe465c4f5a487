import { createRequire } from 'node:module'
import { Curve } from 'baileys'

/** The part of libsignal that verifies. It has no types of its own. */
interface Verifier {
  verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
}

/** The byte that libsignal wants before a Curve25519 key. */
const KEY_TYPE = 5

const isVerifier = (value: unknown): value is Verifier =>
  typeof value === 'object' &&
  value !== null &&
  'verifySignature' in value &&
  typeof value.verifySignature === 'function'

/**
 * Makes Baileys refuse wrong signatures. Its own `Curve.verify` (7.0.0-rc14) asks only whether libsignal threw, and libsignal 6
 * answers false instead: any 64 bytes would pass for WhatsApp's certificate. All callers use this one exported object.
 */
export function enforceSignatures(): void {
  const fromBaileys = createRequire(createRequire(import.meta.url).resolve('baileys'))
  const libsignal: unknown = fromBaileys('libsignal/src/curve.js')
  if (!isVerifier(libsignal))
    throw new Error('libsignal has no verifySignature: is the pinned version installed?')
  Curve.verify = (key, message, signature) => {
    try {
      return libsignal.verifySignature(prefixed(key), message, signature)
    } catch {
      return false
    }
  }
}

const prefixed = (key: Uint8Array): Uint8Array =>
  key.length === 33 ? key : Buffer.concat([Buffer.from([KEY_TYPE]), key])
