import { HttpsProxyAgent } from 'https-proxy-agent'
import { SocksProxyAgent } from 'socks-proxy-agent'

/** From the first packet to a SOCKS proxy until it has reached WhatsApp. Baileys itself ends other connections that take as long. */
const REACH_MS_MAX = 10_000

/** Baileys takes a code with an E for a network that is away, and tries again. */
const notReached = () => Object.assign(new Error('the proxy has not reached WhatsApp'), { code: 'EPROXY' })

/**
 * An agent that connects through a proxy, and never without it. The names of targets are resolved by the proxy.
 * @param proxy `http://` (CONNECT) or `socks5://` (RFC 1928, 1929), with a port; user and password percent-encoded
 */
export function proxyAgent(proxy: string): HttpsProxyAgent<string> | SocksProxyAgent {
  // With `socks5h:` the agent leaves names to the proxy.
  if (proxy.startsWith('socks5:')) return new BySocks(proxy.replace('socks5:', 'socks5h:'))
  const agent = new HttpsProxyAgent(proxy)
  // The agent would hand the refusal on as if WhatsApp had answered.
  agent.on('proxyConnect', ({ statusCode }, request) => {
    if (statusCode !== 200) request?.destroy(notReached())
  })
  return agent
}

class BySocks extends SocksProxyAgent {
  constructor(proxy: string) {
    super(proxy, { timeout: REACH_MS_MAX })
    // An IPv6 address has brackets in a URL alone.
    if (this.proxy.host !== undefined) this.proxy.host = this.proxy.host.replace(/^\[|\]$/g, '')
  }

  override async connect(...asked: Parameters<SocksProxyAgent['connect']>) {
    try {
      return await super.connect(...asked)
    } catch {
      throw notReached()
    }
  }
}
