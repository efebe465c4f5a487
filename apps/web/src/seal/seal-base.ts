import type { SealedRunner } from '@latchkey/connection/app/sealer'
import { answered, putUnlessThere, settled } from '../indexed-db.ts'
import type { HeldPair } from '../key-pair.ts'

/**
 * Where a browser keeps keys that no script reads: IndexedDB stores a CryptoKey whole, without its bytes ever being seen.
 */
export interface SealBase {
  /** the one for this machine, or else the one for all */
  ownKey(runnerId: string): Promise<HeldPair | null>
  /** Keeps `made`, unless another window was first; answers with the one that stays. */
  keepOwnKey(made: HeldPair): Promise<HeldPair>
  /** Keeps `made` for this machine alone, in place of any other. */
  keepOwnKeyFor(runnerId: string, made: HeldPair): Promise<void>
  /** the Ed25519 key with which this browser signs its owner's lists */
  ownerKey(): Promise<HeldPair | null>
  /** Keeps `made`, unless another window was first; answers with the one that stays. */
  keepOwnerKey(made: HeldPair): Promise<HeldPair>
  runner(runnerId: string): Promise<SealedRunner | null>
  keepRunner(runner: SealedRunner): Promise<void>
  forgetRunner(runnerId: string): Promise<void>
}

const BASE = 'latchkey'
const OWN = 'own'
const RUNNERS = 'runners'
const KEY_NAME = 'key'
const OWNER_NAME = 'owner'
const nameFor = (runnerId: string) => `${KEY_NAME}.${runnerId}`

/** Null where the browser withholds protected keys (plain HTTP, private windows of some) or lacks the curve. */
export async function openSealBase(): Promise<SealBase | null> {
  if (globalThis.crypto?.subtle === undefined || globalThis.indexedDB === undefined) return null
  try {
    await crypto.subtle.generateKey({ name: 'X25519' }, false, ['deriveBits'])
    return baseOf(await opened())
  } catch {
    return null
  }
}

/** Whether this browser keeps the key of this page where no script reads it. */
export const keepsProtectedKeys = async (): Promise<boolean> => (await openSealBase()) !== null

function opened(): Promise<IDBDatabase> {
  const opening = indexedDB.open(BASE, 1)
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore(OWN)
    opening.result.createObjectStore(RUNNERS, { keyPath: 'runnerId' })
  }
  return answered(opening)
}

function baseOf(db: IDBDatabase): SealBase {
  // A window with a newer page must be able to change the base.
  db.onversionchange = () => db.close()
  const reading = <T>(store: string, key: string): Promise<T | undefined> =>
    answered<T | undefined>(db.transaction(store).objectStore(store).get(key))
  const writing = async (store: string, write: (into: IDBObjectStore) => void): Promise<void> => {
    // Strict: resolved only once it would survive a loss of power.
    const transaction = db.transaction(store, 'readwrite', { durability: 'strict' })
    write(transaction.objectStore(store))
    await settled(transaction)
  }
  const sharedKey = async () => (await reading<HeldPair>(OWN, KEY_NAME)) ?? null
  return {
    ownKey: async (runnerId) => (await reading<HeldPair>(OWN, nameFor(runnerId))) ?? sharedKey(),
    keepOwnKeyFor: (runnerId, made) => writing(OWN, (own) => own.put(made, nameFor(runnerId))),
    keepOwnKey: async (made) => {
      await writing(OWN, (own) => putUnlessThere(own, KEY_NAME, made))
      return (await sharedKey()) ?? made
    },
    ownerKey: async () => (await reading<HeldPair>(OWN, OWNER_NAME)) ?? null,
    keepOwnerKey: async (made) => {
      await writing(OWN, (own) => putUnlessThere(own, OWNER_NAME, made))
      return (await reading<HeldPair>(OWN, OWNER_NAME)) ?? made
    },
    runner: async (runnerId) => (await reading<SealedRunner>(RUNNERS, runnerId)) ?? null,
    keepRunner: (runner) => writing(RUNNERS, (runners) => runners.put(runner)),
    forgetRunner: async (runnerId) => {
      await writing(RUNNERS, (runners) => runners.delete(runnerId))
      await writing(OWN, (own) => own.delete(nameFor(runnerId)))
    },
  }
}
