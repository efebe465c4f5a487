import { DEVICE_AUDIT_QUERY, type DeviceAuditEvent, deviceAuditReply } from '@latchkey/protocol/device-audit'
import type { ListedDevice, PairingView } from '@latchkey/protocol/device-pairing'
import { useEffect, useState } from 'preact/hooks'
import { asked } from '../operator/asked.ts'
import { Card } from '../parts/card.tsx'
import type { Words } from '../words/en.ts'
import { useWords } from '../words/language.ts'
import { moment } from '../words/times.ts'

const EVENTS_MAX = 40
/** In the trail for those who check it: said by the line after it, or not about devices. */
const IMPLIED: ReadonlySet<string> = new Set(['PinGenerated', 'PinVerified', 'OperatorDid', 'ProgramDid'])
/** Enough of an id to tell two apart, for a device that was revoked. */
const ID_CHARACTERS = 6

/** The events about devices, newest first; asked for anew whenever something about them has changed. */
export function DeviceAudit(props: {
  readonly nodes: readonly ListedDevice[]
  readonly pairings: readonly PairingView[]
  readonly serverTime: number
}) {
  const text = useWords()
  const { nodes, pairings, serverTime } = props
  const [events, setEvents] = useState<readonly DeviceAuditEvent[]>([])
  const stamp = [
    ...nodes.map(({ id, name, runners }) => `${id} ${name} ${runners.length}`),
    ...pairings.map(({ id, status, attemptsLeft }) => `${id} ${status} ${attemptsLeft}`),
  ].join('\n')
  useEffect(() => {
    let left = false
    const question = { query: DEVICE_AUDIT_QUERY, variables: { limit: EVENTS_MAX } }
    void asked(deviceAuditReply, 'POST', '/graphql', question).then((answer) => {
      if (!left && answer.ok) setEvents(answer.value.data.events)
    })
    return () => {
      left = true
    }
  }, [stamp])
  const shown = events.filter(({ type }) => !IMPLIED.has(type))
  if (shown.length === 0) return null
  // Events of older releases bear no name: then a device has its present name, or the one in its remembered pairing.
  const joined = pairings.map(({ device }) => [device?.nodeId ?? '', device?.name ?? ''] as const)
  const names = new Map([...joined, ...nodes.map(({ id, name }) => [id, name] as const)])
  const nameOf = (id: string | null) => names.get(id ?? '') ?? `${(id ?? '').slice(0, ID_CHARACTERS)}…`
  return (
    <Card id="device-audit" look="device-audit" title={text.devices.audit} fact={text.console.asItHappens}>
      <ol class="log long">
        {shown.map((event) => (
          <li key={event.number}>
            <time dateTime={new Date(event.at).toISOString()}>{moment(event.at, serverTime, text)}</time>
            <div>
              {lineOf(event, event.name ?? nameOf(event.nodeId), text)}{' '}
              <span class="faint">{actorWords(event.actor ?? '', text)}</span>
            </div>
          </li>
        ))}
      </ol>
    </Card>
  )
}

function actorWords(actor: string, { devices }: Words): string {
  return Object.entries(devices.actors).find(([name]) => name === actor)?.[1] ?? actor
}

function lineOf(event: DeviceAuditEvent, name: string, { devices }: Words): string {
  const { events } = devices
  switch (event.type) {
    case 'TokenCreated':
      return events.created
    case 'DeviceScanned':
      return events.scanned(event.address ?? '')
    case 'DeviceTurnedAway':
      return events.turnedAway(event.address ?? '')
    case 'PinRejected':
      return events.wrongPin
    case 'DeviceRegistered':
      return events.joined(name)
    case 'PairingFailed':
      return event.reason === 'expired'
        ? events.expired
        : event.reason === 'cancelled'
          ? events.cancelled
          : events.tooManyPins
    case 'AddressShared':
      return events.sharedAddress(name, event.address ?? '')
    case 'NodeAdded':
      return events.added(name)
    case 'NodeRenamed':
      return events.renamed(name)
    case 'NodeRevoked':
      if (event.actor === 'device') return events.left(name)
      return event.actor === 'broker' ? events.removed(name) : events.revoked(name)
    case 'NodeChanged':
      return events.changed(name)
    case 'NodeEndTold':
      return event.reason === 'unused' ? events.removalNear(name) : events.endNear(name)
    case 'JoinKeyMade':
      return events.keyMade(name)
    case 'JoinKeyRevoked':
      return events.keyRevoked(name)
    case 'NodeJoinedByKey':
      return events.joinedByKey(name, event.reason ?? '')
    case 'TokenRenewed':
      return events.renewed(name)
    case 'RunnerEnrolled':
      return events.broughtMachine(name)
    default:
      return event.type
  }
}
