import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

/** Finds out who is at the other end, also behind proxies that the operator named. */
export interface ClientAddresses {
  /** the client's IP address, without the IPv4-in-IPv6 prefix */
  of(request: IncomingMessage): string
  isProxy(address: string): boolean
}

/** @param trustedProxies addresses and ranges; only what these add to X-Forwarded-For is believed */
export function clientAddresses(trustedProxies: readonly string[]): ClientAddresses {
  const proxies = new BlockList()
  for (const range of trustedProxies) {
    const [address = '', bits] = range.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) proxies.addAddress(address, family)
    else proxies.addSubnet(address, Number(bits), family)
  }
  const isProxy = (address: string): boolean => {
    const family = isIP(address)
    return family !== 0 && proxies.check(address, family === 6 ? 'ipv6' : 'ipv4')
  }
  return {
    isProxy,
    of(request) {
      let nearest = plainAddress(request.socket.remoteAddress ?? '')
      const forwarded = request.headers['x-forwarded-for']
      const hops = (Array.isArray(forwarded) ? forwarded.join(',') : (forwarded ?? '')).split(',')
      // From the nearest hop outwards: what a trusted proxy says it heard from is believed, and nothing beyond.
      while (isProxy(nearest)) {
        const next = plainAddress((hops.pop() ?? '').trim())
        if (isIP(next) === 0) break
        nearest = next
      }
      return nearest
    },
  }
}

/** `::ffff:192.0.2.1` is 192.0.2.1, seen through a socket for both families. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '')
