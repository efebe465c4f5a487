import { devicesReply } from '@latchkey/protocol/device-pairing'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { twoBrokers } from '../testing/cluster.ts'
import { ask, connectDevice, followPairing, joinDevice, operatorOf, testDevice } from '../testing/device.ts'
import {
  code,
  connect,
  registerOurs,
  runnerKeys,
  type TestBroker,
  ticketOf,
  until,
} from '../testing/harness.ts'
import { enterTerminal } from '../testing/terminal-client.ts'

let a: TestBroker
let b: TestBroker
// Brokers look at intervals too. Without intervals, a broker hears only what another one tells it.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())
twoBrokers((one, other) => {
  a = one
  b = other
})

it('a link made on one broker is opened on another, and both sides follow', async () => {
  const operator = operatorOf(a)
  const { token } = (await operator.start()).body
  const page = await followPairing(b, token)
  await until('the first word', () => page.heard.length === 1)
  const device = testDevice()
  const { pin } = (await connectDevice(b, device, token)).body
  await until('the scan to be told', () => page.heard.length === 2)
  const verified = await Promise.all([operator.verify(token, pin), operatorOf(b).verify(token, pin)])
  expect(verified.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 409])
  await page.ended()
  expect(page.heard.at(-1)).toMatchObject({ status: 'registered', node: { id: device.nodeId } })
  expect((await ask(b, 'GET', '/nodes/me', undefined, device.peerToken)).status).toBe(200)
})

it('what a revoked node has open on other brokers is closed as soon as they hear of it, at no regular look', async () => {
  const device = testDevice()
  await joinDevice(a, device)
  const runner = await b.connect()
  const keys = runnerKeys()
  const incarnation = 'a'.repeat(32)
  const said = { pairingCode: code(1), incarnation, secret: device.peerToken }
  const registered = await registerOurs(runner, keys, said)
  const runnerEnd = await enterTerminal(b.port, ticketOf(registered))
  await runnerEnd.next()
  const app = await b.connect({ token: device.peerToken })
  const { nodes } = devicesReply.parse((await operatorOf(a).nodes()).body)
  expect(nodes.find(({ id }) => id === device.nodeId)).toMatchObject({
    connected: true,
    runners: [keys.runnerId],
  })
  await operatorOf(a).revoke(device.nodeId)
  await Promise.all([runner.ended, runnerEnd.ended, app.ended])
  await expect(connect(b.url, { token: device.peerToken })).rejects.toMatchObject({
    data: { code: 'INVALID_SECRET' },
  })
  const again = await b.connect()
  expect(await registerOurs(again, keys, { pairingCode: code(2), incarnation })).toMatchObject({
    code: 'INVALID_SECRET',
  })
})
