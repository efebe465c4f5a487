import { createPublicKey } from 'node:crypto'
import { brokerInfo } from '@latchkey/protocol/console'
import { PUSH_BODY_BYTES } from '@latchkey/protocol/push'
import { jwtVerify } from 'jose'
import { afterEach, expect, it } from 'vitest'
import { cleanUp, registerOurs, runnerKeys, type TestBroker, testBroker } from '../testing/harness.ts'
import { pushService } from '../testing/push-service.ts'

afterEach(cleanUp)

const SUBJECT = 'mailto:push@house.net'
const BODY = Buffer.alloc(PUSH_BODY_BYTES, 7)
const request = (endpoint: string) => ({
  endpoint,
  body: BODY.toString('base64url'),
  ttlSeconds: 60,
  urgency: 'high',
})

async function runnerAt(broker: TestBroker) {
  const client = await broker.connect()
  await registerOurs(client, runnerKeys(), {
    pairingCode: 'K7M-2PQ-X3B',
    incarnation: 'a'.repeat(32),
    secret: broker.secret,
  })
  return client
}

async function pushing(more: Readonly<Record<string, string>> = {}) {
  const service = await pushService()
  const broker = await testBroker({ 'push-subject': SUBJECT, 'push-servers': service.origin, ...more })
  return { service, broker, runner: await runnerAt(broker) }
}

it('sends the body as it is, with a token for this push service alone', async () => {
  const { service, broker, runner } = await pushing()
  const reply = await runner.call('runner:push', request(`${service.origin}/one?up=1`))
  expect(reply).toMatchObject({ success: true, outcome: 'taken', status: 201 })
  const [sent] = service.heard
  expect(sent?.path).toBe('/one?up=1')
  expect(sent?.body.equals(BODY)).toBe(true)
  expect(sent?.headers).toMatchObject({ 'content-encoding': 'aes128gcm', ttl: '60', urgency: 'high' })
  const [, token = '', key = ''] = /^vapid t=([^,]+), k=(.+)$/.exec(sent?.headers.authorization ?? '') ?? []
  const point = Buffer.from(key, 'base64url')
  const coordinate = (from: number) => point.subarray(from, from + 32).toString('base64url')
  const jwk = { kty: 'EC', crv: 'P-256', x: coordinate(1), y: coordinate(33) }
  const publicKey = createPublicKey({ key: jwk, format: 'jwk' })
  const { payload } = await jwtVerify(token, publicKey, {
    audience: service.origin,
    requiredClaims: ['exp'],
  })
  expect(payload.sub).toBe(SUBJECT)
  const info = brokerInfo.parse(await (await fetch(`${broker.url}/broker.json`)).json())
  expect(info.pushKey, 'pages subscribe with that key').toBe(key)
  const again = await broker.restart()
  const later = brokerInfo.parse(await (await fetch(`${again.url}/broker.json`)).json())
  expect(later.pushKey, 'it is the same after a restart').toBe(key)
})

it('tells the runner what the push service answered, and counts it', async () => {
  const { service, broker, runner } = await pushing()
  const outcomes: unknown[] = []
  for (const [status, headers] of [
    [200, {}],
    [404, {}],
    [410, {}],
    [413, {}],
    [429, { 'retry-after': '30' }],
    [403, {}],
    [307, { location: `${service.origin}/elsewhere` }],
    [503, {}],
  ] as const) {
    service.answers(status, headers)
    const { tookMs, ...reply } = await runner.call('runner:push', request(`${service.origin}/x`))
    expect(tookMs).toBeTypeOf('number')
    outcomes.push(reply)
  }
  expect(outcomes).toEqual([
    { success: true, outcome: 'taken', status: 200 },
    { success: true, outcome: 'gone', status: 404 },
    { success: true, outcome: 'gone', status: 410 },
    { success: true, outcome: 'too-large', status: 413 },
    { success: true, outcome: 'slow-down', status: 429, retryAfterSeconds: 30 },
    { success: true, outcome: 'refused', status: 403 },
    { success: true, outcome: 'refused', status: 307 },
    { success: true, outcome: 'failing', status: 503 },
  ])
  expect(
    service.heard.map(({ path }) => path),
    'a redirect is not followed',
  ).not.toContain('/elsewhere')
  const answer = await fetch(`${broker.url}/metrics`, {
    headers: { authorization: `Bearer ${broker.operator}` },
  })
  const metrics = await answer.text()
  expect(metrics).toContain('latchkey_push_total{outcome="gone"} 2')
  expect(metrics).toContain('latchkey_push_total{outcome="off"} 0')
  expect(broker.log.join('\n'), 'no endpoint is in a log').not.toContain(service.origin)
})

it('a private address that is no push server of its own is refused before anything is sent', async () => {
  const { service, runner } = await pushing()
  const other = await pushService()
  for (const endpoint of [`${other.origin}/x`, `${service.origin.replace('http:', 'https:')}/x`])
    expect(await runner.call('runner:push', request(endpoint))).toMatchObject({
      outcome: 'not-public',
      status: null,
    })
  expect(other.heard).toEqual([])
})

it('without a subject push is off, in a sentence and in the answer', async () => {
  const broker = await testBroker()
  const runner = await runnerAt(broker)
  expect(await runner.call('runner:push', request('https://push.house.net/x'))).toMatchObject({
    outcome: 'off',
  })
  const info = brokerInfo.parse(await (await fetch(`${broker.url}/broker.json`)).json())
  expect(info.pushKey).toBeNull()
  expect(broker.log.join('\n')).toContain('set LATCHKEY_PUSH_SUBJECT')
})

it('only a registered runner may push, and only well-formed bodies of the one size', async () => {
  const { service, broker, runner } = await pushing()
  const stranger = await broker.connect()
  const wanted = request(`${service.origin}/x`)
  expect(await stranger.call('runner:push', wanted)).toMatchObject({ code: 'INVALID_SECRET' })
  for (const broken of [
    { ...wanted, body: wanted.body.slice(1) },
    { ...wanted, endpoint: 'file:///etc/passwd' },
    { ...wanted, endpoint: `https://house.net/${'x'.repeat(2_000)}` },
    { ...wanted, urgency: 'high\r\nx: y' },
  ])
    expect(await runner.call('runner:push', broken)).toMatchObject({ code: 'INVALID_FORMAT' })
  expect(service.heard).toEqual([])
})

it('a machine may send so many a minute; then it is told when to come again', async () => {
  const { service, runner } = await pushing({ 'limit-push': '3' })
  const outcomes: unknown[] = []
  for (let turn = 0; turn < 5; turn++)
    outcomes.push(await runner.call('runner:push', request(`${service.origin}/${turn}`)))
  expect(service.heard).toHaveLength(3)
  expect(outcomes[4]).toMatchObject({ outcome: 'limited', retryAfterSeconds: 20 })
})
