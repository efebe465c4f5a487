import { afterEach, expect, it } from 'vitest'
import { z } from 'zod'
import { ask, joinDevice, operatorOf, testDevice } from '../testing/device.ts'
import { atCleanUp, cleanUp, code, registerFounding, testBroker, until } from '../testing/harness.ts'
import { isGenuine, type WebhookReceiver, webhookReceiver } from '../testing/webhook-receiver.ts'
import { IMPATIENT } from './impatient.fixture.ts'

afterEach(cleanUp)

const made = z.object({ secret: z.string(), webhook: z.object({ id: z.string() }) })
const logged = z.object({ deliveries: z.array(z.record(z.string(), z.unknown())) })

async function house(
  receivers: readonly WebhookReceiver[],
  lookUp = async (): Promise<readonly string[]> => [],
) {
  const flags = { 'webhook-targets': receivers.map(({ origin }) => origin).join(','), grace: '0' }
  const broker = await testBroker(flags, {}, {}, { rules: { ...IMPATIENT, answerWithinMs: 500 }, lookUp })
  const call = (method: string, path: string, body?: unknown) =>
    ask(broker, method, path, body, broker.operator)
  const hook = async (url: string, types: readonly string[] | null = null) =>
    made.parse((await call('POST', '/webhooks', { url, name: 'ops', types })).body)
  return { broker, call, hook }
}

const typesOf = ({ received }: WebhookReceiver) => received.map(({ body }) => body.type)
const heard = (receiver: WebhookReceiver, type: string) =>
  until(`${type} to be told`, () => typesOf(receiver).some((each) => each === type))

it('tells of devices and machines, in order, signed so that a receiver can verify it', async () => {
  const receiver = await webhookReceiver()
  const { broker, hook } = await house([receiver])
  const { secret } = await hook(`${receiver.origin}/hook`)
  const device = testDevice('Pixel')
  await joinDevice(broker, device)
  await operatorOf(broker).revoke(device.nodeId)
  await heard(receiver, 'device.revoked')
  expect(typesOf(receiver)).toEqual(['device.asked', 'device.joined', 'device.revoked'])
  expect(receiver.received[1]?.body.data).toEqual({ deviceId: device.nodeId, name: 'Pixel' })

  const runner = await broker.connect()
  await registerFounding(runner, broker, 'workshop', code(1))
  await heard(receiver, 'machine.online')
  runner.close()
  await heard(receiver, 'machine.offline')
  for (const each of receiver.received) expect(isGenuine(each, secret)).toBe(true)
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(receiver.received.length)

  const [first] = receiver.received
  expect(first && isGenuine({ ...first, text: first.text.replace('asked', 'joined') }, secret)).toBe(false)
  expect(first && isGenuine(first, secret, Date.now() / 1_000 + 301)).toBe(false)
  expect(first && isGenuine(first, `whsec_${Buffer.alloc(32).toString('base64')}`)).toBe(false)
})

it('a wrong secret that rings the alarm is told once, and nothing of the guess', async () => {
  const receiver = await webhookReceiver()
  const { broker, hook } = await house([receiver])
  await hook(receiver.origin, ['guessing.alarm'])
  const first = await broker.connect()
  await registerFounding(first, broker, 'first', code(1))
  const second = await broker.connect()
  await registerFounding(second, broker, 'second', code(1))
  await heard(receiver, 'guessing.alarm')
  expect(receiver.received.map(({ text }) => text).join()).not.toContain(code(1))
})

it('during a rotation both secrets verify; after it the old one is no good', async () => {
  const receiver = await webhookReceiver()
  const { call, hook } = await house([receiver])
  const { secret, webhook } = await hook(receiver.origin)
  const next = made.parse((await call('POST', `/webhooks/${webhook.id}/rotate`)).body)
  await call('POST', `/webhooks/${webhook.id}/test`)
  await heard(receiver, 'webhook.test')
  const [both] = receiver.received
  expect([secret, next.secret].map((each) => both && isGenuine(both, each))).toEqual([true, true])
  const last = made.parse((await call('POST', `/webhooks/${webhook.id}/rotate`, { overlapHours: 0 })).body)
  await call('POST', `/webhooks/${webhook.id}/test`)
  await until('the second test', () => receiver.received.length === 2)
  const [, alone] = receiver.received
  const verified = [secret, next.secret, last.secret].map((each) => alone && isGenuine(alone, each))
  expect(verified).toEqual([false, false, true])
})

it('a target that hangs, redirects, streams for ever or fails delays no other, and is tried again by the same id', async () => {
  const [good, bad] = [await webhookReceiver(), await webhookReceiver()]
  const { call, hook } = await house([good, bad])
  const badly = (await hook(`${bad.origin}/bad`)).webhook.id
  const well = (await hook(good.origin)).webhook.id
  const streams: NodeJS.Timeout[] = []
  atCleanUp(() => streams.forEach(clearInterval))
  let turn = 0
  bad.answers((response) => {
    turn += 1
    if (turn === 1) return
    if (turn === 2) return void response.writeHead(302, { location: good.origin }).end()
    if (turn === 3) {
      response.writeHead(500)
      return void streams.push(setInterval(() => response.write('x'.repeat(1_000)), 1))
    }
    response.writeHead(200)
    streams.push(setInterval(() => response.write('x'.repeat(1_000)), 1))
  })
  await call('POST', `/webhooks/${badly}/test`)
  await call('POST', `/webhooks/${well}/test`)
  await heard(good, 'webhook.test')
  await until('the fourth try', () => bad.received.length === 4)
  expect(new Set(bad.received.map(({ id, text }) => id + text)).size).toBe(1)
  // The redirect was not followed.
  expect(good.received).toHaveLength(1)
  const log = async () => logged.parse((await call('GET', `/webhooks/${badly}/deliveries`)).body).deliveries
  await until('the log', async () => (await log())[0]?.['status'] === 'delivered')
  expect(await log()).toMatchObject([{ attempts: 4, lastOutcome: '200', dueAt: null }])
})

it('a name that leads to loopback after a public look-up is not connected to', async () => {
  const receiver = await webhookReceiver()
  const addresses = [['1.1.1.1'], ['127.0.0.1'], ['1.1.1.1', '::1']]
  const { call, hook } = await house([], async () => addresses.shift() ?? ['10.0.0.1'])
  const { port } = new URL(receiver.origin)
  const { webhook } = await hook(`https://rebinding.example.net:${port}/`)
  await call('POST', `/webhooks/${webhook.id}/test`)
  const log = async () =>
    logged.parse((await call('GET', `/webhooks/${webhook.id}/deliveries?status=pending`)).body).deliveries
  await until('three tries', async () => Number((await log())[0]?.['attempts'] ?? 0) >= 3)
  expect(await log()).toMatchObject([{ lastOutcome: 'not-allowed' }])
  expect(receiver.received).toEqual([])
})

it('refuses addresses that webhooks may not go to, bodies that are none, and what is not there', async () => {
  const receiver = await webhookReceiver()
  const { call, hook } = await house([receiver])
  const refused = async (method: string, path: string, body?: unknown) => {
    const { status, body: said } = await call(method, path, body)
    return [status, said['code']]
  }
  for (const url of [
    'http://hooks.example.net/',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://10.0.0.1/',
    'https://169.254.169.254/latest',
    'https://[::ffff:127.0.0.1]/',
    'https://user:pw@1.1.1.1/',
    'ftp://1.1.1.1/',
    'no address',
  ])
    expect(await refused('POST', '/webhooks', { url, name: 'ops' }), url).toEqual([400, 'TARGET_NOT_ALLOWED'])
  for (const body of [
    {},
    { url: receiver.origin },
    { url: receiver.origin, name: '\u0007' },
    { url: receiver.origin, name: 'a', types: ['all'] },
  ])
    expect(await refused('POST', '/webhooks', body)).toEqual([400, 'INVALID_FORMAT'])
  const { webhook } = await hook(receiver.origin)
  const at = `/webhooks/${webhook.id}`
  expect(await refused('PATCH', at, { url: 'https://127.0.0.1/' })).toEqual([400, 'TARGET_NOT_ALLOWED'])
  expect(await refused('POST', `${at}/replay`, { eventId: 'msg_0' })).toEqual([404, 'NO_SUCH_EVENT'])
  expect(await refused('POST', `${at}/replay`, {})).toEqual([400, 'INVALID_FORMAT'])
  expect(await refused('GET', `${at}/deliveries?limit=0`)).toEqual([400, 'INVALID_FORMAT'])
  expect((await call('PATCH', at, { on: false })).body).toMatchObject({ webhook: { status: 'off' } })
  expect(await refused('POST', `${at}/test`)).toEqual([409, 'WEBHOOK_OFF'])
  expect((await call('DELETE', at)).status).toBe(204)
  for (const [method, path] of [
    ['PATCH', at],
    ['DELETE', at],
    ['POST', `${at}/rotate`],
    ['POST', `${at}/test`],
    ['GET', `${at}/deliveries`],
  ] as const)
    expect(await refused(method, path, method === 'PATCH' ? {} : undefined)).toEqual([404, 'NO_SUCH_WEBHOOK'])
})

it('an event that was told before a restart is delivered after it', async () => {
  const receiver = await webhookReceiver()
  receiver.answers(503)
  const { broker, hook } = await house([receiver])
  await hook(receiver.origin)
  await joinDevice(broker, testDevice())
  await until('a try', () => receiver.received.length > 0)
  await broker.stop()
  receiver.answers(204)
  await broker.restart()
  await heard(receiver, 'device.joined')
})
