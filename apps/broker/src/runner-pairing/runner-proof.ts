import { createPublicKey, verify } from 'node:crypto'
import { fromBase64url } from '@latchkey/protocol/bytes'
import { registrationMessage, runnerFingerprint } from '@latchkey/protocol/runner-identity'

const KEY_BYTES = 32
const SIGNATURE_BYTES = 64

/** Whether an id is the one that belongs to the key (X25519 ‖ Ed25519, base64url). */
export function isIdOfKey(runnerId: string, publicKey: string): boolean {
  const keys = fromBase64url(publicKey)
  if (keys === null || keys.length !== 2 * KEY_BYTES) return false
  return (
    runnerFingerprint({ reach: keys.subarray(0, KEY_BYTES), sign: keys.subarray(KEY_BYTES) }) === runnerId
  )
}

/** Whether the key's owner signed this registration for this connection's nonce. */
export function isSignedBy(
  publicKey: string,
  signature: string,
  said: { readonly runnerId: string; readonly pairingCode: string; readonly nonce: string },
): boolean {
  const keys = fromBase64url(publicKey)
  const signed = fromBase64url(signature)
  if (keys === null || keys.length !== 2 * KEY_BYTES || signed?.length !== SIGNATURE_BYTES) return false
  const x = Buffer.from(keys.subarray(KEY_BYTES)).toString('base64url')
  try {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    return verify(null, registrationMessage(said.runnerId, said.pairingCode, said.nonce), key, signed)
  } catch {
    // Node throws for 32 bytes that are no point of the curve.
    return false
  }
}
