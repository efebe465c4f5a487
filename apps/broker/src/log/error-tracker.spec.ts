import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { AccountReport } from '../accounts/account-report.ts'
import { sessionIdOf } from '../accounts/marketplace-peer.ts'
import { parseSettings } from '../config/parse-settings.ts'
import { openErrorTracker, tracked } from './error-tracker.ts'
import { failureFields, openLog } from './log.ts'

let server: Server
let dsn = ''
/** bodies of the envelopes that came */
const heard: string[] = []

beforeEach(async () => {
  heard.length = 0
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      heard.push(`${request.url} ${body}`)
      response.end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  dsn = `http://publickey@127.0.0.1:${(server.address() as AddressInfo).port}/42`
})
afterEach(() => void server.close())

it('sends a failure with its event, operation, code and place, to the project that is named', async () => {
  const tracker = await openErrorTracker(dsn)
  const lines: string[] = []
  const log = tracked(openLog('debug', { write: (line) => void lines.push(line) }), tracker)
  log.error('linking.failed', {
    operation: 'connect',
    code: '515',
    correlationId: 'abcd',
    linkSessionId: 'acme',
  })
  log.info('broker.listening', { port: 1 })
  await tracker.flush(2_000)
  expect(lines).toHaveLength(2)
  expect(heard).toHaveLength(1)
  expect(heard[0]).toContain('/api/42/envelope/')
  for (const said of ['linking.failed', '"component":"linking"', '"operation":"connect"', '"code":"515"'])
    expect(heard[0]).toContain(said)
  expect(heard[0]).toContain('"company":"acme"')
})

it('lets no address, code, PIN, phone, id or path of this machine leave', async () => {
  const tracker = await openErrorTracker(dsn)
  const problem = Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:6379 and [2001:db8::1:2]:5432'), {
    syscall: 'connect',
    code: 'ECONNREFUSED',
  })
  tracker.capture('call.failed', {
    ...failureFields(problem),
    address: '192.0.2.7',
    runnerId: 'r-1',
    appSessionId: 'a-1',
  })
  tracker.capture('other.failed', { reason: 'code K7M-2PQ-X3B, PIN 123456, phone +15550100123' })
  await tracker.flush(2_000)
  const all = heard.join('\n')
  expect(all).toContain('ECONNREFUSED [address]')
  expect(all).toContain('error-tracker.spec.ts')
  const secrets = ['10.1.2.3', '2001:db8', '192.0.2.7', 'r-1', 'a-1', 'K7M-2PQ-X3B', '123456', '15550100123']
  for (const secret of [...secrets, import.meta.dirname]) expect(all).not.toContain(secret)
})

it('says a failure that repeats itself once', async () => {
  const tracker = await openErrorTracker(dsn)
  for (let count = 0; count < 1_000; count++) tracker.capture('call.failed', { reason: 'it did not answer' })
  tracker.capture('call.failed', { reason: 'something else' })
  await tracker.flush(2_000)
  expect(heard).toHaveLength(2)
})

it('bears with a tracker that is away', async () => {
  const away = dsn.replace(/:\d+\//, ':9/')
  const tracker = await openErrorTracker(away)
  tracker.capture('call.failed', {})
  await tracker.flush(500)
  expect(heard).toEqual([])
})

it('waits for no tracker that accepts and never answers: a failure of linking is told at once (sentence 23)', async () => {
  let acceptedCount = 0
  const mute = createServer(() => void acceptedCount++)
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
  const tracker = await openErrorTracker(
    `http://publickey@127.0.0.1:${(mute.address() as AddressInfo).port}/42`,
  )
  const order: string[] = []
  const report = new AccountReport({
    log: tracked(openLog('debug', { write: () => void order.push('logged') }), tracker),
    capture: () => void order.push('captured'),
    library: 'baileys',
    clock: Date.now,
  })
  report.failed(sessionIdOf('17'), 'replaced', 440)
  order.push('went on')
  // All in one turn: nothing of it waited.
  expect(order).toEqual(['logged', 'captured', 'went on'])
  await expect.poll(() => acceptedCount).toBe(1)
  mute.closeAllConnections()
  await new Promise((resolve) => mute.close(resolve))
})

it('without a DSN is no tracker, and what fails is in the log alone (sentence 23)', () => {
  const decision = parseSettings({ flags: {}, env: {} })
  expect(decision.ok && decision.value.sentryDsn).toBeUndefined()
  const lines: string[] = []
  const log = openLog('debug', { write: (line) => void lines.push(line) })
  new AccountReport({ log, capture: () => {}, library: 'baileys', clock: Date.now }).failed(
    sessionIdOf('17'),
    'replaced',
    440,
  )
  expect(lines).toHaveLength(1)
  expect(heard).toEqual([])
})
