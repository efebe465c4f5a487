import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { API_KEY_FORM } from '@latchkey/protocol/api-keys'
import { afterEach, expect, it } from 'vitest'
import { z } from 'zod'
import { ask } from '../testing/device.ts'
import { cleanUp, type TestBroker, testBroker } from '../testing/harness.ts'

afterEach(cleanUp)

const made = z.object({ key: z.string(), apiKey: z.object({ id: z.string(), name: z.string() }) })
const listed = z.object({ keys: z.array(z.record(z.string(), z.unknown())) })

const make = (broker: TestBroker, body: unknown) =>
  ask(broker, 'POST', '/operator/keys', body, broker.operator)
const list = async (broker: TestBroker) =>
  listed.parse((await ask(broker, 'GET', '/operator/keys', undefined, broker.operator)).body).keys

it('a key is told once, opens its scope, is seen used, and opens nothing once it is revoked', async () => {
  const broker = await testBroker()
  const { key, apiKey } = made.parse(
    (await make(broker, { name: 'deploy', scopes: ['devices:read', 'devices:read'], lifeDays: 90 })).body,
  )
  expect(key).toMatch(API_KEY_FORM)
  expect((await list(broker))[0]).toMatchObject({
    status: 'good',
    lastUsedAt: null,
    scopes: ['devices:read'],
  })
  expect((await ask(broker, 'GET', '/nodes', undefined, key)).status).toBe(200)
  const [seen] = await list(broker)
  expect(seen).toMatchObject({ id: apiKey.id, name: 'deploy', lastUsedAt: expect.any(Number) })
  expect(JSON.stringify(seen)).not.toContain(key)

  const again = await broker.restart()
  expect((await ask(again, 'GET', '/nodes', undefined, key)).status).toBe(200)
  const path = `/operator/keys/${apiKey.id}`
  expect((await ask(again, 'DELETE', path, undefined, again.operator)).body).toMatchObject({
    apiKey: { status: 'revoked' },
  })
  const refused = await ask(again, 'GET', '/nodes', undefined, key)
  expect([refused.status, refused.body['code']]).toEqual([401, 'KEY_REVOKED'])
  const unknown = await ask(again, 'DELETE', '/operator/keys/key_0', undefined, again.operator)
  expect([unknown.status, unknown.body['code']]).toEqual([404, 'NO_SUCH_KEY'])
})

it('neither the store nor the log has a key', async () => {
  const broker = await testBroker()
  const { key } = made.parse((await make(broker, { name: 'ci', scopes: ['metrics:read'] })).body)
  await ask(broker, 'GET', '/metrics', undefined, key).catch(() => null)
  await broker.stop()
  const secret = key.slice(3, -6)
  expect(broker.log.join('\n')).not.toContain(secret)
  expect(readFileSync(join(broker.dataDir, 'broker.sqlite')).includes(secret)).toBe(false)
})

it('a key never makes, lists or revokes keys, whatever its scopes are', async () => {
  const broker = await testBroker()
  const { key, apiKey } = made.parse((await make(broker, { name: 'ci', scopes: ['devices:write'] })).body)
  for (const [method, path] of [
    ['GET', '/operator/keys'],
    ['POST', '/operator/keys'],
    ['DELETE', `/operator/keys/${apiKey.id}`],
  ] as const) {
    const { status, body } = await ask(broker, method, path, undefined, key)
    expect([status, body['code']]).toEqual([403, 'NOT_FOR_KEYS'])
  }
})

it('names have any character that can be shown; a body that is none is refused', async () => {
  const broker = await testBroker()
  const name = 'Ключ «ops» \u202e 鍵\u0000\u001b[31m <b>'
  expect(made.parse((await make(broker, { name, scopes: ['devices:read'] })).body).apiKey.name).toBe(
    'Ключ «ops»  鍵[31m <b>',
  )
  for (const body of [
    {},
    { name: 'ci' },
    { name: 'ci', scopes: [] },
    { name: 'ci', scopes: ['everything'] },
    { name: '', scopes: ['devices:read'] },
    { name: '\u202e', scopes: ['devices:read'] },
    { name: 'x'.repeat(201), scopes: ['devices:read'] },
    { name: 'ci', scopes: ['devices:read'], lifeDays: 0 },
    { name: 'ci', scopes: ['devices:read'], lifeDays: 1.5 },
    { name: 'ci', scopes: ['devices:read'], more: true },
  ]) {
    const { status, body: said } = await make(broker, body)
    expect([status, said['code']], JSON.stringify(body)).toEqual([400, 'INVALID_FORMAT'])
  }
})
