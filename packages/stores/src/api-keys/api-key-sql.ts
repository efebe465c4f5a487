import { type ApiKey, ENDED_KEPT_MS, overAt } from '@latchkey/domain/api-keys/api-key'
import type { ApiKeyOperation, ApiKeyStore, ApiKeyView } from '@latchkey/domain/api-keys/ports'
import { type Instant, later } from '@latchkey/domain/kernel'
import { ask, type Conversation, type Conversations } from '../conversation.ts'

/** Keeps API keys in a database. The one that opened it closes it. */
export const apiKeyStore = ({ change, look, ask: say }: Conversations): ApiKeyStore => ({
  async run(operation) {
    // Almost every decision writes nothing: it then needs no lock, and no write to disk.
    const seen = await look((now) => decided(operation, now))
    if (seen.write === null) return seen.answer
    return change((now) => transact(operation, now))
  },
  list: () => say(list()),
  sweep: () => change(sweep),
})

function* transact<Answer>(operation: ApiKeyOperation<Answer>, now: Instant): Conversation<Answer> {
  const { write, answer } = yield* decided(operation, now)
  if (write !== null) yield* put(write)
  return answer
}

function* decided<Answer>({ id, decide }: ApiKeyOperation<Answer>, now: Instant) {
  return decide(yield* viewOf(id, now), now)
}

function* viewOf(id: string, now: Instant): Conversation<ApiKeyView> {
  const [found] = yield* ask('SELECT value FROM api_keys WHERE id = ?', id)
  const [counted] = yield* ask(
    'SELECT count(*) AS good FROM api_keys WHERE over_at IS NULL OR over_at > ?',
    now,
  )
  return { key: found === undefined ? undefined : keyIn(found), goodKeys: Number(counted?.['good'] ?? 0) }
}

/** The column beside the value is what queries use: when the key is or was over. */
const put = (key: ApiKey): Conversation<unknown> =>
  ask(
    `INSERT INTO api_keys (id, value, made_at, over_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET value = excluded.value, over_at = excluded.over_at`,
    key.id,
    JSON.stringify(key),
    key.madeAt,
    overAt(key),
  )

function* list(): Conversation<readonly ApiKey[]> {
  return (yield* ask('SELECT value FROM api_keys ORDER BY made_at DESC, id')).map(keyIn)
}

function* sweep(now: Instant): Conversation<number> {
  return (yield* ask('DELETE FROM api_keys WHERE over_at <= ? RETURNING id', later(now, -ENDED_KEPT_MS)))
    .length
}

/** Written by this store alone, from values of the port's type. */
const keyIn = (row: Readonly<Record<string, unknown>>): ApiKey => JSON.parse(String(row['value']))
