import { noticesReply, noticesTestReply } from '@latchkey/protocol/notices'
import { afterEach, expect, it } from 'vitest'
import { ask, joinDevice, operatorOf, testDevice } from '../testing/device.ts'
import { cleanUp, code, registerFounding, type TestBroker, testBroker } from '../testing/harness.ts'
import { type PushService, pushService } from '../testing/push-service.ts'

afterEach(cleanUp)

const operator = (broker: TestBroker, method: string, path: string, body?: object) =>
  ask(broker, method, `/operator/notices${path}`, body, broker.operator)

/** A broker that sends push messages, and a browser of the operator that is called. */
async function called(): Promise<{ readonly broker: TestBroker; readonly service: PushService }> {
  const service = await pushService()
  const settings = { 'push-subject': 'mailto:ada@house.dev', 'push-servers': service.origin }
  const broker = await testBroker(settings)
  const wanted = { endpoint: `${service.origin}/browser-1`, label: 'Firefox on Linux' }
  const told = noticesReply.parse((await operator(broker, 'POST', '/browsers', wanted)).body)
  expect(told.browsers).toMatchObject([{ label: 'Firefox on Linux' }])
  expect(told.pushKey).toMatch(/^[\w-]{87}$/)
  return { broker, service }
}

it('a device that joins calls the operator, once, by a message without content', async () => {
  const { broker, service } = await called()
  await operator(broker, 'PATCH', '', { on: ['device-joined'] })
  await joinDevice(broker, testDevice('Pixel 8'))
  await expect.poll(() => service.heard.length).toBe(1)
  const [heard] = service.heard
  expect(heard?.path).toBe('/browser-1')
  expect(heard?.body).toHaveLength(0)
  expect(heard?.headers).toMatchObject({ ttl: '86400', authorization: expect.stringMatching(/^vapid t=/) })
  expect(heard?.headers['content-encoding']).toBeUndefined()
  expect(JSON.stringify(heard?.headers)).not.toContain('Pixel')
  await joinDevice(broker, testDevice('Pixel 9'))
  expect(noticesTestReply.parse((await operator(broker, 'POST', '/test')).body).called).toMatchObject([
    { outcome: 'taken' },
  ])
  expect(service.heard, 'the second device within a minute, and the test').toHaveLength(2)
})

it('what is not in the table calls nobody, and a browser that is gone is called no more', async () => {
  const { broker, service } = await called()
  expect(noticesReply.parse((await operator(broker, 'PATCH', '', { on: ['guessing'] })).body).on).toEqual([
    'guessing',
  ])
  const device = testDevice()
  await joinDevice(broker, device)
  await operatorOf(broker).revoke(device.nodeId)
  service.answers(410)
  await operator(broker, 'POST', '/test')
  expect(service.heard).toHaveLength(1)
  expect(noticesReply.parse((await operator(broker, 'GET', '')).body).browsers).toEqual([])
})

it('a machine whose runner ends calls the operator, where that is chosen', async () => {
  const { broker, service } = await called()
  await operator(broker, 'PATCH', '', { on: ['machine-offline'] })
  const runner = await broker.connect()
  await registerFounding(runner, broker, 'runner-1', code(1))
  runner.close()
  await expect.poll(() => service.heard.length).toBe(1)
})

it('an address inside the network is not called, wrong tables are refused, and strangers choose nothing', async () => {
  const service = await pushService()
  const broker = await testBroker({ 'push-subject': 'mailto:ada@house.dev' })
  await operator(broker, 'POST', '/browsers', { endpoint: `${service.origin}/x`, label: 'x' })
  expect(noticesTestReply.parse((await operator(broker, 'POST', '/test')).body).called).toMatchObject([
    { outcome: 'not-public' },
  ])
  expect(service.heard).toEqual([])
  expect((await operator(broker, 'PATCH', '', { on: ['everything'] })).status).toBe(422)
  expect((await operator(broker, 'POST', '/browsers', { endpoint: 'file:///x', label: '' })).status).toBe(422)
  expect((await ask(broker, 'GET', '/operator/notices')).status).toBe(401)
  const off = await testBroker()
  expect(noticesReply.parse((await operator(off, 'GET', '')).body).pushKey).toBeNull()
})
