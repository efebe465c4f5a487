import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'
import { all } from 'proxy-addr'
import type { Log } from '../log/log.ts'

/** Finds the address of a client, also behind proxies that the operator named. */
export interface ClientAddresses {
  /** the client's IP address, without the IPv4-in-IPv6 prefix */
  of(request: Pick<IncomingMessage, 'headers' | 'socket'>): string
  isProxy(address: string): boolean
}

/** Other headers by which proxies say who asks. They are not believed, but they show that there is a proxy. */
const OTHER_HEADERS: readonly (keyof IncomingHttpHeaders & string)[] = [
  'forwarded',
  'x-real-ip',
  'cf-connecting-ip',
]

/** Each unnamed peer is told of once; a client can make the header up, so not of too many. */
const PEERS_TOLD_MAX = 10

/** Below these a range holds so much of the internet that any client may be in it. The widest private ranges are 10.0.0.0/8 and fc00::/7. */
const WIDE_BELOW_BITS = { 4: 8, 6: 7 } as const

/**
 * @param trustedProxies addresses and ranges; only what these add to X-Forwarded-For is believed
 * @param log hears of ranges that hold everybody, and of proxies that are not named
 */
export function clientAddresses(trustedProxies: readonly string[], log: Pick<Log, 'warn'>): ClientAddresses {
  const proxies = new BlockList()
  for (const range of trustedProxies) {
    const [address = '', bits] = range.split('/')
    const family = isIP(address) === 6 ? 6 : 4
    if (bits === undefined) proxies.addAddress(address, `ipv${family}`)
    else proxies.addSubnet(address, Number(bits), `ipv${family}`)
    if (bits !== undefined && Number(bits) < WIDE_BELOW_BITS[family])
      log.warn('proxies.too-wide', {
        address: range,
        reason:
          'LATCHKEY_TRUSTED_PROXIES names a range with clients in it: each may claim any address, and so escape every limit. Name the proxies alone.',
      })
  }
  const isProxy = (address: string): boolean => {
    const family = isIP(address)
    return family !== 0 && proxies.check(address, family === 6 ? 'ipv6' : 'ipv4')
  }
  const told = new Set<string>()
  /** Everybody behind such a proxy is one address, and shares one budget of attempts. */
  const tellOnce = (peer: string, reason: string) => {
    if (told.has(peer) || told.size >= PEERS_TOLD_MAX) return
    told.add(peer)
    log.warn('proxies.client-unknown', { address: peer, reason })
  }
  return {
    isProxy,
    of({ headers, socket }) {
      const peer = plainAddress(socket.remoteAddress ?? '')
      const forwarded = headers['x-forwarded-for']
      const isForwarded = forwarded !== undefined || OTHER_HEADERS.some((name) => headers[name] !== undefined)
      if (!isForwarded) return peer
      if (!isProxy(peer)) {
        tellOnce(
          peer,
          'it forwards requests, and LATCHKEY_TRUSTED_PROXIES does not name it: all clients behind it share one budget. Name it there if it is your proxy.',
        )
        return peer
      }
      if (forwarded === undefined)
        tellOnce(
          peer,
          'this proxy says who asks in another header than X-Forwarded-For, the one that is read: all clients behind it share one budget.',
        )
      // From the nearest hop outwards: the hop that a trusted proxy names is believed, and nothing beyond.
      const hops = all({ headers, socket }, (hop) => isProxy(hopAddress(hop) ?? ''))
      return hops.map(hopAddress).findLast((address) => address !== null) ?? peer
    },
  }
}

/** The address in one entry of X-Forwarded-For. Some proxies add the port: `192.0.2.7:4711`, `[2001:db8::7]:4711`. Null when there is none. */
export function hopAddress(text: string): string | null {
  const entry = text.trim().replace(/^"(.*)"$/, '$1')
  const [, bracketed, v4] = /^\[([^\]]+)\](?::\d{1,5})?$|^([\d.]+):\d{1,5}$/.exec(entry) ?? []
  const address = plainAddress(bracketed ?? v4 ?? entry)
  return isIP(address) === 0 ? null : address
}

/** `::ffff:192.0.2.1` is 192.0.2.1, seen through a socket for both families. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '')
