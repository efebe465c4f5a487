import { auditReply } from '@latchkey/protocol/audit'
import { afterEach, expect, it } from 'vitest'
import { ask, joinDevice, operatorOf, testDevice } from '../testing/device.ts'
import { cleanUp, code, registerFounding, type TestBroker, testBroker } from '../testing/harness.ts'

afterEach(cleanUp)

const page = async (broker: TestBroker, query = '') =>
  auditReply.parse((await ask(broker, 'GET', `/operator/audit${query}`, undefined, broker.operator)).body)
const file = (broker: TestBroker, query: string) =>
  fetch(`${broker.url}/operator/audit/export${query}`, {
    headers: { authorization: `Bearer ${broker.operator}` },
  })

/** An app that pairs, a device that joins and is renamed by the operator to what a spreadsheet would run. */
async function lived(broker: TestBroker): Promise<void> {
  await registerFounding(await broker.connect(), broker, 'runner-1', code(1))
  const app = await broker.connect()
  await app.call('app:pair', { pairingCode: code(1) })
  for (let guess = 2; guess < 6; guess++) await app.call('app:pair', { pairingCode: code(guess) })
  const device = testDevice()
  await joinDevice(broker, device)
  await operatorOf(broker).rename(device.nodeId, '=HYPERLINK("http://x")')
}

it('tells who did what to apps and devices in one list, by kind, actor and time, page by page', async () => {
  const broker = await testBroker()
  await lived(broker)
  const all = await page(broker)
  expect(all.entries[0]).toMatchObject({ kind: 'device', event: 'NodeRenamed', actor: 'operator' })
  expect(all.entries.map(({ event }) => event)).toContain('paired')
  expect(
    all.entries.map(({ event }) => event),
    'single failures are not audited',
  ).not.toContain('refused')
  const first = await page(broker, '?limit=2')
  expect(first.entries).toEqual(all.entries.slice(0, 2))
  const { until = 0, skip = 0 } = first.next ?? {}
  expect((await page(broker, `?until=${until}&skip=${skip}`)).entries).toEqual(all.entries.slice(2))
  expect((await page(broker, '?kind=pairing')).entries).toMatchObject([{ event: 'paired', actor: 'app' }])
  const byOperator = (await page(broker, '?actor=operator')).entries
  expect(new Set(byOperator.map(({ actor }) => actor))).toEqual(new Set(['operator']))
  expect((await page(broker, `?since=${until + 60_000}`)).entries).toEqual([])
  expect(await ask(broker, 'GET', '/operator/audit?kind=x', undefined, broker.operator)).toMatchObject({
    status: 400,
  })
  expect((await ask(broker, 'GET', '/operator/audit')).status).toBe(401)
  expect((await fetch(`${broker.url}/operator/audit/export`)).status).toBe(401)
})

it('goes out as a file in which no name is a formula', async () => {
  const broker = await testBroker()
  await lived(broker)
  const csv = await file(broker, '?format=csv&kind=device')
  expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8')
  expect(csv.headers.get('content-disposition')).toContain('latchkey-audit.csv')
  expect(await csv.text()).toContain(`,"'=HYPERLINK(""http://x"")",`)
  const lines = (await (await file(broker, '?kind=device')).text()).trim().split('\n')
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    event: 'NodeRenamed',
    subject: '=HYPERLINK("http://x")',
  })
})

it('has the operator’s own sign-in', async () => {
  const broker = await testBroker()
  const { consoleUrl } = (await ask(broker, 'POST', '/operator/link', {}, broker.operator)).body
  const token = new URL(String(consoleUrl)).hash.slice(1)
  expect((await ask(broker, 'POST', '/operator/sign-in', { token })).status).toBe(200)
  expect((await page(broker, '?kind=operator')).entries).toMatchObject([
    { event: 'signed-in', actor: 'operator', address: '127.0.0.1' },
  ])
})

it('has what the operator and a program did to keys and webhooks, the program by its key, and nothing that was refused', async () => {
  const broker = await testBroker()
  const asOperator = (method: string, path: string, body?: object) =>
    ask(broker, method, path, body, broker.operator)
  const { key, apiKey } = (
    await asOperator('POST', '/operator/keys', { name: 'crm', scopes: ['webhooks:write'], lifeDays: 1 })
  ).body as { key: string; apiKey: { id: string } }
  const asProgram = (method: string, path: string, body?: object) => ask(broker, method, path, body, key)
  const hook = { url: 'https://192.0.2.1/hook', name: 'crm' }
  const { webhook } = (await asProgram('POST', '/webhooks', { ...hook, url: 'https://8.8.8.8/hook' }))
    .body as {
    webhook: { id: string }
  }
  expect((await asProgram('POST', '/webhooks', hook)).status).toBe(400)
  await asProgram('POST', `/webhooks/${webhook.id}/rotate`, {})
  await asProgram('DELETE', `/webhooks/${webhook.id}`)
  await asOperator('DELETE', `/operator/keys/${apiKey.id}`)
  expect((await asProgram('POST', '/webhooks', hook)).status).toBe(401)
  await asOperator('POST', '/operator/join-keys', { name: 'ci' })

  const by = `crm (${apiKey.id})`
  const acts = (await page(broker)).entries.filter(
    ({ kind, event }) => kind === 'operator' || /Key/.test(event),
  )
  expect(acts.map(({ event, actor, by, subject }) => [event, actor, by, subject]).reverse()).toEqual([
    ['api-key-made', 'operator', '', 'crm'],
    ['webhook-made', 'program', by, 'crm'],
    ['webhook-secret-replaced', 'program', by, 'crm'],
    ['webhook-deleted', 'program', by, ''],
    ['api-key-revoked', 'operator', '', 'crm'],
    ['JoinKeyMade', 'operator', '', 'ci'],
  ])
  expect(acts.find(({ event }) => event === 'webhook-deleted')?.id).toBe(webhook.id)
  expect((await page(broker, '?actor=program')).entries).toHaveLength(3)
  const csv = await (await file(broker, '?format=csv&actor=program')).text()
  expect(csv).toContain(`,webhook-deleted,program,,${webhook.id},127.0.0.1,,${by}`)
  expect(csv).not.toContain(key)
})
