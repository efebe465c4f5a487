import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DEVICE_GRANT } from '@latchkey/protocol/oauth'
import { openPostgres } from '@latchkey/stores/postgres/database'
import { startPostgresServer } from '@latchkey/stores/testing/postgres-server'
import { startRedisServer } from '@latchkey/stores/testing/redis-server'
import { afterEach, expect, it } from 'vitest'
import { ask, connectDevice, followPairing, operatorOf, testDevice } from '../testing/device.ts'
import { cleanUp, code, registerOurs, runnerKeys, type TestBroker, testBroker } from '../testing/harness.ts'

afterEach(cleanUp)

/** Takes every path a device can take, and answers with every secret that was in play. */
async function everyPath(broker: TestBroker): Promise<{ pins: string[]; secrets: string[]; shown: string }> {
  const operator = operatorOf(broker)
  const device = testDevice()
  const { token } = (await operator.start({ name: 'Canary' })).body
  const page = await followPairing(broker, token)
  await fetch(`${broker.url}/join?token=${String(token)}`)
  const { pin } = (await connectDevice(broker, device, token)).body
  await connectDevice(broker, testDevice(), token)
  const wrong = String((Number(pin) + 1) % 1_000_000).padStart(6, '0')
  await operator.verify(token, wrong)
  await operator.verify(token, pin)
  await operator.verify(token, pin)
  await page.ended()
  const failed = (await operator.start()).body['token']
  const failedPin = (await connectDevice(broker, testDevice(), failed)).body['pin']
  for (let attempt = 0; attempt < 6; attempt++)
    await operator.verify(failed, wrong === failedPin ? pin : wrong)
  await ask(broker, 'GET', '/nodes/me', undefined, device.sessionSecret)
  const runner = await broker.connect({ token: device.peerToken })
  const said = { pairingCode: code(1), incarnation: 'a'.repeat(32), secret: device.peerToken }
  await registerOurs(runner, runnerKeys(), said)
  const form = async (path: string, fields: Record<string, string>) =>
    (await fetch(`${broker.url}${path}`, { method: 'POST', body: new URLSearchParams(fields) })).json()
  const asked = await form('/oauth/device_authorization', { client_id: 'cli' })
  await operator.consent(asked.user_code, true)
  const poll = { grant_type: DEVICE_GRANT, device_code: asked.device_code, client_id: 'cli' }
  const { access_token } = await form('/oauth/token', poll)
  await form('/oauth/token', poll)
  const query =
    '{ nodes { id name } tokens { handle } sessions { handle } events { type pairing reason } pairings { id } }'
  const shown = [
    await ask(broker, 'GET', '/operator/overview', undefined, broker.operator),
    await ask(broker, 'POST', '/graphql', { query }, broker.operator),
    await operator.nodes(),
    await operator.revoke(device.nodeId),
  ]
  return {
    pins: [String(pin), String(failedPin)],
    secrets: [
      String(token),
      String(failed),
      device.peerToken,
      device.sessionSecret,
      asked.device_code,
      asked.user_code,
      asked.user_code.replace('-', ''),
      access_token,
    ],
    shown: JSON.stringify(shown.map(({ body }) => body)),
  }
}

/** A PIN as a number of its own: six digits in a row are in many a longer number and digest. */
const standsIn = (text: string, pin: string): boolean =>
  new RegExp(`(?<![0-9a-zA-Z])${pin}(?![0-9a-zA-Z])`).test(text)

function expectNothing(of: { pins: string[]; secrets: string[] }, where: string, text: string): void {
  expect(text.length, where).toBeGreaterThan(0)
  for (const secret of of.secrets) expect(text.includes(secret), where).toBe(false)
  for (const pin of of.pins) expect(standsIn(text, pin), where).toBe(false)
}

it('no PIN, token or code is in a log line, in SQLite, or in anything the operator is shown', async () => {
  const broker = await testBroker({ log: 'debug' })
  const told = await everyPath(broker)
  await broker.stop()
  expect(broker.log.length).toBeGreaterThan(8)
  expectNothing(told, 'the log', broker.log.join('\n'))
  expectNothing(told, 'the operator’s view', told.shown)
  const files = readdirSync(broker.dataDir).filter((name) => name.startsWith('broker.sqlite'))
  const database = files.map((name) => readFileSync(join(broker.dataDir, name)).toString('latin1')).join('')
  expect(database, 'the registration is in there').toContain('DeviceRegistered')
  expectNothing(told, 'the database', database)
})

it('nor in any table of PostgreSQL', async () => {
  const [redis, postgres] = await Promise.all([startRedisServer(), startPostgresServer()])
  const broker = await testBroker({ log: 'debug' }, { REDIS_URL: redis.url, DATABASE_URL: postgres.url })
  const told = await everyPath(broker)
  await broker.stop()
  const db = await openPostgres(postgres.url)
  const tables = await db.query<{ name: string }>({
    text: `SELECT quote_ident(table_name) AS name FROM information_schema.tables WHERE table_schema = 'public'`,
  })
  const texts: string[] = []
  for (const { name } of tables) {
    const rows = await db.query<{ row: string }>({
      text: `SELECT row_to_json(t)::text AS row FROM ${name} AS t`,
    })
    texts.push(...rows.map(({ row }) => row))
  }
  await db.close()
  const all = texts.join('\n')
  expect(all).toContain('DeviceRegistered')
  expectNothing(told, 'a table', all)
  expectNothing(told, 'the log', broker.log.join('\n'))
})

it('a canary that is in a text is found there', () => {
  const text = 'at 1700000048291123, digest 48291aef, {"pin":"048291"}'
  expect(standsIn(text, '048291')).toBe(true)
  expect(standsIn(text.replace('"048291"', ''), '048291')).toBe(false)
})
