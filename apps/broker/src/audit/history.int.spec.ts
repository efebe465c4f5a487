import { type HistoryReply, historyReply } from '@latchkey/protocol/history'
import { afterEach, assert, describe, expect, it } from 'vitest'
import { cleanUp, code, registerFounding, type TestBroker, testBroker } from '../testing/harness.ts'

afterEach(cleanUp)

const ask = (broker: TestBroker, query = '', bearer = broker.operator) =>
  fetch(`${broker.url}/operator/history${query}`, { headers: { authorization: `Bearer ${bearer}` } })

const page = async (broker: TestBroker, query = ''): Promise<HistoryReply> =>
  historyReply.parse(await (await ask(broker, query)).json())

/** Two runners, an app that pairs with one, moves to the other and leaves, and some wrong codes. */
async function busyBroker(): Promise<TestBroker> {
  const broker = await testBroker({ 'history-size': '5' })
  for (const n of [1, 2]) {
    await registerFounding(await broker.connect(), broker, `runner-${n}`, code(n))
  }
  const app = await broker.connect()
  for (const n of [1, 2]) await app.call('app:pair', { pairingCode: code(n) })
  await app.call('app:unpair')
  for (const n of [7, 8, 9]) await app.call('app:pair', { pairingCode: code(n) })
  return broker
}

const outcomes = ({ entries }: HistoryReply) => entries.map(({ outcome }) => outcome)

describe('the history', () => {
  it('tells every attempt, good or bad, the newest first, and no code that still works', async () => {
    const broker = await busyBroker()
    const all = await page(broker)
    expect(outcomes(all)).toEqual(['refused', 'refused', 'refused', 'unpaired', 'paired', 'paired'])
    expect(all.entries[0]).toMatchObject({
      runnerId: null,
      errorCode: 'CODE_NOT_FOUND',
      subject: 'address:127.0.0.1',
    })
    expect(all.entries[4]).toMatchObject({ runnerId: 'runner-2', errorCode: null })
    expect(all.next).toBeNull()
    for (const n of [1, 2, 7]) expect(JSON.stringify(all)).not.toContain(code(n))
  })

  it('answers by time, runner and outcome', async () => {
    const broker = await busyBroker()
    expect(outcomes(await page(broker, '?runner=runner-1'))).toEqual(['paired'])
    expect(outcomes(await page(broker, '?runner=runner-2'))).toEqual(['unpaired', 'paired'])
    expect(outcomes(await page(broker, '?outcome=refused'))).toEqual(['refused', 'refused', 'refused'])
    const { entries } = await page(broker)
    const third = entries.at(-3)?.at
    assert.exists(third, 'there are six')
    expect(await page(broker, `?until=${third}`)).toEqual({
      entries: entries.filter(({ at }) => at <= third),
      next: null,
    })
    expect(await page(broker, `?since=${third}`)).toEqual({
      entries: entries.filter(({ at }) => at >= third),
      next: null,
    })
    expect(outcomes(await page(broker, '?since=9999999999999'))).toEqual([])
  })

  it('comes page by page, and the pages do not move when something happens meanwhile', async () => {
    const broker = await busyBroker()
    const all = (await page(broker)).entries
    const first = await page(broker, '?limit=4')
    expect(first.entries).toEqual(all.slice(0, 4))
    assert.exists(first.next, 'there is another page')
    const { until, skip } = first.next
    // Within a millisecond of the first page it would still be of its time.
    await expect.poll(() => Date.now()).toBeGreaterThan(until + 1)
    await (await broker.connect()).call('app:pair', { pairingCode: code(9) })
    const second = await page(broker, `?limit=4&until=${until}&skip=${skip}`)
    expect(second).toEqual({ entries: all.slice(4), next: null })
    expect((await page(broker)).entries).toHaveLength(7)
  })

  it('keeps the newest of each kind on the screen, and every success in the audit, also over a restart', async () => {
    const broker = await busyBroker()
    const app = await broker.connect()
    for (const n of [1, 2, 1, 2]) await app.call('app:pair', { pairingCode: code(n) })
    expect((await page(broker, '?outcome=paired')).entries).toHaveLength(4)
    expect((await page(broker, '?outcome=paired&from=audit')).entries).toHaveLength(6)
    const { entries } = await page(broker, '?from=audit')
    expect(new Set(entries.map(({ outcome }) => outcome))).toEqual(new Set(['paired', 'unpaired']))
    const again = await broker.restart()
    expect((await page(again, '?from=audit')).entries).toEqual(entries)
  })

  it('is for the operator alone', async () => {
    const broker = await testBroker()
    expect((await fetch(`${broker.url}/operator/history`)).status).toBe(401)
    expect((await ask(broker, '', 'a-wrong-secret-of-somebody')).status).toBe(401)
  })

  it.each([
    '?limit=0',
    '?limit=501',
    '?since=yesterday',
    '?outcome=hacked',
    '?skip=-1',
    '?nonsense=1',
    '?runner=',
    '?runner=a&runner=b',
    '?until[]=1',
  ])('refuses %s in words', async (query) => {
    const broker = await testBroker()
    const response = await ask(broker, query)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 'INVALID_FORMAT', detail: expect.any(String) })
  })
})
