import { Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import { isPublicAddress } from './public-address.ts'

/** The addresses of a name; none where it has none. */
export type LookUp = (name: string) => Promise<readonly string[]>

/** How an endpoint is reached, after it was judged. `pinned`: only to these addresses; null: as the system resolves it. */
export interface Way {
  readonly url: URL
  readonly pinned: readonly string[] | null
}

const LOOK_UP_WITHIN_MS = 2_000

/**
 * Judges an endpoint, which a runner names and a stranger's app may have chosen: the broker must not be led into its own network.
 * The name is looked up once, and the connection goes to the addresses that were judged: a later answer of its name server changes nothing.
 * @param ownServers origins that the operator trusts
 */
export async function wayTo(
  endpoint: string,
  ownServers: readonly string[],
  lookUp: LookUp,
): Promise<Way | 'not-public' | 'unreachable'> {
  if (!URL.canParse(endpoint)) return 'not-public'
  const url = new URL(endpoint)
  if (ownServers.includes(url.origin)) return { url, pinned: null }
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '') return 'not-public'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const addresses = isIP(host) === 0 ? await lookUp(host) : [host]
  if (addresses.length === 0) return 'unreachable'
  // One address that is not public among others is how such a check is led astray.
  return addresses.every(isPublicAddress) ? { url, pinned: addresses } : 'not-public'
}

/** Asks the name servers themselves: a slow one costs no thread of this process. Files of names on this machine do not count. */
export const publicLookUp = (): LookUp => {
  const resolver = new Resolver({ timeout: LOOK_UP_WITHIN_MS, tries: 2 })
  return async (name) => {
    const found = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
    return found.flatMap((each) => (each.status === 'fulfilled' ? each.value : []))
  }
}
