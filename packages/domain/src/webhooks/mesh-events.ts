import type { PairingEvent } from '../device-pairing/events.ts'
import { assertNever } from '../kernel.ts'
import type { WebhookEvent } from './event.ts'

/** What a webhook tells of an event of device pairing, in the transaction that writes both; null: nothing. */
export function webhookOf(event: PairingEvent, id: string): WebhookEvent | null {
  switch (event.type) {
    case 'DeviceScanned':
      return device('device.asked', event, id, { address: event.ip })
    case 'DeviceRegistered':
      return event.again ? null : device('device.joined', event, id, { name: event.name ?? '' })
    case 'NodeJoinedByKey':
      return device('device.joined', event, id, { name: event.name })
    case 'NodeRevoked':
      return device('device.revoked', event, id, { name: event.name ?? '' })
    case 'TokenCreated':
    case 'DeviceTurnedAway':
    case 'PinGenerated':
    case 'PinRejected':
    case 'PinVerified':
    case 'PairingFailed':
    case 'AddressShared':
    case 'NodeAdded':
    case 'NodeRenamed':
    case 'TokenRenewed':
    case 'RunnerEnrolled':
    case 'NodeChanged':
    case 'NodeEndTold':
    case 'JoinKeyMade':
    case 'JoinKeyRevoked':
    case 'OperatorDid':
    case 'ProgramDid':
      return null
    default:
      return assertNever(event)
  }
}

const device = (
  type: WebhookEvent['type'],
  { nodeId, at }: PairingEvent & { readonly nodeId: string },
  id: string,
  data: WebhookEvent['data'],
): WebhookEvent => ({ id, type, subject: `device:${nodeId}`, at, data: { deviceId: nodeId, ...data } })
