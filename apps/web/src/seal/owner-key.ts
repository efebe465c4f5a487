import { KEY_BYTES, noblePrimitives, type SigningKey } from '@latchkey/e2ee/primitives'
import { base64url, fromBase64url } from '@latchkey/protocol/bytes'
import { keep, kept } from '../kept.ts'
import { type HeldPair, madePair } from '../key-pair.ts'
import { openSealBase } from './seal-base.ts'

/**
 * The key with which this browser signs its owner's lists. The browser makes and holds it where it can; else it is 32 bytes in
 * the page's ordinary storage, like the key of the browser itself. It never leaves this browser.
 */
const SECRET = 'fleet-key'

/** Null where this browser has none. */
export async function ownerKey(): Promise<SigningKey | null> {
  const held = await (await openSealBase())?.ownerKey()
  if (held !== undefined && held !== null) return signingKeyOf(held)
  const raw = fromBase64url(kept(SECRET) ?? '')
  return raw?.length === KEY_BYTES ? noblePrimitives.signingKey(raw) : null
}

/** Makes the key, and keeps it. */
export async function makeOwnerKey(): Promise<SigningKey> {
  const base = await openSealBase()
  if (base !== null) {
    try {
      return signingKeyOf(await base.keepOwnerKey(await madePair('Ed25519', ['sign'])))
    } catch {
      // A browser without Ed25519: the key is kept as bytes.
    }
  }
  const made = crypto.getRandomValues(new Uint8Array(KEY_BYTES))
  if (!keep(SECRET, base64url(made))) throw new Error('the browser keeps nothing')
  return noblePrimitives.signingKey(made)
}

const signingKeyOf = ({ publicKey, privateKey }: HeldPair): SigningKey => ({
  publicKey,
  sign: async (message) =>
    new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, Uint8Array.from(message))),
})
