import { randomUUID } from 'node:crypto'
import type { WebhookStore } from '@latchkey/domain/webhooks/ports'
import { defaultWebhookRules, type WebhookRules } from '@latchkey/domain/webhooks/rules'
import type { Log } from '../log/log.ts'
import { type LookUp, publicLookUp } from '../push/way-to-endpoint.ts'
import { AccountEvents } from './account-events.ts'
import { attempting, attemptMsMax } from './attempt.ts'
import { WebhookDesk } from './webhook-desk.ts'
import { WebhookOutbox } from './webhook-outbox.ts'
import { WebhookSecrets } from './webhook-secrets.ts'
import { WebhookSender } from './webhook-sender.ts'

/** Webhooks as one broker has them. */
export interface Webhooks {
  readonly desk: WebhookDesk
  readonly outbox: WebhookOutbox
  readonly sender: WebhookSender
  readonly accountEvents: AccountEvents
  stop(): Promise<void>
}

/** What a test may bring along. */
export interface WebhookOptions {
  readonly rules?: WebhookRules
  readonly lookUp?: LookUp
  readonly leaseMs?: number
}

/** Twice an attempt at its longest: a sender renews at half, and a dead one is replaced within this time. */
const SHARED_LEASE_MS = 60_000
/** A broker that is alone waits for no other, and each renewal writes to disk. */
const ALONE_LEASE_MS = 60 * 60_000

export function openWebhooks(parts: {
  readonly store: WebhookStore
  readonly signingKey: Buffer
  /** origins that may be private or speak http */
  readonly targets: readonly string[]
  readonly isAlone: boolean
  readonly clock: () => number
  readonly log: Log
  readonly brought?: WebhookOptions
}): Webhooks {
  const { store, targets, isAlone, clock, log, brought = {} } = parts
  const rules = brought.rules ?? defaultWebhookRules
  const lookUp = brought.lookUp ?? publicLookUp()
  const secrets = new WebhookSecrets(parts.signingKey)
  const sender = new WebhookSender({
    store,
    rules,
    attempt: attempting({ secrets, rules, targets, lookUp, clock }),
    attemptMsMax: attemptMsMax(rules),
    clock,
    log,
    instance: randomUUID(),
    isAlone,
    leaseMs: brought.leaseMs ?? (isAlone ? ALONE_LEASE_MS : SHARED_LEASE_MS),
  })
  const outbox = new WebhookOutbox({ store, clock, log, onKept: sender.nudge })
  const accountEvents = new AccountEvents({ outbox, log })
  const desk = new WebhookDesk({ store, secrets, targets, lookUp, clock, log, nudge: sender.nudge })
  return {
    desk,
    outbox,
    sender,
    accountEvents,
    stop: async () => {
      accountEvents.stop()
      await outbox.stop()
      await sender.stop()
    },
  }
}
