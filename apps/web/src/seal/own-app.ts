import { readPlain } from './plain-store.ts'
import { openSealBase } from './seal-base.ts'

/** What a machine calls this browser, as its list of apps has it: hex; null when it does not know it. */
export async function ownAppId(runnerId: string): Promise<string | null> {
  const base = await openSealBase()
  const known = base === null ? readPlain(runnerId) : await base.runner(runnerId)
  if (known === null) return null
  return [...known.appId].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
