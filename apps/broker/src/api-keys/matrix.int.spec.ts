import { join } from 'node:path'
import { API_SCOPES, type ApiKey } from '@latchkey/domain/api-keys/api-key'
import { instant } from '@latchkey/domain/kernel'
import { apiKeyStore } from '@latchkey/stores/api-keys/api-key-sql'
import { sqliteConversations } from '@latchkey/stores/sqlite/conversations'
import { openSqlite } from '@latchkey/stores/sqlite/database'
import { afterEach, expect, it } from 'vitest'
import { z } from 'zod'
import { routes } from '../routes/routes.ts'
import { ask } from '../testing/device.ts'
import { atCleanUp, cleanUp, type TestBroker } from '../testing/harness.ts'
import { marketplace } from '../testing/marketplace.ts'

afterEach(cleanUp)

/** The part of the document that promises which callers each operation lets in. */
const documentSchema = z.object({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.object({ security: z.array(z.record(z.string(), z.array(z.string()))) })),
  ),
})

/** The codes of a refusal that is about the caller, and of no other. */
const TURNED_AWAY = [
  'NOT_SIGNED_IN',
  'SCOPE_MISSING',
  'NOT_FOR_KEYS',
  'KEY_ENDED',
  'KEY_REVOKED',
  'NOT_A_NODE',
]

interface Asked {
  readonly status: number
  readonly code: string
}

/** Asks without waiting for the end of an answer that has none. */
async function look(broker: TestBroker, method: string, path: string, bearer: string | null): Promise<Asked> {
  const stop = new AbortController()
  const response = await fetch(`${broker.url}${path.replaceAll(/\{\w+\}/g, 'a'.repeat(26))}`, {
    method: method.toUpperCase(),
    headers: bearer === null ? {} : { authorization: `Bearer ${bearer}` },
    signal: stop.signal,
  })
  const type = response.headers.get('content-type') ?? ''
  if (type.startsWith('text/')) stop.abort()
  const text = type.startsWith('text/') ? '' : await response.text()
  const said: { code?: string } = type.includes('json') ? JSON.parse(text) : {}
  return { status: response.status, code: said.code ?? '' }
}

async function makeKey(broker: TestBroker, scopes: readonly string[]) {
  const { body, status } = await ask(broker, 'POST', '/operator/keys', { name: 'k', scopes }, broker.operator)
  expect(status).toBe(200)
  return z.object({ key: z.string(), apiKey: z.object({ id: z.string() }) }).parse(body)
}

/** Changes a key behind the broker's back, as the clock would. */
async function endKey(broker: TestBroker, id: string): Promise<void> {
  const db = await openSqlite(join(broker.dataDir, 'broker.sqlite'))
  atCleanUp(() => db.close())
  await apiKeyStore(sqliteConversations(db, { clock: Date.now })).run({
    id,
    decide: ({ key }) => ({
      write: key === undefined ? null : ({ ...key, endsAt: instant(1) } satisfies ApiKey),
      answer: null,
    }),
  })
}

it('every route lets in exactly the keys that the OpenAPI document says, by no other way', async () => {
  const { broker } = await marketplace()
  const document = documentSchema.parse((await ask(broker, 'GET', '/openapi.json')).body)
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security }]) => ({ method, path, security })),
  )
  expect(operations).toHaveLength(routes.length)

  const ended = await makeKey(broker, API_SCOPES)
  await endKey(broker, ended.apiKey.id)
  const revoked = await makeKey(broker, API_SCOPES)
  await ask(broker, 'DELETE', `/operator/keys/${revoked.apiKey.id}`, undefined, broker.operator)
  const bearers: { name: string; bearer: string | null; scopes: readonly string[] }[] = [
    { name: 'nothing', bearer: null, scopes: [] },
    { name: 'an ended key', bearer: ended.key, scopes: [] },
    { name: 'a revoked key', bearer: revoked.key, scopes: [] },
    { name: 'every scope', bearer: (await makeKey(broker, API_SCOPES)).key, scopes: API_SCOPES },
  ]
  for (const scope of API_SCOPES)
    bearers.push({ name: scope, bearer: (await makeKey(broker, [scope])).key, scopes: [scope] })

  for (const { method, path, security } of operations) {
    const isOpen = security.length === 0
    const needed = security.flatMap((each) => each['key'] ?? [])
    for (const { name, bearer, scopes } of bearers) {
      const { status, code } = await look(broker, method, path, bearer)
      const where = `${method} ${path} with ${name}: ${status} ${code}`
      const mayAsk = isOpen || needed.some((scope) => scopes.includes(scope))
      expect(TURNED_AWAY.includes(code), where).toBe(!mayAsk)
      expect(!mayAsk && status !== 401 && status !== 403, where).toBe(false)
    }
  }
})

it('a key that was never made is charged as a wrong secret is, and one that ended is not', async () => {
  const { broker } = await marketplace()
  const { key, apiKey } = await makeKey(broker, ['devices:read'])
  await endKey(broker, apiKey.id)
  for (let n = 0; n < 25; n++)
    expect(await look(broker, 'get', '/nodes', key)).toEqual({ status: 401, code: 'KEY_ENDED' })
  const { key: good } = await makeKey(broker, ['devices:read'])
  const wrong = []
  for (let n = 0; n < 21; n++) wrong.push(await look(broker, 'get', '/nodes', `lk_${'0'.repeat(49)}`))
  expect(wrong[0]).toEqual({ status: 401, code: 'NOT_SIGNED_IN' })
  expect(wrong.at(-1)).toEqual({ status: 429, code: 'RATE_LIMITED' })
  // A program whose address others spent still comes in: its key cannot be guessed.
  expect(await look(broker, 'get', '/nodes', good)).toEqual({ status: 200, code: '' })
})
