import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { invariant } from '@latchkey/domain/kernel'
import { parseAppSessionId, parseRunnerId } from '@latchkey/domain/runner-pairing/records'
import { AddressGate } from '../http/address-gate.ts'
import { clientAddresses } from '../http/client-address.ts'
import { origins } from '../http/origins.ts'
import { openLog } from '../log/log.ts'
import { Carriages } from '../terminal/carriage.ts'
import { InstancePass } from '../terminal/instance-pass.ts'
import { Reception } from '../terminal/reception.ts'
import { TerminalRelay } from '../terminal/relay.ts'
import { TicketOffice } from '../terminal/tickets.ts'
import { routeUpgrades } from '../terminal/upgrades.ts'
import { atCleanUp } from './harness.ts'

const signingKey = createHash('sha256').update('the key of all brokers of these tests').digest()

/** The terminal plane of several instances that share a key, on loopback. A ticket admits. */
export function terminalInstances() {
  const addresses = new Map<string, string>()
  return {
    /** where other instances find an instance; to be changed by tests that lead astray */
    addresses,
    start: (nodeId: string, options: { connectionsMax?: number } = {}) =>
      startInstance(nodeId, addresses, options.connectionsMax ?? 1_000),
  }
}

async function startInstance(nodeId: string, addresses: Map<string, string>, connectionsMax: number) {
  const lines: string[] = []
  const log = openLog('info', { write: (line) => void lines.push(line) })
  const clock = () => Date.now()
  const instances = {
    nodeId,
    addressOf: (id: string) => addresses.get(id) ?? null,
    publicUrlOf: () => null,
  }
  const tickets = new TicketOffice({ instances, signingKey, clock })
  const pass = new InstancePass({ signingKey, clock })
  const carriages = new Carriages({ instances, pass, log })
  const relay = new TerminalRelay({ ticketCheck: () => Promise.resolve(null), log, onChange: () => {} })
  const reception = new Reception({ tickets, relay, carriages, log, ticketFor: async () => null })
  const server = createServer()
  const gate = new AddressGate(connectionsMax)
  server.on('connection', (socket) => {
    const leave = gate.enterWith(socket, '127.0.0.1')
    if (leave === null) socket.destroy()
    else socket.once('close', leave)
  })
  const listening = () => (server.address() as AddressInfo).port
  const rules = { publicUrl: undefined, allowedOrigins: [], port: listening }
  routeUpgrades(server, {
    reception,
    pass,
    origins: origins(rules),
    gate,
    addresses: clientAddresses([], log),
    log,
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const port = listening()
  addresses.set(nodeId, `http://127.0.0.1:${port}`)
  /** Ends as a process that dies: no goodbye is sent. */
  const kill = () => {
    server.close()
    server.closeAllConnections()
    for (const socket of sockets) socket.destroy()
  }
  const sockets = new Set<{ destroy(): unknown }>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const stop = () => {
    reception.stop()
    relay.stop()
  }
  atCleanUp(() => {
    stop()
    kill()
  })
  return {
    nodeId,
    port,
    /** all log lines so far */
    log: lines,
    relay,
    carriages,
    kill,
    /** As a process that ends in good order. */
    stop,
    ticketForRunner: (home: string, runner = 'runner-1', epoch = 1) => {
      const runnerId = parseRunnerId(runner)
      invariant(runnerId !== null, 'an id')
      return tickets.issue({ end: 'runner', runnerId, epoch }, home).ticket
    },
    ticketForApp: (home: string, app = 'app-1', runner = 'runner-1') => {
      const appSessionId = parseAppSessionId(app)
      const runnerId = parseRunnerId(runner)
      invariant(appSessionId !== null && runnerId !== null, 'ids')
      const pid = createHash('sha256').update(app).digest('hex').slice(0, 32)
      const holder = {
        end: 'app',
        appSessionId,
        runnerId,
        gen: 1,
        pid,
        label: app,
        address: '192.0.2.7',
      } as const
      return tickets.issue(holder, home).ticket
    },
  }
}
export type TerminalInstance = Awaited<ReturnType<typeof startInstance>>
