import { type Instant, instant } from '@latchkey/domain/kernel'
import { settle } from '@latchkey/domain/webhooks/delivery'
import { switched, type WebhookEndpoint } from '@latchkey/domain/webhooks/endpoint'
import type { WebhookEvent, WebhookEventType } from '@latchkey/domain/webhooks/event'
import type { DueDelivery, WebhookStore } from '@latchkey/domain/webhooks/ports'
import { EVENTS_KEPT_MS, type WebhookRules } from '@latchkey/domain/webhooks/rules'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

export interface WebhookStoreUnderTest {
  readonly store: WebhookStore
  /** a second one on the same data, as another broker has it */
  readonly other: WebhookStore
  dispose(): Promise<void>
}

const RULES: WebhookRules = {
  retryAfterMs: [10, 20],
  failingMaxMs: 1_000,
  pauseMaxMs: 500,
  answerWithinMs: 100,
  atOncePerEndpoint: 4,
}

/** What every adapter of the port for webhooks does, told once. `clock` is what the store reads. */
export function webhookStoreContract(
  name: string,
  open: (clock: () => number) => Promise<WebhookStoreUnderTest>,
): void {
  describe(`the store of webhooks on ${name}`, () => {
    let nowMs = 1_000_000
    let under: WebhookStoreUnderTest
    let epoch: number
    beforeEach(async () => {
      nowMs = 1_000_000
      under = await open(() => nowMs)
      epoch = (await hold('broker-a'))?.epoch ?? -1
    })
    afterEach(() => under.dispose())

    const hold = (instance: string, store = under.store, isAlone = false) =>
      store.hold({ instance, leaseMs: 30_000, isAlone })
    const put = (id: string, types: readonly WebhookEventType[] | null = null) =>
      under.store.change({
        id,
        decide: (_view, now) => ({ write: endpoint(id, types, now), answer: null }),
      })
    const event = (
      id: string,
      subject = 'broker',
      type: WebhookEventType = 'guessing.alarm',
    ): WebhookEvent => ({
      id,
      type,
      subject,
      at: instant(nowMs),
      data: { quotes: `"'\u2028` },
    })
    const tell = (...events: readonly WebhookEvent[]) => under.store.append(events)
    const due = async () => {
      while (((await under.store.fanOut(epoch)) ?? 0) > 0);
      return (await under.store.work(RULES.atOncePerEndpoint)).due
    }
    const ids = (all: readonly (DueDelivery | undefined)[]) =>
      all.map((each) => `${each?.endpoint.id} ${each?.eventId}`)
    const answer = async (each: DueDelivery | undefined, status: number, store = under.store, as = epoch) => {
      if (each === undefined) throw new Error('nothing was due')
      return store.settle(as, [
        {
          endpointId: each.endpoint.id,
          number: each.number,
          decide: (view, now) =>
            settle(view, { kind: 'answered', status, retryAfterMs: null }, { now, chance: 0, rules: RULES }),
        },
      ])
    }
    const takeAll = async (status = 200): Promise<readonly string[]> => {
      const taken: string[] = []
      for (let all = await due(); all.length > 0; all = await due())
        for (const each of all) {
          taken.push(...ids([each]))
          await answer(each, status)
        }
      return taken
    }

    it('keeps nothing while there is no endpoint, and gives nothing of before to a new one', async () => {
      await tell(event('msg_1'))
      await put('wh_1')
      await tell(event('msg_2'))
      expect(ids(await due())).toEqual(['wh_1 msg_2'])
    })

    it('gives an event to each endpoint that wants its type, as it was told, once for an id', async () => {
      await put('wh_1')
      nowMs += 1
      await put('wh_2', ['device.joined', 'device.revoked'])
      await tell(event('msg_1'), event('msg_2', 'device:a', 'device.revoked'), event('msg_1'))
      await under.other.append([event('msg_2', 'device:a', 'device.revoked')])
      const all = await due()
      expect(ids(all)).toEqual(['wh_1 msg_1', 'wh_1 msg_2', 'wh_2 msg_2'])
      expect(all[0]?.body).toBe(
        `{"type":"guessing.alarm","timestamp":"1970-01-01T00:16:40.001Z","data":{"quotes":"\\"'\u2028"}}`,
      )
    })

    it('of one subject the next comes when the one before is delivered or given up; others do not wait', async () => {
      await put('wh_1')
      await tell(event('msg_1', 'a'), event('msg_2', 'a'), event('msg_3', 'b'))
      const [first, third] = await due()
      expect(ids([first, third])).toEqual(['wh_1 msg_1', 'wh_1 msg_3'])
      await answer(first, 500)
      await answer(third, 204)
      expect(ids(await due())).toEqual([])
      expect(await under.store.work(4)).toMatchObject({ nextAt: nowMs + 10 })
      nowMs += 10
      await answer((await due())[0], 500)
      nowMs += 20
      await answer((await due())[0], 500)
      expect(ids(await due())).toEqual(['wh_1 msg_2'])
      expect((await under.store.list())[0]).toMatchObject({ pending: 1, dead: 1 })
    })

    it('the order holds when another broker appends while the first of a subject is in the air', async () => {
      await put('wh_1')
      await tell(event('msg_1', 'a'))
      const [first] = await due()
      await under.other.append([event('msg_2', 'a')])
      expect(ids(await due())).toEqual(['wh_1 msg_1'])
      await answer(first, 200)
      expect(ids(await due())).toEqual(['wh_1 msg_2'])
    })

    it('one sender has the lease; with an older epoch nothing is given or settled', async () => {
      await put('wh_1')
      await tell(event('msg_1'))
      const [first] = await due()
      expect(await hold('broker-b', under.other)).toBeNull()
      expect((await hold('broker-a'))?.epoch).toBe(epoch)
      nowMs += 30_001
      const next = (await hold('broker-b', under.other))?.epoch ?? -1
      expect(next).toBe(epoch + 1)
      expect(await answer(first, 200)).toBe(false)
      expect(await under.store.fanOut(epoch)).toBeNull()
      expect(await answer(first, 200, under.other, next)).toBe(true)
      await under.other.release(next)
      expect((await hold('broker-a'))?.epoch).toBe(next + 1)
      // A broker that is alone waits for no lease of a former one.
      expect((await hold('broker-c', under.store, true))?.epoch).toBe(next + 2)
    })

    it('an endpoint that takes nothing for long, or is gone, is off: what waits is given up and can be replayed', async () => {
      await put('wh_1')
      await tell(event('msg_1', 'a'), event('msg_2', 'b'), event('msg_3', 'a'))
      await answer((await due())[0], 500)
      nowMs += 999
      await answer((await due())[0], 500)
      expect(await under.store.list()).toMatchObject([{ endpoint: { status: { is: 'on' } }, pending: 3 }])
      nowMs += 1
      for (const each of await due()) await answer(each, 500)
      const failed = { is: 'failed', at: nowMs, outcome: '500' }
      expect(await under.store.list()).toMatchObject([{ endpoint: { status: failed }, pending: 0, dead: 3 }])
      await tell(event('msg_4', 'a'))
      expect(await takeAll()).toEqual([])
      expect(await under.store.replay({ endpointId: 'wh_1', which: { sinceMs: 0 } })).toBe(0)
      await under.store.change({
        id: 'wh_1',
        decide: ({ endpoint: found }, now) => ({
          write: found ? switched(found, true, now) : null,
          answer: null,
        }),
      })
      expect(await under.store.replay({ endpointId: 'wh_1', which: { sinceMs: nowMs + 1 } })).toBe(0)
      expect(await under.store.replay({ endpointId: 'wh_1', which: { sinceMs: 0 } })).toBe(3)
      expect(await takeAll()).toEqual(['wh_1 msg_1', 'wh_1 msg_2', 'wh_1 msg_3'])
      await tell(event('msg_5', 'a'))
      await answer((await due())[0], 410)
      expect((await under.store.list())[0]?.endpoint.status).toMatchObject({ is: 'failed', outcome: '410' })
    })

    it('one event is replayed by its id, also after it was delivered, before the newer ones of its subject', async () => {
      await put('wh_1')
      await tell(event('msg_1', 'a'))
      await takeAll()
      await tell(event('msg_2', 'a'), event('msg_3', 'a'))
      const [second] = await due()
      expect(await under.store.replay({ endpointId: 'wh_1', which: { eventId: 'msg_1' } })).toBe(1)
      expect(await under.store.replay({ endpointId: 'wh_1', which: { eventId: 'msg_9' } })).toBe(0)
      await answer(second, 200)
      expect(await takeAll()).toEqual(['wh_1 msg_1', 'wh_1 msg_3'])
    })

    it('a test goes to its endpoint alone, whatever that wants', async () => {
      await put('wh_1', ['device.joined'])
      await put('wh_2')
      expect(await under.store.appendFor('wh_1', event('msg_1', 'webhook:wh_1', 'webhook.test'))).toBe(true)
      expect(await under.store.appendFor('wh_9', event('msg_2'))).toBe(false)
      expect(await takeAll()).toEqual(['wh_1 msg_1'])
    })

    it('the log is read from the newest on, by status and page by page', async () => {
      await put('wh_1')
      for (let n = 1; n <= 5; n++) await tell(event(`msg_${n}`, `subject ${n}`))
      const [first] = await due()
      await answer(first, 200)
      const page = await under.store.log({ endpointId: 'wh_1', limit: 2 })
      expect(page.map(({ eventId }) => eventId)).toEqual(['msg_5', 'msg_4'])
      const before = page.at(-1)?.delivery.number
      const next = await under.store.log({ endpointId: 'wh_1', limit: 9, before })
      expect(next.map(({ eventId }) => eventId)).toEqual(['msg_3', 'msg_2', 'msg_1'])
      expect(await under.store.log({ endpointId: 'wh_1', limit: 9, status: 'delivered' })).toMatchObject([
        { eventId: 'msg_1', delivery: { attempts: 1, lastOutcome: '200', lastAt: nowMs } },
      ])
    })

    it('a deleted endpoint leaves nothing; old events go once none of them waits', async () => {
      await put('wh_1')
      await put('wh_2')
      await tell(event('msg_1', 'a'), event('msg_2', 'a'))
      await answer((await due())[0], 200)
      await under.store.change({ id: 'wh_2', decide: () => ({ write: 'drop', answer: null }) })
      nowMs += EVENTS_KEPT_MS
      expect(await under.store.sweep()).toBe(1)
      expect(await takeAll()).toEqual(['wh_1 msg_2'])
      expect(await under.store.sweep()).toBe(1)
      expect(await under.store.log({ endpointId: 'wh_1', limit: 9 })).toEqual([])
    })
  })
}

const endpoint = (
  id: string,
  types: readonly WebhookEventType[] | null,
  madeAt: Instant,
): WebhookEndpoint => ({
  id,
  url: 'https://hooks.example.net/latchkey',
  name: id,
  types,
  secrets: [{ number: 1, endsAt: null }],
  madeAt,
  status: { is: 'on' },
  failingSince: null,
  lastDeliveredAt: null,
})
