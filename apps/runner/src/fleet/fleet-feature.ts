import { FLEET_DEVICES_MAX } from '@latchkey/domain/fleet/fleet'
import { base64url, fromBase64url } from '@latchkey/protocol/bytes'
import type { AppFeatureMessage } from '@latchkey/protocol/terminal/feature-messages'
import type { FleetFact } from '@latchkey/protocol/terminal/fleet'
import type { AppFeature, ChannelFeature, FeatureApp } from '../channel/feature.ts'
import type { FleetBook } from './fleet-book.ts'

/** An app that this machine knows, for the owner to add to the fleet. */
export interface FleetApp {
  readonly appId: string
  readonly appKey: Uint8Array
  readonly label: string
  readonly lastSeenAtMs: number
}

/** What the feature needs of the door, once that is open. */
export interface FleetDoor {
  readonly fleet: FleetBook
  readonly apps: () => readonly FleetApp[]
}

/** The fleet for apps: each brings the newest list that it has, and hears of a newer one that names it. */
export function fleetFeature(
  door: () => FleetDoor | null,
  onTrouble: (problem: unknown) => void,
): ChannelFeature {
  return {
    name: 'fleet',
    hears: new Set(['fleetAdopt', 'fleetList']),
    streams: new Set(),
    joined: (app) => {
      const opened = door()
      return opened === null || !app.sealed ? NOTHING : joinedOf(app, opened, onTrouble)
    },
  }
}

const NOTHING: AppFeature = { hear: () => {}, left: () => {} }

function joinedOf(app: FeatureApp, door: FleetDoor, onTrouble: (problem: unknown) => void): AppFeature {
  const tell = () => app.tell({ type: 'fleet', ...factFor(app, door) })
  const stopHearing = door.fleet.subscribe(tell)
  tell()
  return {
    hear: (message) => void answer(message, app, door).catch(onTrouble),
    left: stopHearing,
  }
}

function factFor(app: FeatureApp, { fleet, apps }: FleetDoor): FleetFact {
  const { owner, allowed, list } = fleet.standing
  const known = apps()
  const own = known.find(({ appId }) => appId === app.appId)
  const isNamed = own !== undefined && fleet.names(own.appKey)
  const told = known.slice(0, 2 * FLEET_DEVICES_MAX).map(({ appKey, label, lastSeenAtMs }) => ({
    key: base64url(appKey),
    label,
    lastSeenAt: lastSeenAtMs,
  }))
  return {
    ...{ owner, allowed, number: list?.number ?? 0 },
    list: isNamed && fleet.bytes !== null ? base64url(fleet.bytes) : null,
    apps: app.mayType ? told : [],
  }
}

async function answer(message: AppFeatureMessage, app: FeatureApp, { fleet }: FleetDoor): Promise<void> {
  // An app that may type could order the same on the command line.
  if (message.type === 'fleetAdopt' && app.mayType && !(await fleet.adopt(message.owner, message.allowed)))
    app.tell({
      type: 'fleetRefused',
      message: 'This machine belongs to another owner. On it: latchkey fleet leave.',
    })
  if (message.type !== 'fleetList') return
  const bytes = fromBase64url(message.list)
  const refusal = bytes === null ? 'not-signed' : await fleet.offered(bytes)
  if (refusal === 'forked')
    app.tell({
      type: 'fleetRefused',
      message:
        'Two lists of one number were signed: the key of this owner may be copied. On each machine: latchkey fleet leave.',
    })
}
