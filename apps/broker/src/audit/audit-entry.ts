import type { HistoryEntry } from '@latchkey/domain/audit/history'
import { actorOf, type PairingEvent } from '@latchkey/domain/device-pairing/events'
import { assertNever } from '@latchkey/domain/kernel'
import type { AuditEntry } from '@latchkey/protocol/audit'

/** An attempt to pair, as the audit has it. */
export const ofPairing = (entry: HistoryEntry, runnerLabel: string | null): AuditEntry => ({
  at: entry.at,
  kind: 'pairing',
  event: entry.outcome,
  actor: pairingActor(entry.outcome),
  subject: runnerLabel || (entry.runnerId ?? ''),
  id: entry.appSessionId ?? '',
  address: addressIn(entry.subject),
  reason: entry.errorCode ?? '',
  by: '',
})

function pairingActor(outcome: HistoryEntry['outcome']): AuditEntry['actor'] {
  switch (outcome) {
    case 'paired':
    case 'unpaired':
    case 'refused':
    case 'rate-limited':
      return 'app'
    case 'banned':
      return 'broker'
    case 'lifted':
      return 'operator'
    default:
      return assertNever(outcome)
  }
}

/** The address or network in a subject like `secret:address:192.0.2.7`; empty where it is a session or a runner. */
const addressIn = (subject: string): string => /(?:address|prefix):(.+)$/.exec(subject)?.[1] ?? ''

/** An event of devices or of the operator, as the audit has it. */
export function ofDevices(event: PairingEvent): AuditEntry {
  const common = {
    at: event.at,
    actor: actorOf(event),
    address: 'ip' in event ? (event.ip ?? '') : '',
    by: 'by' in event && typeof event.by === 'object' ? `${event.by.name} (${event.by.id})` : '',
  }
  if ('what' in event)
    return {
      ...common,
      kind: 'operator',
      event: event.what,
      subject: event.reason,
      id: event.about ?? '',
      reason: '',
    }
  return {
    ...common,
    kind: 'device',
    event: event.type,
    subject: 'name' in event ? (event.name ?? '') : '',
    id: 'nodeId' in event ? event.nodeId : 'key' in event ? event.key : '',
    reason: 'reason' in event ? event.reason : '',
  }
}
