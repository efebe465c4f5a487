import { sqliteConversations } from '@latchkey/stores/sqlite/conversations'
import { openSqlite } from '@latchkey/stores/sqlite/database'
import { webhookStore } from '@latchkey/stores/webhooks/webhook-sql'
import { afterEach, expect, it } from 'vitest'
import { openLog } from '../log/log.ts'
import { atCleanUp, cleanUp, until } from '../testing/harness.ts'
import { isGenuine, webhookReceiver } from '../testing/webhook-receiver.ts'
import { openWebhooks } from './open-webhooks.ts'

afterEach(cleanUp)

const HOUR_MS = 3_600_000
const TOLD_AT_MS = Date.UTC(2026, 10, 21)

/** The broker's part for webhooks with its own rules, by a clock that the test turns. */
async function house() {
  const receiver = await webhookReceiver()
  const db = await openSqlite(':memory:')
  atCleanUp(() => db.close())
  const time = { nowMs: TOLD_AT_MS }
  const clock = () => time.nowMs
  const webhooks = openWebhooks({
    store: webhookStore(sqliteConversations(db, { clock })),
    signingKey: Buffer.alloc(32, 7),
    targets: [receiver.origin],
    isAlone: true,
    clock,
    log: openLog('silent'),
  })
  atCleanUp(webhooks.stop)
  const { secret, webhook } = await webhooks.desk.make({ url: receiver.origin, name: 'ops' })
  const deliveries = async () => (await webhooks.desk.deliveries(webhook.id, {})).deliveries
  /** Turns the clock to each next try until `isEnough` answers yes. */
  const tryUntil = async (isEnough: () => boolean) => {
    for (;;) {
      const tries = receiver.received.length
      webhooks.sender.nudge()
      await until('a try', () => receiver.received.length > tries)
      await until('its outcome', async () => (await deliveries())[0]?.attempts === tries + 1)
      if (isEnough()) return
      time.nowMs = (await deliveries())[0]?.dueAt ?? time.nowMs
    }
  }
  return { receiver, time, webhooks, secret, deliveries, tryUntil }
}

it('a target that answers 500 for a day gets the event afterwards, by the same id, and each try verifies at its own time', async () => {
  const { receiver, time, webhooks, secret, deliveries, tryUntil } = await house()
  const triedAtMs: number[] = []
  const verdicts = new Set<boolean>()
  receiver.answers((response, received) => {
    verdicts.add(isGenuine(received, secret, time.nowMs / 1_000))
    triedAtMs.push(time.nowMs - TOLD_AT_MS)
    response.writeHead(time.nowMs < TOLD_AT_MS + 24 * HOUR_MS ? 500 : 204).end()
  })
  webhooks.outbox.tell({ type: 'guessing.alarm', subject: 'broker', data: {} })
  await tryUntil(() => time.nowMs >= TOLD_AT_MS + 24 * HOUR_MS)
  expect(await deliveries()).toMatchObject([
    { status: 'delivered', attempts: triedAtMs.length, lastOutcome: '204' },
  ])
  expect(triedAtMs.length).toBeGreaterThan(8)
  expect([...verdicts]).toEqual([true])
  expect(new Set(receiver.received.map(({ id, text }) => `${id} ${text}`)).size).toBe(1)
  expect((await webhooks.desk.list()).webhooks).toMatchObject([{ status: 'on', failingSince: null, dead: 0 }])

  // Sent again by a stranger who kept the first one, a day later: too old, and under another id it verifies nowhere.
  const [first] = receiver.received
  if (first === undefined) throw new Error('nothing came')
  expect(isGenuine(first, secret, time.nowMs / 1_000)).toBe(false)
  const forged = { ...first.headers, 'webhook-id': 'msg_other' }
  expect(isGenuine({ ...first, headers: forged }, secret, TOLD_AT_MS / 1_000)).toBe(false)
  const renewed = { ...first.headers, 'webhook-timestamp': String(Math.floor(time.nowMs / 1_000)) }
  expect(isGenuine({ ...first, headers: renewed }, secret, time.nowMs / 1_000)).toBe(false)
})
