import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'

/** What apps may connect to: this machine's own programs, or whatever it reaches. */
export type PortTargets = 'loopback' | 'any'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')
/** Addresses of a name that are tried. */
const ADDRESSES_MAX = 4

const isLoopback = (address: string): boolean => {
  const family = isIP(address)
  // The IPv6 form of an IPv4 address is checked as that address.
  return family !== 0 && loopback.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

/**
 * The addresses of a host that may be connected to, in the resolver's order. A connection goes to one of these, not to the name,
 * which could mean another address by then.
 */
export async function addressesOf(
  host: string,
  targets: PortTargets,
): Promise<readonly string[] | 'not-found' | 'not-loopback'> {
  const found = await lookup(host, { all: true, verbatim: true }).catch(() => [])
  if (found.length === 0) return 'not-found'
  const allowed = found.map(({ address }) => address).filter((each) => targets === 'any' || isLoopback(each))
  return allowed.length === 0 ? 'not-loopback' : allowed.slice(0, ADDRESSES_MAX)
}
