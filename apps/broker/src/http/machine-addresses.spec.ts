import type { NetworkInterfaceInfo } from 'node:os'
import { expect, it } from 'vitest'
import { defaultInterfaceOf, rankedAddresses } from './machine-addresses.ts'

const at = (address: string, internal = false): NetworkInterfaceInfo => {
  const family = address.includes(':') ? { family: 'IPv6' as const, scopeid: 0 } : { family: 'IPv4' as const }
  return { address, internal, netmask: '', mac: '', cidr: null, ...family }
}

it('the address of Wi-Fi or a wire comes first, whatever order the system has', () => {
  const interfaces = {
    lo: [at('127.0.0.1', true)],
    docker0: [at('172.17.0.1')],
    'br-4f1c': [at('172.18.0.1')],
    tun0: [at('10.8.0.6')],
    tailscale0: [at('100.101.102.103')],
    wlan0: [at('fe80::1'), at('2001:db8::7'), at('192.168.1.23')],
    eth1: [at('169.254.7.7')],
  }
  const ranked = rankedAddresses(interfaces, null)
  expect(ranked.slice(0, 2)).toEqual(['192.168.1.23', '2001:db8::7'])
  expect(ranked.slice(2, 4)).toEqual(['10.8.0.6', '100.101.102.103'])
  expect(ranked.slice(4)).toEqual(['172.17.0.1', '172.18.0.1'])
})

it('of two wires the one with the default route comes first', () => {
  const interfaces = { eth0: [at('10.9.0.5')], eth1: [at('192.168.1.5')] }
  expect(rankedAddresses(interfaces, 'eth1')[0]).toBe('192.168.1.5')
  expect(rankedAddresses(interfaces, 'eth0')[0]).toBe('10.9.0.5')
})

it('a tunnel that takes all traffic does not hide the local network', () => {
  const interfaces = { wg0: [at('10.2.0.2')], wlp3s0: [at('192.168.178.20')] }
  expect(rankedAddresses(interfaces, 'wg0')[0]).toBe('192.168.178.20')
})

it('link-local addresses are never offered, in any spelling', () => {
  const interfaces = { eth0: [at('169.254.0.9'), at('fe80::1'), at('febf::2'), at('FE9A::3')] }
  expect(rankedAddresses(interfaces, 'eth0')).toEqual([])
})

it('reads the default route with the smallest metric from the table of the kernel', () => {
  const table = [
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
    'docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0',
    'wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0',
    'eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0',
    '',
  ].join('\n')
  expect(defaultInterfaceOf(table)).toBe('eth0')
  expect(defaultInterfaceOf('')).toBeNull()
})
