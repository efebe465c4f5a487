/** Where the broker's two planes are, for one address that people use. */
export interface BrokerAddress {
  /** scheme, host and port for Socket.IO, which would take a path for a namespace */
  readonly origin: string
  readonly socketPath: string
  readonly terminalUrl: string
}

/** Throws when `brokerUrl` is no http(s) address: callers check what people type. */
export function brokerAddress(brokerUrl: string): BrokerAddress {
  const url = new URL(brokerUrl)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new Error(`not an http(s) address: ${brokerUrl}`)
  const path = url.pathname.replace(/\/+$/, '')
  return {
    origin: url.origin,
    socketPath: `${path}/socket.io/`,
    terminalUrl: `${url.origin.replace(/^http/, 'ws')}${path}/terminal`,
  }
}
