import { readPlain } from './plain-store.ts'
import { openSealBase } from './seal-base.ts'

/** The id of this browser in a machine's list of apps, in hex; null when the machine does not know it. */
export async function ownAppId(runnerId: string): Promise<string | null> {
  const base = await openSealBase()
  const known = base === null ? readPlain(runnerId) : await base.runner(runnerId)
  if (known === null) return null
  return [...known.appId].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The X25519 key of a machine that this browser knows; null for another one. */
export async function reachOf(runnerId: string): Promise<Uint8Array | null> {
  const base = await openSealBase()
  const known = base === null ? readPlain(runnerId) : await base.runner(runnerId)
  return known?.reach ?? null
}
