import { webAgreementKey } from '@latchkey/e2ee/native/webcrypto'
import { type AgreementKey, KEY_BYTES, noblePrimitives } from '@latchkey/e2ee/primitives'
import { base64url, fromBase64url } from '@latchkey/protocol/bytes'
import { keep, kept } from '../kept.ts'
import type { SealBase } from './seal-base.ts'

const SECRET = 'seal-key'

/**
 * The key of this browser, made once. With a base the browser makes and holds it, and no script reads it; without one it
 * is 32 bytes in the page's ordinary storage, which the settings say.
 */
export async function ownKey(base: SealBase | null): Promise<AgreementKey> {
  return base === null ? rawKey() : heldKey(base)
}

async function heldKey(base: SealBase): Promise<AgreementKey> {
  const had = await base.ownKey()
  const pair = had ?? (await base.keepOwnKey(await madeByBrowser()))
  return webAgreementKey(crypto.subtle, pair.privateKey, pair.publicKey)
}

export interface HeldPair {
  /** not extractable */
  readonly privateKey: CryptoKey
  readonly publicKey: Uint8Array
}

async function madeByBrowser(): Promise<HeldPair> {
  const made = await crypto.subtle.generateKey({ name: 'X25519' }, false, ['deriveBits'])
  if (!('privateKey' in made)) throw new Error('invariant: X25519 makes pairs')
  const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', made.publicKey))
  return { privateKey: made.privateKey, publicKey }
}

async function rawKey(): Promise<AgreementKey> {
  const had = fromBase64url(kept(SECRET) ?? '')
  if (had?.length === KEY_BYTES) return noblePrimitives.agreementKey(had)
  const made = crypto.getRandomValues(new Uint8Array(KEY_BYTES))
  keep(SECRET, base64url(made))
  return noblePrimitives.agreementKey(made)
}
