import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { FRAME_BYTES_MAX } from '@latchkey/protocol/terminal/frames'
import { WebSocketServer } from 'ws'
import type { AddressGate } from '../http/address-gate.ts'
import { type ClientAddresses, plainAddress } from '../http/client-address.ts'
import { type Origins, REFUSAL_STATUS } from '../http/origins.ts'
import type { Log } from '../log/log.ts'
import { INSTANCE_PASS_HEADER, type InstancePass } from './instance-pass.ts'
import type { Reception } from './reception.ts'

const CONTROL_PATH = '/socket.io/'
const TERMINAL_PATH = '/terminal'

/**
 * Routes upgrades: terminals to their reception, Socket.IO to itself, all else away. A terminal that another broker brings was looked at
 * and counted there.
 */
export function routeUpgrades(
  server: Server,
  parts: {
    reception: Reception
    pass: InstancePass
    origins: Origins
    gate: AddressGate
    addresses: ClientAddresses
    log: Log
  },
): void {
  const terminals = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: FRAME_BYTES_MAX,
    clientTracking: false,
    // A client that pings without reading must not fill our queue: the relay answers pings itself.
    autoPong: false,
  })
  const open = (request: IncomingMessage, socket: Duplex, head: Buffer, from: string | null) => {
    request.socket.setNoDelay(true)
    terminals.handleUpgrade(request, socket, head, (terminal) => parts.reception.accept(terminal, from))
  }
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {}) // the peer is gone: 'close' follows
    const [path] = (request.url ?? '').split('?')
    if (path === TERMINAL_PATH && parts.pass.isShownBy(request.headers[INSTANCE_PASS_HEADER])) {
      parts.gate.doesNotCount(request.socket)
      return open(request, socket, head, null)
    }
    if (!enter(request, socket, parts)) return refuse(socket, 429, 'TOO_MANY_CONNECTIONS')
    if (path === CONTROL_PATH) return
    if (path !== TERMINAL_PATH) return refuse(socket, 404, 'NOT_FOUND')
    const refusal = parts.origins.refusalOf(request)
    if (refusal !== null) {
      parts.log.warn('terminal.refused', { reason: refusal, address: parts.addresses.of(request) })
      return refuse(socket, REFUSAL_STATUS[refusal], refusal)
    }
    open(request, socket, head, parts.addresses.of(request))
  })
}

/** Clients behind a trusted proxy are counted here, by what the proxy says; all others were counted when they connected. */
function enter(
  request: IncomingMessage,
  socket: Duplex,
  { gate, addresses }: { gate: AddressGate; addresses: ClientAddresses },
): boolean {
  const address = addresses.of(request)
  if (!addresses.isProxy(plainAddress(request.socket.remoteAddress ?? ''))) return true
  const leave = gate.enter(address)
  if (leave === null) return false
  socket.once('close', leave)
  return true
}

const STATUS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  421: 'Misdirected Request',
  429: 'Too Many Requests',
}

function refuse(socket: Duplex, status: number, code: string): void {
  const body = JSON.stringify({ type: 'about:blank', title: STATUS[status], status, code })
  const head = `HTTP/1.1 ${status} ${STATUS[status]}\r\nContent-Type: application/problem+json\r\nConnection: close`
  socket.end(`${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`, () => socket.destroy())
}
