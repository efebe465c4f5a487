import { isIPv6 } from 'node:net'
import type { Listening, UpState } from './facts.ts'

export type Reach = 'this-machine' | 'network'

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || host.startsWith('127.') || host === '::1'

/** The host of an address, given as a URL or bare. */
const hostOf = (address: string): string => {
  if (URL.canParse(address)) return new URL(address).hostname
  return isIPv6(address) ? `[${address}]` : address
}

/** Who can open the page, by the addresses that the broker answers on. */
export const reachOf = ({ url, addresses }: Listening): Reach =>
  [url, ...addresses].every((address) => isLoopback(hostOf(address))) ? 'this-machine' : 'network'

/** The other addresses of the same page that another machine could open. */
export function otherAddresses({ url, port, addresses }: Listening): string[] {
  const { protocol, host } = new URL(url)
  const others = addresses.map((address) =>
    URL.canParse(address) ? new URL(address) : new URL(`${protocol}//${hostOf(address)}:${port}`),
  )
  const wanted = others.filter((other) => other.host !== host && !isLoopback(other.hostname))
  return [...new Set(wanted.map((other) => other.origin))]
}

/** The address to show after the present one; null where there is one alone, or the page is served from elsewhere. */
export function nextAddress({ listening, firstUrl }: Pick<UpState, 'listening' | 'firstUrl'>): string | null {
  if (listening === null || firstUrl === null || listening.pageUrl !== null) return null
  const all = [firstUrl, ...otherAddresses({ ...listening, url: firstUrl })]
  return all.length < 2 ? null : (all[(all.indexOf(listening.url) + 1) % all.length] ?? null)
}

/** Where this machine itself reaches the broker: over loopback when it listens there, for names may lead elsewhere. */
export function localAddress({ url, port, addresses }: Listening): string {
  const asUrls = addresses.filter((address) => URL.canParse(address))
  const scheme = new URL(asUrls[0] ?? url).protocol
  const hosts = addresses.map(hostOf)
  const host = hosts.find(isLoopback) ?? hosts[0] ?? '127.0.0.1'
  return `${scheme}//${host}:${port}`
}
