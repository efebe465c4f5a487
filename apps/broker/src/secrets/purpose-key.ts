import { createHmac } from 'node:crypto'

/** A key for one purpose, derived from the signing key that all broker instances share: it opens nothing else. */
export const purposeKey = (signingKey: Buffer, purpose: string): Buffer =>
  createHmac('sha256', signingKey).update(purpose).digest()

/** Codes for one purpose: HMAC-SHA-256 under the key of that purpose. */
export function macFor(signingKey: Buffer, purpose: string): (data: string | Uint8Array) => Buffer {
  const key = purposeKey(signingKey, purpose)
  return (data) => createHmac('sha256', key).update(data).digest()
}
