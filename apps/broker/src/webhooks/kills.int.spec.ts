import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { instant } from '@latchkey/domain/kernel'
import type { WebhookEvent } from '@latchkey/domain/webhooks/event'
import type { WebhookStore } from '@latchkey/domain/webhooks/ports'
import { sqliteConversations } from '@latchkey/stores/sqlite/conversations'
import { openSqlite } from '@latchkey/stores/sqlite/database'
import { webhookStore } from '@latchkey/stores/webhooks/webhook-sql'
import { afterEach, expect, it } from 'vitest'
import { openLog } from '../log/log.ts'
import { atCleanUp, cleanUp, pause } from '../testing/harness.ts'
import { type Received, webhookReceiver } from '../testing/webhook-receiver.ts'
import { IMPATIENT } from './impatient.fixture.ts'
import { openWebhooks } from './open-webhooks.ts'

/** 10,000 with `LATCHKEY_WEBHOOK_EVENTS=10000 LATCHKEY_WEBHOOK_KILLS=50`. */
const EVENTS = Number(process.env['LATCHKEY_WEBHOOK_EVENTS'] ?? 120)
const KILLS = Number(process.env['LATCHKEY_WEBHOOK_KILLS'] ?? 2)
/** Classes of the broker have parameter properties, which Node transforms on request only. */
const NODE_FLAGS = ['--conditions=source', '--experimental-transform-types', '--no-warnings']
const SUBJECTS = 8
const TIMEOUT_MS = 60_000 + EVENTS * 60 + KILLS * 5_000

afterEach(cleanUp)

/** Ten thousand events take minutes: the test's own end is the only bound. */
async function reached(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(10)
}

const events = (): WebhookEvent[] =>
  Array.from({ length: EVENTS }, (_, n) => ({
    id: `msg_${n}`,
    type: 'account.state',
    subject: `account:${n % SUBJECTS}`,
    at: instant(Date.now()),
    data: { subject: n % SUBJECTS, place: n },
  }))

const addEndpoint = (store: WebhookStore, url: string) =>
  store.change({
    id: 'wh_1',
    decide: (_view, madeAt) => ({
      write: {
        id: 'wh_1',
        url,
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

async function database() {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-webhooks-'))
  atCleanUp(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'broker.sqlite')
  const db = await openSqlite(path)
  atCleanUp(() => db.close())
  return { path, storeOf: () => webhookStore(sqliteConversations(db, { clock: Date.now })) }
}

/** For each subject: the first delivery of each event, in the order of arrival. */
function expectInOrder(taken: readonly Received[]): void {
  for (let subject = 0; subject < SUBJECTS; subject++) {
    const places = taken
      .filter(({ body }) => body.data['subject'] === subject)
      .map(({ body }) => body.data['place'])
    const firsts = [...new Set(places)]
    expect(firsts).toEqual(firsts.toSorted((a, b) => Number(a) - Number(b)))
    expect(firsts).toHaveLength(Math.ceil((EVENTS - subject) / SUBJECTS))
  }
}

it(
  'each event comes at least once, in the order of its subject, by one id, while the target fails half the time and the broker is killed',
  async () => {
    const receiver = await webhookReceiver()
    const taken: Received[] = []
    const takenIds = new Set<string>()
    const texts = new Map<string, Set<string>>()
    receiver.answers((response, received) => {
      const isTaken = Math.random() < 0.5
      if (isTaken) {
        taken.push(received)
        takenIds.add(received.id)
      }
      texts.set(received.id, (texts.get(received.id) ?? new Set()).add(received.text))
      response.writeHead(isTaken ? 204 : 503).end()
    })
    const { path, storeOf } = await database()
    const store = storeOf()
    await addEndpoint(store, receiver.origin)
    await store.append(events())

    const fixture = join(import.meta.dirname, 'sender.fixture.ts')
    let child: ChildProcess | null = null
    atCleanUp(() => child?.kill('SIGKILL'))
    for (let kill = 0; kill <= KILLS; kill++) {
      child = spawn(process.execPath, [...NODE_FLAGS, fixture, path, receiver.origin], { stdio: 'ignore' })
      const goal = kill === KILLS ? EVENTS : Math.floor(((kill + 1) * EVENTS) / (KILLS + 1))
      await reached(() => takenIds.size >= goal)
      if (kill < KILLS) {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
    }
    expectInOrder(taken)
    // What comes again is the same to the letter, and there is nothing that was not told.
    expect(texts.size).toBe(EVENTS)
    for (const said of texts.values()) expect(said.size).toBe(1)
    await reached(async () => (await store.list())[0]?.pending === 0)
    expect((await store.list())[0]).toMatchObject({ dead: 0, endpoint: { status: { is: 'on' } } })
  },
  TIMEOUT_MS,
)

it(
  'two brokers on one store send nothing twice, and the second goes on when the first ends',
  async () => {
    const receiver = await webhookReceiver()
    const { storeOf } = await database()
    const store = storeOf()
    await addEndpoint(store, receiver.origin)
    const brokers = [1, 2].map(() =>
      openWebhooks({
        store: storeOf(),
        signingKey: Buffer.alloc(32, 7),
        targets: [receiver.origin],
        isAlone: false,
        clock: Date.now,
        log: openLog('silent'),
        brought: { rules: IMPATIENT },
      }),
    )
    for (const { stop } of brokers) atCleanUp(stop)
    const all = events()
    for (let n = 0; n < EVENTS; n += 10) {
      await store.append(all.slice(n, n + 10))
      for (const { sender } of brokers) sender.nudge()
      if (n === 50) await brokers[0]?.stop()
    }
    await reached(async () => receiver.received.length >= EVENTS && (await store.list())[0]?.pending === 0)
    expect(receiver.received.map(({ id }) => id).toSorted()).toEqual(all.map(({ id }) => id).toSorted())
    expectInOrder(receiver.received)
  },
  TIMEOUT_MS,
)
