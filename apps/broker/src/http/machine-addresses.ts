import { existsSync, readFileSync } from 'node:fs'
import { hostname, type NetworkInterfaceInfo, networkInterfaces } from 'node:os'

/** As `os.networkInterfaces()` answers: the name of an interface → its addresses. */
type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>

/** Networks of containers and virtual machines: nothing outside this machine reaches them. */
const VIRTUAL =
  /^(docker|podman|br-|veth|virbr|vmnet|vboxnet|vnet|lxc|lxd|incus|cni|flannel|cali|kube|vEthernet)/
/** Tunnels: a phone reaches them only as a member of the same network. */
const TUNNEL = /^(tun|tap|utun|wg|ppp|ipsec|tailscale|ts\d|zt|nordlynx|proton|gpd)/

/** RFC 3927 and RFC 4291 2.5.6: what a machine without a network gives itself, good on one cable only. */
const isLinkLocal = (address: string): boolean => /^169\.254\./.test(address) || /^fe[89ab]/i.test(address)
/** RFC 6598, 100.64.0.0/10: the addresses that mesh networks give out. */
const isCarrierGrade = (address: string): boolean => /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./.test(address)

/** How likely a phone on the same network reaches it, the best first. */
function rank(
  name: string,
  { address, family }: NetworkInterfaceInfo,
  defaultInterface: string | null,
): number[] {
  const kind = VIRTUAL.test(name) ? 2 : TUNNEL.test(name) || isCarrierGrade(address) ? 1 : 0
  return [kind, name === defaultInterface ? 0 : 1, family === 'IPv4' ? 0 : 1]
}

/**
 * The addresses under which another machine may reach this one, the likeliest first: wires and Wi-Fi before tunnels before
 * container networks, among them the interface with the default route, then IPv4. Loopback and link-local ones are left out.
 * @param defaultInterface the interface that the default route names, null when it is unknown
 */
export function rankedAddresses(interfaces: Interfaces, defaultInterface: string | null): readonly string[] {
  return Object.entries(interfaces)
    .flatMap(([name, infos]) => (infos ?? []).map((info) => ({ name, info })))
    .filter(({ info }) => !info.internal && !isLinkLocal(info.address))
    .map(({ name, info }) => ({ address: info.address, ranks: rank(name, info, defaultInterface) }))
    .sort((a, b) => {
      const at = a.ranks.findIndex((each, index) => each !== b.ranks[index])
      return at === -1 ? 0 : (a.ranks[at] ?? 0) - (b.ranks[at] ?? 0)
    })
    .map(({ address }) => address)
}

/**
 * The interface of the default route with the smallest metric, or null.
 * @param table the text of Linux's /proc/net/route: a line of headings, then interface, destination, …, metric, mask
 */
export function defaultInterfaceOf(table: string): string | null {
  const routes = table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000')
    .sort((a, b) => Number(a[6]) - Number(b[6]))
  return routes[0]?.[0] ?? null
}

const ROUTES = '/proc/net/route'
const REREAD_MS = 5_000
interface Known {
  readonly atMs: number
  readonly all: readonly string[]
  readonly ranked: readonly string[]
}
let known: Known = { atMs: -REREAD_MS, all: [], ranked: [] }

/** They change when the machine changes networks. Elsewhere than on Linux the default route is not read: the system's order counts. */
function reread(): Known {
  const atMs = performance.now()
  if (atMs - known.atMs < REREAD_MS) return known
  const interfaces = networkInterfaces()
  const table = existsSync(ROUTES) ? readFileSync(ROUTES, 'utf8') : ''
  const all = Object.values(interfaces).flatMap((infos) => (infos ?? []).map(({ address }) => address))
  known = { atMs, all, ranked: rankedAddresses(interfaces, defaultInterfaceOf(table)) }
  return known
}

/** This machine's addresses for others, as `rankedAddresses` orders them; read anew every five seconds at most. */
export const machineAddresses = (): readonly string[] => reread().ranked

/** Whether `address` is one of this machine's, link-local ones included. */
export const isMachineAddress = (address: string): boolean => reread().all.includes(address)

/** The name under which multicast DNS (RFC 6762) announces this machine, whether or not somebody does. */
export function multicastName(): string {
  const own = hostname().toLowerCase()
  return own.endsWith('.local') ? own : `${own.split('.')[0]}.local`
}

/** Whether this machine answers to its multicast name: macOS always does, Linux where Avahi runs. */
export const announcesMulticastName = (): boolean =>
  process.platform === 'darwin' || existsSync('/run/avahi-daemon/pid')
