import type { RunnerFact } from '../runner-pairing/pairing.notifier.ts'
import type { WebhookOutbox } from './webhook-outbox.ts'

/**
 * Tells webhooks of machines. Several brokers can notice one end: the id of its event is made of what ended, so that it is
 * told once.
 */
export const machineEvents =
  (outbox: WebhookOutbox) =>
  (fact: RunnerFact): void => {
    const { runnerId } = fact
    const subject = `machine:${runnerId}`
    switch (fact.is) {
      case 'online':
        return outbox.tell({ type: 'machine.online', subject, data: { runnerId } })
      case 'away': {
        const data = { runnerId, state: 'away', until: fact.until }
        return outbox.tell({ type: 'machine.offline', subject, data }, fact.once)
      }
      case 'gone': {
        const data = { runnerId, state: 'gone', until: null }
        return outbox.tell({ type: 'machine.offline', subject, data }, `gone ${runnerId} ${fact.epoch}`)
      }
    }
  }

/** Tells webhooks of an alarm about guessing. */
export const alarmEvent =
  (outbox: WebhookOutbox) =>
  (reason: string): void =>
    outbox.tell({ type: 'guessing.alarm', subject: 'broker', data: { reason } })
