import { type AccountLease, mayWrite, takeLease } from '@latchkey/domain/accounts/lease'
import { type Instant, instant, later } from '@latchkey/domain/kernel'
import type { Delivery } from '@latchkey/domain/webhooks/delivery'
import type { WebhookEndpoint } from '@latchkey/domain/webhooks/endpoint'
import type { WebhookEventType } from '@latchkey/domain/webhooks/event'
import type {
  EndpointOperation,
  ListedEndpoint,
  LoggedDelivery,
  SendersWork,
  Settling,
  WebhookStore,
} from '@latchkey/domain/webhooks/ports'
import { EVENTS_KEPT_MS, EVENTS_MAX } from '@latchkey/domain/webhooks/rules'
import { ask, type Conversation, type Conversations, type SqlRow } from '../conversation.ts'
import { appendEvent } from './append-sql.ts'

/**
 * Keeps webhooks in a database: SQL that SQLite and PostgreSQL both understand. Of each subject, the oldest pending delivery to an
 * endpoint is its `head`: the sender reads heads alone, however many wait behind them. The one that opened the database closes it.
 */
export const webhookStore = ({ change, look }: Conversations): WebhookStore => ({
  append: (events) =>
    events.length === 0
      ? Promise.resolve()
      : change(function* () {
          for (const event of events) yield* appendEvent(event)
        }),
  change: (operation) => change((now) => decideEndpoint(operation, now)),
  list: () => look(list),
  hold: (asked) => change((now) => hold(asked, now)),
  release: (epoch) => change(() => release(epoch)),
  work: (perEndpoint) => look((now) => work(perEndpoint, now)),
  fanOut: (epoch) => change((now) => fanOut(epoch, now)),
  settle: (epoch, settled) => change((now) => settleAll(epoch, settled, now)),
  log: (query) => look(() => log(query)),
  appendFor: (endpointId, event) =>
    change(function* () {
      if ((yield* endpointOf(endpointId)) === undefined) return false
      yield* appendEvent(event, endpointId)
      return true
    }),
  replay: (asked) => change((now) => replay(asked, now)),
  sweep: () => change(sweep),
})

function* endpointOf(id: string): Conversation<WebhookEndpoint | undefined> {
  return (yield* ask('SELECT value FROM webhook_endpoints WHERE id = ?', id)).map(endpointIn)[0]
}

function* endpoints(): Conversation<readonly WebhookEndpoint[]> {
  return (yield* ask('SELECT value FROM webhook_endpoints ORDER BY made_at, id')).map(endpointIn)
}

function* decideEndpoint<Answer>(
  { id, decide }: EndpointOperation<Answer>,
  now: Instant,
): Conversation<Answer> {
  const endpoint = yield* endpointOf(id)
  const [counted] = yield* ask('SELECT count(*) AS endpoints FROM webhook_endpoints')
  const { write, answer } = decide({ endpoint, endpoints: Number(counted?.['endpoints'] ?? 0) }, now)
  if (write === 'drop') {
    yield* ask('DELETE FROM webhook_deliveries WHERE endpoint_id = ?', id)
    yield* ask('DELETE FROM webhook_endpoints WHERE id = ?', id)
  } else if (write !== null) yield* putEndpoint(write)
  return answer
}

/** An endpoint that is not on gives up what waits for it: nothing of it stays behind to be sent much later. */
function* putEndpoint(endpoint: WebhookEndpoint): Conversation<void> {
  yield* ask(
    `INSERT INTO webhook_endpoints (id, value, made_at) VALUES (?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET value = excluded.value`,
    endpoint.id,
    JSON.stringify(endpoint),
    endpoint.madeAt,
  )
  if (endpoint.status.is !== 'on')
    yield* ask(
      `UPDATE webhook_deliveries SET status = 'dead', head = 0 WHERE endpoint_id = ? AND status = 'pending'`,
      endpoint.id,
    )
}

function* list(): Conversation<readonly ListedEndpoint[]> {
  const counts = yield* ask(
    `SELECT endpoint_id, status, count(*) AS many FROM webhook_deliveries
     WHERE status <> 'delivered' GROUP BY endpoint_id, status`,
  )
  const count = (id: string, status: string) =>
    Number(counts.find((row) => row['endpoint_id'] === id && row['status'] === status)?.['many'] ?? 0)
  return (yield* endpoints()).map((endpoint) => ({
    endpoint,
    pending: count(endpoint.id, 'pending'),
    dead: count(endpoint.id, 'dead'),
  }))
}

function* lease(): Conversation<AccountLease | null> {
  const [row] = yield* ask(`SELECT value FROM webhook_lease WHERE name = 'sender'`)
  return row === undefined ? null : JSON.parse(String(row['value']))
}

const putLease = (value: AccountLease): Conversation<unknown> =>
  ask(
    `INSERT INTO webhook_lease (name, value) VALUES ('sender', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    JSON.stringify(value),
  )

/** A broker that is alone knows that no former holder lives. */
function* hold(
  { instance, leaseMs, isAlone }: Parameters<WebhookStore['hold']>[0],
  now: Instant,
): Conversation<AccountLease | null> {
  const kept = yield* lease()
  const isOfDead = isAlone && kept !== null && kept.node !== instance
  const taken = takeLease(isOfDead ? ended(kept) : kept, instance, now, leaseMs)
  if (taken !== null) yield* putLease(taken)
  return taken
}

function* release(epoch: number): Conversation<void> {
  const kept = yield* lease()
  if (kept !== null && mayWrite(kept, epoch)) yield* putLease(ended(kept))
}

/** The epoch stays: it only ever grows. */
const ended = (kept: AccountLease): AccountLease => ({ ...kept, until: instant(0) })

function* work(perEndpoint: number, now: Instant): Conversation<SendersWork> {
  const [fresh] = yield* ask(`SELECT number FROM webhook_events WHERE ${NOT_GIVEN} LIMIT 1`)
  let nextAt: number | null = null
  const due: SendersWork['due'][number][] = []
  for (const endpoint of yield* endpoints()) {
    const heads = yield* ask(
      `SELECT d.number, d.due_at, e.id, e.body FROM webhook_deliveries d JOIN webhook_events e ON e.number = d.number
       WHERE d.endpoint_id = ? AND d.head = 1 ORDER BY d.due_at, d.number LIMIT ?`,
      endpoint.id,
      perEndpoint,
    )
    for (const row of heads) {
      const dueAt = Number(row['due_at'])
      if (dueAt > now) nextAt = Math.min(nextAt ?? dueAt, dueAt)
      else
        due.push({
          endpoint,
          number: Number(row['number']),
          eventId: String(row['id']),
          body: String(row['body']),
        })
    }
  }
  return { due, hasNew: fresh !== undefined, nextAt: nextAt === null ? null : instant(nextAt) }
}

/** So many at a time, so that a transaction stays short. */
const GIVEN_AT_ONCE_MAX = 500

/** In the words of the index of new events: SQLite takes it for no others, and would read every event that is kept. */
const NOT_GIVEN = 'given <> 1'
const GIVEN_NOW = `${NOT_GIVEN} AND given = 2`

/** `given`: 0 not yet, 2 in this transaction, 1 done. Brokers append meanwhile; what they add is given the next time. */
function* fanOut(epoch: number, now: Instant): Conversation<number | null> {
  if (!mayWrite(yield* lease(), epoch)) return null
  const fresh = yield* ask(
    `UPDATE webhook_events SET given = 2 WHERE number IN
       (SELECT number FROM webhook_events WHERE ${NOT_GIVEN} ORDER BY number LIMIT ${GIVEN_AT_ONCE_MAX}) RETURNING number`,
  )
  if (fresh.length === 0) return 0
  for (const { id, types, status } of yield* endpoints()) {
    if (status.is !== 'on') continue
    const values = types === null ? [] : [`,${types.join(',')},`]
    yield* ask(
      `INSERT INTO webhook_deliveries (endpoint_id, number, subject, status, attempts, due_at, head)
       SELECT CAST(? AS text), number, subject, 'pending', 0, CAST(? AS bigint), 0 FROM webhook_events
       WHERE ${GIVEN_NOW} AND (only_for = ? OR (only_for IS NULL ${types === null ? '' : `AND CAST(? AS text) LIKE '%,' || type || ',%'`}))
       ON CONFLICT (endpoint_id, number) DO NOTHING`,
      id,
      now,
      id,
      ...values,
    )
    yield* headsAmong(id, `number IN (SELECT number FROM webhook_events WHERE ${GIVEN_NOW})`)
  }
  yield* ask(`UPDATE webhook_events SET given = 1 WHERE ${GIVEN_NOW}`)
  return fresh.length
}

/**
 * Marks the chosen deliveries that are the oldest pending one of a subject without a mark. By `min` and `due_at`, SQLite goes by the
 * indexes of pending and marked ones; else it reads all that an endpoint ever took.
 */
const headsAmong = (endpointId: string, chosen: string): Conversation<unknown> =>
  ask(
    `UPDATE webhook_deliveries SET head = 1 WHERE endpoint_id = ? AND status = 'pending' AND ${chosen}
       AND number = (SELECT min(o.number) FROM webhook_deliveries o WHERE o.endpoint_id = webhook_deliveries.endpoint_id
         AND o.subject = webhook_deliveries.subject AND o.status = 'pending')
       AND subject NOT IN (SELECT h.subject FROM webhook_deliveries h WHERE h.endpoint_id = ? AND h.head = 1 AND h.due_at >= 0)`,
    endpointId,
    endpointId,
  )

function* settleAll(epoch: number, settled: readonly Settling[], now: Instant): Conversation<boolean> {
  if (!mayWrite(yield* lease(), epoch)) return false
  for (const { endpointId, number, decide } of settled) {
    const [row] = yield* ask(
      'SELECT * FROM webhook_deliveries WHERE endpoint_id = ? AND number = ?',
      endpointId,
      number,
    )
    const endpoint = yield* endpointOf(endpointId)
    // The operator has deleted the endpoint meanwhile.
    if (row === undefined || endpoint === undefined) continue
    const before = { delivery: deliveryIn(row), endpoint }
    const after = decide(before, now)
    if (after.delivery !== before.delivery) yield* putDelivery(after.delivery)
    if (after.endpoint !== endpoint) yield* putEndpoint(after.endpoint)
  }
  return true
}

/** A settled delivery hands its place to the next of its subject. */
function* putDelivery(delivery: Delivery): Conversation<void> {
  const { endpointId, number, subject, status, attempts, dueAt, lastAt, lastOutcome } = delivery
  yield* ask(
    `UPDATE webhook_deliveries SET status = ?, attempts = ?, due_at = ?, last_at = ?, last_outcome = ?, head = ?
     WHERE endpoint_id = ? AND number = ?`,
    status,
    attempts,
    dueAt,
    lastAt,
    lastOutcome,
    status === 'pending' ? 1 : 0,
    endpointId,
    number,
  )
  if (status === 'pending') return
  yield* ask(
    `UPDATE webhook_deliveries SET head = 1 WHERE endpoint_id = ? AND number =
       (SELECT min(number) FROM webhook_deliveries WHERE endpoint_id = ? AND subject = ? AND status = 'pending')`,
    endpointId,
    endpointId,
    subject,
  )
}

function* log({
  endpointId,
  limit,
  status,
  before,
}: Parameters<WebhookStore['log']>[0]): Conversation<readonly LoggedDelivery[]> {
  const rows = yield* ask(
    `SELECT d.*, e.id AS event_id, e.type, e.at, e.body FROM webhook_deliveries d JOIN webhook_events e ON e.number = d.number
     WHERE d.endpoint_id = ? AND d.number < ? ${status === undefined ? '' : 'AND d.status = ?'}
     ORDER BY d.number DESC LIMIT ?`,
    endpointId,
    before ?? Number.MAX_SAFE_INTEGER,
    ...(status === undefined ? [] : [status]),
    limit,
  )
  return rows.map((row) => ({
    delivery: deliveryIn(row),
    eventId: String(row['event_id']),
    type: String(row['type']) as WebhookEventType,
    at: instant(Number(row['at'])),
    body: String(row['body']),
  }))
}

/** A delivery that was given up takes its old place in the order of its subject again. */
function* replay(
  { endpointId, which }: Parameters<WebhookStore['replay']>[0],
  now: Instant,
): Conversation<number> {
  const endpoint = yield* endpointOf(endpointId)
  if (endpoint === undefined || endpoint.status.is !== 'on') return 0
  const isNamed = 'eventId' in which
  const again = yield* ask(
    `UPDATE webhook_deliveries SET status = 'pending', attempts = 0, due_at = ?, head = 0
     WHERE endpoint_id = ? AND ${isNamed ? `status <> 'pending'` : `status = 'dead'`}
       AND number IN (SELECT number FROM webhook_events WHERE ${isNamed ? 'id = ?' : 'at >= ?'}) RETURNING number`,
    now,
    endpointId,
    isNamed ? which.eventId : which.sinceMs,
  )
  yield* headsAmong(endpointId, 'head = 0')
  return again.length
}

function* sweep(now: Instant): Conversation<number> {
  const gone = yield* ask(
    `DELETE FROM webhook_events WHERE given = 1
       AND (at <= ? OR number <= (SELECT number FROM webhook_events ORDER BY number DESC LIMIT 1 OFFSET ${EVENTS_MAX}))
       AND NOT EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.number = webhook_events.number AND d.status = 'pending')
     RETURNING number`,
    later(now, -EVENTS_KEPT_MS),
  )
  yield* ask(
    `DELETE FROM webhook_deliveries WHERE NOT EXISTS
       (SELECT 1 FROM webhook_events e WHERE e.number = webhook_deliveries.number)`,
  )
  return gone.length
}

/** Written by this store alone, from values of the port's types. */
const endpointIn = (row: SqlRow): WebhookEndpoint => JSON.parse(String(row['value']))

const deliveryIn = (row: SqlRow): Delivery => ({
  endpointId: String(row['endpoint_id']),
  number: Number(row['number']),
  subject: String(row['subject']),
  status: String(row['status']) as Delivery['status'],
  attempts: Number(row['attempts']),
  dueAt: instant(Number(row['due_at'])),
  lastAt: row['last_at'] === null ? null : instant(Number(row['last_at'])),
  lastOutcome: typeof row['last_outcome'] === 'string' ? row['last_outcome'] : null,
})
