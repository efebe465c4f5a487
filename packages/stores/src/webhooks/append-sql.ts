import { bodyOf, type WebhookEvent } from '@latchkey/domain/webhooks/event'
import { ask, type Conversation } from '../conversation.ts'

/**
 * Keeps an event in the transaction that is under way; nothing where there is no endpoint. Takes no lock. An id that is there already is
 * not kept again: two brokers that notice the same thing tell of it once.
 * @param onlyFor an endpoint; null: for all that want it
 */
export const appendEvent = (event: WebhookEvent, onlyFor: string | null = null): Conversation<unknown> =>
  ask(
    `INSERT INTO webhook_events (id, type, subject, at, body, only_for, given)
     SELECT CAST(? AS text), CAST(? AS text), CAST(? AS text), CAST(? AS bigint), CAST(? AS text), CAST(? AS text), 0
     WHERE EXISTS (SELECT 1 FROM webhook_endpoints)
     ON CONFLICT (id) DO NOTHING`,
    event.id,
    event.type,
    event.subject,
    event.at,
    bodyOf(event, (at) => new Date(at).toISOString()),
    onlyFor,
  )
