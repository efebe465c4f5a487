import { SocksProxyAgent } from 'socks-proxy-agent'
import { expect, it } from 'vitest'
import { proxyAgent } from './proxy-agent.ts'

it.each([
  ['socks5://name:secret@[2001:db8::1]:1080', '2001:db8::1'],
  ['socks5://192.0.2.1:1080', '192.0.2.1'],
  ['socks5://proxy.example:1080', 'proxy.example'],
])('%s is reached at %s, which resolves the names of targets', (proxy, host) => {
  const agent = proxyAgent(proxy)
  if (!(agent instanceof SocksProxyAgent)) throw new Error('no SOCKS agent')
  expect(agent.proxy.host).toBe(host)
  expect(agent.shouldLookup).toBe(false)
})
