import type { AppKeys } from '@latchkey/e2ee/app-sealer'
import { webAgreementKey } from '@latchkey/e2ee/native/webcrypto'
import { type AgreementKey, KEY_BYTES, noblePrimitives } from '@latchkey/e2ee/primitives'
import { base64url, fromBase64url } from '@latchkey/protocol/bytes'
import { keep, kept } from '../kept.ts'
import { type HeldPair, madePair } from '../key-pair.ts'
import type { SealBase } from './seal-base.ts'

const SECRET = 'seal-key'

/**
 * The keys of this browser: one for all machines, made once, and one of its own for a machine that refuses that one. With a
 * base the browser makes and holds them, and no script reads them; without one they are 32 bytes each in the page's
 * ordinary storage, which the settings say.
 */
export const ownKeys = (base: Promise<SealBase | null>): AppKeys => ({
  of: async (runnerId) => {
    const held = await base
    return held === null ? rawKey(runnerId) : heldKey(held, runnerId)
  },
  fresh: async (runnerId) => {
    const held = await base
    return held === null ? freshRawKey(runnerId) : freshHeldKey(held, runnerId)
  },
})

async function heldKey(base: SealBase, runnerId: string): Promise<AgreementKey> {
  const had = await base.ownKey(runnerId)
  return agreementKeyOf(had ?? (await base.keepOwnKey(await madeByBrowser())))
}

async function freshHeldKey(base: SealBase, runnerId: string) {
  const made = await madeByBrowser()
  return { key: agreementKeyOf(made), keep: () => base.keepOwnKeyFor(runnerId, made) }
}

const agreementKeyOf = (pair: HeldPair): AgreementKey =>
  webAgreementKey(crypto.subtle, pair.privateKey, pair.publicKey)

const madeByBrowser = () => madePair('X25519', ['deriveBits'])

const rawNameOf = (runnerId: string) => `${SECRET}.${runnerId}`

async function rawKey(runnerId: string): Promise<AgreementKey> {
  const had = fromBase64url(kept(rawNameOf(runnerId)) ?? kept(SECRET) ?? '')
  if (had?.length === KEY_BYTES) return noblePrimitives.agreementKey(had)
  const made = randomSecret()
  keep(SECRET, base64url(made))
  return noblePrimitives.agreementKey(made)
}

async function freshRawKey(runnerId: string) {
  const made = randomSecret()
  return {
    key: await noblePrimitives.agreementKey(made),
    keep: async () => void keep(rawNameOf(runnerId), base64url(made)),
  }
}

/** The key that this browser made for a machine alone. */
export const forgetRawKey = (runnerId: string): void => void keep(rawNameOf(runnerId), null)

const randomSecret = () => crypto.getRandomValues(new Uint8Array(KEY_BYTES))
