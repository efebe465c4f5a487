import type { DeviceKey } from '@latchkey/connection/device-pairing/joining'
import { KEY_BYTES, noblePrimitives } from '@latchkey/e2ee/primitives'
import { base64url, fromBase64url } from '@latchkey/protocol/bytes'
import { answered, putUnlessThere, settled } from '../indexed-db.ts'
import { keep, kept } from '../kept.ts'
import { type HeldPair, madePair } from '../key-pair.ts'

/** How well this browser keeps the key: out of every script's sight, as bytes in its storage, or not at all. */
export type KeyCare = 'protected' | 'raw' | 'lost'

export interface OwnDeviceKey extends DeviceKey {
  readonly care: KeyCare
}

const BASE = 'latchkey-node'
const STORE = 'own'
const NAME = 'key'
const SEED = 'node-key'

let own: Promise<OwnDeviceKey> | null = null

/**
 * The Ed25519 key of this browser as a device, made once. The browser makes and holds it where it can; on plain HTTP
 * it is 32 bytes in the page's ordinary storage, which the pages say.
 */
export const ownDeviceKey = (): Promise<OwnDeviceKey> =>
  (own ??= protectedKey().then((held) => held ?? rawKey()))

async function protectedKey(): Promise<OwnDeviceKey | null> {
  if (globalThis.crypto?.subtle === undefined || globalThis.indexedDB === undefined) return null
  try {
    const base = await opened()
    const made = (await heldIn(base)) ?? (await madeIn(base))
    return {
      care: 'protected',
      publicKey: made.publicKey,
      sign: async (message) =>
        new Uint8Array(await crypto.subtle.sign('Ed25519', made.privateKey, Uint8Array.from(message))),
    }
  } catch {
    return null // no such curve in this browser, or no storage for this page
  }
}

async function rawKey(): Promise<OwnDeviceKey> {
  const had = fromBase64url(kept(SEED) ?? '')
  const seed = had?.length === KEY_BYTES ? had : crypto.getRandomValues(new Uint8Array(KEY_BYTES))
  const stays = keep(SEED, base64url(seed))
  return { ...(await noblePrimitives.signingKey(seed)), care: stays ? 'raw' : 'lost' }
}

function opened(): Promise<IDBDatabase> {
  const opening = indexedDB.open(BASE, 1)
  opening.onupgradeneeded = () => void opening.result.createObjectStore(STORE)
  return answered(opening)
}

const heldIn = (base: IDBDatabase): Promise<HeldPair | undefined> =>
  answered<HeldPair | undefined>(base.transaction(STORE).objectStore(STORE).get(NAME))

/** Makes the key and keeps it, unless another window was first: theirs stays then. */
async function madeIn(base: IDBDatabase): Promise<HeldPair> {
  const made = await madePair('Ed25519', ['sign', 'verify'])
  const transaction = base.transaction(STORE, 'readwrite', { durability: 'strict' })
  putUnlessThere(transaction.objectStore(STORE), NAME, made)
  await settled(transaction)
  return (await heldIn(base)) ?? made
}
