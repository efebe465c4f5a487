import { instant } from '@latchkey/domain/kernel'
import { expect, it } from 'vitest'
import { sqliteConversations } from '../sqlite/conversations.ts'
import { openSqlite } from '../sqlite/database.ts'
import { webhookStore } from './webhook-sql.ts'

it('no statement of the sender reads what was delivered before, however much of it is kept', async () => {
  const db = await openSqlite(':memory:')
  const texts: string[] = []
  const prepare = db.prepare.bind(db)
  db.prepare = (text: string) => {
    texts.push(text)
    return prepare(text)
  }
  const store = webhookStore(sqliteConversations(db, { clock: () => 1_000 }))
  await store.change({
    id: 'wh_1',
    decide: (_view, madeAt) => ({
      write: {
        id: 'wh_1',
        url: 'https://one.example/hook',
        name: 'n',
        types: null,
        secrets: [{ number: 1, endsAt: null }],
        madeAt,
        status: { is: 'on' },
        failingSince: null,
        lastDeliveredAt: null,
      },
      answer: null,
    }),
  })
  const epoch = (await store.hold({ instance: 'one', leaseMs: 1_000, isAlone: true }))?.epoch ?? 0
  await store.append([{ id: 'msg_1', type: 'guessing.alarm', subject: 'broker', at: instant(1), data: {} }])
  expect(await store.fanOut(epoch)).toBe(1)
  const { due } = await store.work(1)
  expect(due).toHaveLength(1)
  await store.settle(epoch, [
    {
      endpointId: 'wh_1',
      number: due[0]?.number ?? 0,
      decide: ({ delivery, endpoint }) => ({ delivery: { ...delivery, status: 'delivered' }, endpoint }),
    },
  ])
  const aboutEvents = texts.filter((text) => /webhook_(events|deliveries)/.test(text))
  expect(aboutEvents.length).toBeGreaterThan(6)
  for (const text of aboutEvents) {
    const values = Array.from(text.matchAll(/\?/g), () => 1)
    const steps = prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${text}`).all(...values)
    for (const { detail } of steps) {
      expect(detail, text).not.toMatch(/^SCAN \w+$/)
      expect(detail, text).not.toMatch(/USING (PRIMARY KEY|COVERING INDEX \w+_number) \(endpoint_id=\?\)$/)
    }
  }
  db.close()
})
