import type { RunnerLinkEvent } from '@latchkey/connection/runner/runner-link'
import type { AcceptChannel, RunnerChannel } from '@latchkey/connection/runner/terminal-plane'
import { BoundedMap } from '@latchkey/domain/bounded'
import type { AppsAnswer, AppsOrder } from '@latchkey/protocol/runner-apps'
import { CloseReason } from '@latchkey/protocol/terminal/frames'
import type { StatusFeature } from '../attention/status-feature.ts'
import type { AppChannel } from '../channel/app-channel.ts'
import type { Guest } from '../channel/guest.ts'
import { FleetBook } from '../fleet/fleet-book.ts'
import type { RunnerIdentity } from '../identity.ts'
import { nodePlatform } from '../node-platform.ts'
import { ShareBook, type SharedTerminals } from '../sharing/share-book.ts'
import type { ShareOrders } from '../sharing/share-orders.ts'
import type { RecordOrders } from '../terminal/record-orders.ts'
import { answerOperator } from './app-orders.ts'
import { Arrival } from './arrival.ts'
import { type Control, serveControl } from './control-socket.ts'
import { Doorkeeper } from './doorkeeper.ts'
import { primitives } from './primitives.ts'
import { capOf, type Rights } from './rights.ts'
import type { SealingEvent } from './sealing-events.ts'

/** So many channels may wait to be let in: each has a timer that ends it, and holds a few hundred bytes. */
const ARRIVALS_MAX = 64
/** So many app sessions are remembered as able to seal. */
const SEALED_MAX = 1_024

export interface FrontDoorOptions {
  readonly identity: RunnerIdentity
  readonly label: string
  readonly folder: string | null
  readonly viewOnly: boolean
  readonly allowUnsealed: boolean
  readonly serve: (channel: RunnerChannel, guest: Guest) => AppChannel
  readonly closeApp: (appId: string) => void
  /** ends every channel of this app, which comes back at once */
  readonly restartApp: (appId: string) => void
  /** for its owner's orders; absent: nothing is recorded */
  readonly recordings?: RecordOrders
  /** for the same; absent: terminals are not listed */
  readonly status?: Pick<StatusFeature, 'list'>
  /** for share links */
  readonly terminals: SharedTerminals
  readonly shareOrders: (book: ShareBook) => ShareOrders
  /** the broker is to end the pairings of these app sessions, in which a revoked app came */
  readonly onRevoked: (appSessionIds: readonly string[]) => void
  readonly onTickets: () => void
  readonly onRotate: () => void
  readonly onEvent: (event: SealingEvent) => void
}

export interface FrontDoor {
  readonly door: Doorkeeper
  readonly shares: ShareBook
  readonly fleet: FleetBook
  /** for the terminal plane: every channel begins here */
  readonly accept: AcceptChannel
  /** what the broker says about code and pairings */
  heard(event: RunnerLinkEvent): void
  /** for the runner's link: what the operator wants of the known apps */
  ordered(order: AppsOrder): Promise<AppsAnswer>
  stop(): Promise<void>
}

/** Opens this machine to the apps that can prove who they are. Throws `UnusableAppBook`. */
export async function openFrontDoor(options: FrontDoorOptions): Promise<FrontDoor> {
  const { identity, folder, label, onEvent } = options
  /** By app session, the app that sealed in it: it does not come in plainly later, not even after it was turned away. */
  const sealed = new BoundedMap<string, string>(SEALED_MAX)
  const sealedAs = (appId: string) =>
    [...sealed].filter(([, app]) => app === appId).map(([session]) => session)
  /** By app session, the device it signed in as. */
  const devices = new BoundedMap<string, string>(SEALED_MAX)
  /** By app session, the most that the operator lets its device do. Only what takes away comes this way. */
  const caps = new BoundedMap<string, Rights>(SEALED_MAX)
  const onTrouble = (problem: unknown) =>
    onEvent({ type: 'trouble', message: problem instanceof Error ? problem.message : String(problem) })
  const runner = await runnerOf(identity, label)
  const shares = new ShareBook({
    folder,
    ...{ runnerId: runner.runnerId, reach: runner.reach, terminals: options.terminals, onTrouble },
    randomBytes: nodePlatform.randomBytes,
    nowMs: Date.now,
    onTickets: options.onTickets,
    onTurnedAway: (guest) => {
      options.closeApp(guest)
      const sessions = sealedAs(guest)
      if (sessions.length > 0) options.onRevoked(sessions)
    },
  })
  const fleet: FleetBook = await FleetBook.open({
    folder,
    primitives,
    nowMs: Date.now,
    onChanged: () => door.fleetChanged(),
  })
  const door: Doorkeeper = await Doorkeeper.open({
    ...options,
    ...{ runner, shares, fleet, onTrouble },
    randomBytes: nodePlatform.randomBytes,
    nowMs: Date.now,
    capOf: (appSessionId) => caps.get(appSessionId) ?? null,
    onTurnedAway: options.closeApp,
    onRights: options.restartApp,
    onRevoked: (appId, plainSession) => {
      const sealedIn = sealedAs(appId)
      const sessions = plainSession === null ? sealedIn : [...sealedIn, plainSession]
      if (sessions.length > 0) options.onRevoked(sessions)
    },
  })
  const control: Control | null =
    folder === null
      ? null
      : await serveControl(
          folder,
          {
            ...{ door, fleet, shares: options.shareOrders(shares) },
            recordings: options.recordings ?? null,
            status: options.status ?? null,
          },
          onEvent,
        )
  // A lock outlives the process: its owner is told again.
  if (door.locked !== null) onEvent({ type: 'locked', reason: door.locked })
  const arrivals = new Set<Arrival>()
  const accept: AcceptChannel = (channel) => {
    const arrival: Arrival = new Arrival(channel, {
      door,
      mayBePlain: (appSessionId) => options.allowUnsealed && !sealed.has(appSessionId),
      nowMs: Date.now,
      serve: (served, guest) => {
        arrivals.delete(arrival)
        return options.serve(served, guest)
      },
      onSealed: ({ opening }, { record, grant }, method) => {
        sealed.set(opening.appSessionId ?? '', record.appId)
        if (method === 'pin' || method === 'qr') fleet.stirred()
        const deviceId = devices.get(opening.appSessionId ?? '')
        if (deviceId !== undefined) door.book.cameAs(record.appId, deviceId).catch(onTrouble)
        onEvent({
          type: 'sealed',
          method,
          app: record.appId,
          appSessionId: opening.appSessionId ?? opening.pid,
          label: record.label,
          address: opening.address ?? '',
          mayType: grant.permissions.input,
        })
      },
      onTrouble,
      onGone: () => arrivals.delete(arrival),
    })
    arrivals.add(arrival)
    // The arrival that has waited longest makes room, unless a person is reading its PIN. A known app needs a moment only.
    const surplus = arrivals.size > ARRIVALS_MAX && [...arrivals].find((one) => one !== door.prompt?.visitor)
    if (surplus) surplus.close(CloseReason.tooSlow)
    return arrival
  }
  /** The operator revoked its device. Only what takes access away comes this way: a broker that lies gains nothing. */
  const turnAway = (appId: string | undefined): void => {
    if (appId !== undefined) door.revoke(appId, 'its device was revoked in the console').catch(onTrouble)
  }
  const sessionsOf = (appId: string): readonly string[] => {
    const plain = door.plain.get(appId)
    return plain === null ? sealedAs(appId) : [plain.appSessionId]
  }
  const paired = ({
    pid,
    appSessionId,
    deviceId,
    rights,
  }: Extract<RunnerLinkEvent, { type: 'paired' }>): void => {
    door.paired(pid)
    if (deviceId !== undefined) devices.set(appSessionId, deviceId)
    if (rights === undefined) caps.delete(appSessionId)
    else caps.set(appSessionId, capOf(rights))
  }
  return {
    door,
    shares,
    fleet,
    accept,
    heard: (event) => {
      if (event.type === 'registered' || event.type === 'code') door.codeIs(event.code)
      if (event.type === 'paired') paired(event)
      if (event.type === 'unpaired' && event.revoked === true) {
        turnAway(sealed.get(event.appSessionId))
        turnAway(door.plain.list.find(({ appSessionId }) => appSessionId === event.appSessionId)?.app)
      }
      if (event.type === 'device-revoked') {
        for (const { appId } of door.book.apps.filter((app) => app.deviceId === event.deviceId))
          turnAway(appId)
        for (const { app, appSessionId } of door.plain.list)
          if (devices.get(appSessionId) === event.deviceId) turnAway(app)
      }
    },
    ordered: (order) => answerOperator(order, door, sessionsOf, onTrouble),
    stop: async () => {
      door.stop()
      shares.stop()
      for (const arrival of [...arrivals]) arrival.close(CloseReason.runnerGone)
      await control?.stop()
    },
  }
}

async function runnerOf({ runnerId, publicKey, sign, reachSecret }: RunnerIdentity, label: string) {
  const secret = reachSecret()
  const reachKey = await primitives.agreementKey(secret)
  secret.fill(0)
  return {
    runnerId,
    label,
    reachKey,
    reach: reachKey.publicKey,
    sign: { publicKey: publicKey.subarray(32), sign: async (message: Uint8Array) => sign(message) },
  }
}
