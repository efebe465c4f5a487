import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Log } from '../log/log.ts'
import type { AddressGate } from './address-gate.ts'
import type { Certificate } from './certificate.ts'
import { type ClientAddresses, plainAddress } from './client-address.ts'

const HEADERS_WITHIN_MS = 8_000
const REQUEST_WITHIN_MS = 9_000
const LOOKED_AT_EVERY_MS = 1_000
const IDLE_MS_MAX = 5_000
const HEADER_BYTES_MAX = 16 * 1024
const TOLD_EVERY_MS = 60_000

/** The one server of both planes and the pages. It closes slow connections, bounds those of one address, and bounds all together. */
export function httpServer(
  handle: RequestListener,
  parts: {
    certificate: Certificate | null
    gate: AddressGate
    addresses: ClientAddresses
    connectionsMax: number
    log: Log
  },
): Server {
  const limits = {
    headersTimeout: HEADERS_WITHIN_MS,
    requestTimeout: REQUEST_WITHIN_MS,
    keepAliveTimeout: IDLE_MS_MAX,
    connectionsCheckingInterval: LOOKED_AT_EVERY_MS,
    maxHeaderSize: HEADER_BYTES_MAX,
    noDelay: true,
  }
  const server =
    parts.certificate === null
      ? createServer(limits, handle)
      : createTlsServer(
          { ...limits, ...parts.certificate, minVersion: 'TLSv1.2', handshakeTimeout: HEADERS_WITHIN_MS },
          handle,
        )
  // In all, from however many addresses: memory and file descriptors end before the addresses of a botnet do.
  server.maxConnections = parts.connectionsMax
  let toldAtMs = -TOLD_EVERY_MS
  server.on('drop', () => {
    const nowMs = performance.now()
    if (nowMs - toldAtMs < TOLD_EVERY_MS) return
    toldAtMs = nowMs
    parts.log.warn('connections.full', {
      count: parts.connectionsMax,
      reason: 'no more connections are taken (LATCHKEY_LIMIT_SOCKETS_TOTAL)',
    })
  })
  server.on('connection', (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress ?? '')
    // A proxy's connections are its clients': those are counted when they upgrade.
    if (parts.addresses.isProxy(address)) return
    const leave = parts.gate.enterWith(socket, address)
    if (leave === null) socket.destroy()
    else socket.once('close', leave)
  })
  return server
}
