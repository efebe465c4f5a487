import { devicesReply } from '@latchkey/protocol/device-pairing'
import fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'
import { connectDevice, operatorOf, testDevice } from '../testing/device.ts'
import { cleanUp, testBroker } from '../testing/harness.ts'

afterEach(cleanUp)

const PATHS = [
  '/pairing/start',
  '/pairing/connect',
  '/pairing/verify',
  '/pairing/cancel',
  '/pairing/consent',
  '/pairing/follow',
  '/oauth/device_authorization',
  '/oauth/token',
  '/graphql',
] as const

const FIELDS = [
  'token',
  'pin',
  'id',
  'name',
  'publicKey',
  'proof',
  'peerHash',
  'device_node_id',
  'user_code',
  'query',
  '__proto__',
]

/** Bodies that are nearly right, and bodies that are nothing of the kind. */
const body = fc.oneof(
  fc.json({ maxDepth: 4 }),
  fc
    .dictionary(
      fc.constantFrom(...FIELDS),
      fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.constant(null)),
    )
    .map((fields) => JSON.stringify(fields)),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '[', '{"a":'.repeat(2_000), `"${'x'.repeat(20_000)}"`, '{"token":{"$gt":""}}'),
)

it('no body, however malformed, is a failure of the broker, pairs a device or burns a token', async () => {
  const broker = await testBroker()
  const { token } = (await operatorOf(broker).start()).body
  const statuses = new Set<number>()
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...PATHS),
      body,
      fc.boolean(),
      fc.constantFrom(
        'application/json',
        'application/x-www-form-urlencoded',
        'text/plain',
        'application/json; charset=x',
      ),
      async (path, text, isOperator, contentType) => {
        // A pairing begun by chance would take a place.
        if (path === '/pairing/start' && isOperator) return
        const response = await fetch(`${broker.url}${path}`, {
          method: 'POST',
          headers: {
            'content-type': contentType,
            ...(isOperator ? { authorization: `Bearer ${broker.operator}` } : {}),
          },
          body: text,
        })
        await response.body?.cancel()
        statuses.add(response.status)
        const isBusy = path === '/oauth/device_authorization' && response.status === 503
        expect(response.status < 500 || isBusy, `${path} ${response.status}: ${text.slice(0, 80)}`).toBe(true)
      },
    ),
    { numRuns: 600 },
  )
  expect([...statuses]).toEqual(expect.arrayContaining([400, 401, 413, 422]))
  expect(broker.log.filter((line) => line.includes('http.failed'))).toEqual([])
  const device = testDevice()
  const { pin } = (await connectDevice(broker, device, token)).body
  expect((await operatorOf(broker).verify(token, pin)).status).toBe(200)
  expect(devicesReply.parse((await operatorOf(broker).nodes()).body).nodes).toHaveLength(2)
})
