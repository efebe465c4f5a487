import { hostname } from 'node:os'
import { type RunnerLink, startRunnerLink } from '@latchkey/connection/runner/runner-link'
import { generatePairingCode } from '@latchkey/domain/runner-pairing/code'
import { besideTerminals } from './beside-terminals.ts'
import type { ChannelFeature } from './channel/feature.ts'
import { type Enrolment, knownSecret } from './enrolment.ts'
import type { FleetBook } from './fleet/fleet-book.ts'
import { type FleetDoor, fleetFeature } from './fleet/fleet-feature.ts'
import { hostTerminals } from './host-terminals.ts'
import type { RunnerIdentity } from './identity.ts'
import { KeeperClient } from './keeper/keeper-client.ts'
import { reachOrStartKeeper } from './keeper/reach-keeper.ts'
import { nodePlatform } from './node-platform.ts'
import { erasePast, PastFolder, pastFolderIn } from './past/past-folder.ts'
import { RECORDING_MIB_MAX, RECORDINGS_MIB_MAX, Recordings } from './recording/recordings.ts'
import type { RunnerEvent } from './runner-events.ts'
import { ALLOW_UNSEALED_BY_DEFAULT } from './sealing/default-policy.ts'
import type { Doorkeeper } from './sealing/doorkeeper.ts'
import { openFrontDoor } from './sealing/front-door.ts'
import type { Rights } from './sealing/rights.ts'
import type { ShareBook } from './sharing/share-book.ts'
import { shareFeature } from './sharing/share-feature.ts'
import { sharedTerminals, shareOrders } from './sharing/share-orders.ts'
import { defaultFolder, defaultShell, shellProgram } from './shell-environment.ts'
import { type IntegrationChoice, ShellIntegration } from './shell-integration/shell-integration.ts'

export interface RunnerOptions {
  /** http(s) address of the broker */
  readonly brokerUrl: string
  readonly identity: RunnerIdentity
  /** the broker's enrolment secret; absent for a machine that the broker knows */
  readonly secret?: string | Enrolment
  /** how the machine calls itself; its host name by default */
  readonly label?: string
  /** absolute path; the user's own by default */
  readonly shell?: string
  /** where shells start; the user's home by default */
  readonly folder?: string
  /** what shells inherit, without our own settings; this process's by default */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** apps may look, and neither type nor open, close, rename or resize */
  readonly viewOnly?: boolean
  /** asks its owner about apps that cannot seal: the broker could read what they say and hear, and speak in their name */
  readonly allowUnsealed?: boolean
  /** keeps known apps here, and takes its owner's orders on `control.sock` in it; absent: nothing outlives the process */
  readonly stateFolder?: string
  /** where the process is found or started that keeps terminals when this one ends; absent: they end with this one */
  readonly keeperFolder?: string
  readonly terminalsMax?: number
  /** apps may read output from before their pairing */
  readonly shareHistory?: boolean
  /** the last screens of terminals are kept in the state folder, for after a reboot; true by default */
  readonly pastTerminals?: boolean
  /** the largest recording of a terminal */
  readonly recordingMibMax?: number
  /** features beside the terminals, further than the machine's own */
  readonly features?: readonly ChannelFeature[]
  /** the largest file that an app may send; 0: no files at all */
  readonly fileMibMax?: number
  /** all recordings together; the oldest are removed first */
  readonly recordingsMibMax?: number
  /** the ports that apps may connect to: of this machine by default */
  readonly ports?: 'loopback' | 'any' | 'off'
  /** whether shells tell of their commands; `ask` by default, never without a state folder */
  readonly shellIntegration?: IntegrationChoice
  readonly onEvent: (event: RunnerEvent) => void
}

export interface RunnerHost {
  readonly runnerId: string
  readonly shell: string
  readonly folder: string
  readonly openTerminals: number
  rotate(): void
  /** What the app whose PIN is on the screen shall be able to do. */
  decide(viewOnly: boolean, more?: Omit<Rights, 'type'>): void
  /** Lets in the app that waits and cannot seal, if `pin` is the number of that question. */
  accept(pin: string): void
  /** Admits apps and turns them away. */
  readonly door: Doorkeeper
  /** its owner, and what the owner's devices may do */
  readonly fleet: FleetBook
  /**
   * Says goodbye to the broker. Programs stay with their keeper for the next runner; without one, or when their end is wanted,
   * they end (HUP, then KILL after a grace time), and it waits for that.
   */
  stop(programs?: 'stay' | 'end'): Promise<void>
  /** Ends every program at once, without a grace time. */
  kill(): void
}

/** Offers this machine's terminals to the apps that a broker lets through. Goes on until `stop`, whatever the network does. */
export async function startRunner(options: RunnerOptions): Promise<RunnerHost> {
  const env = options.env ?? process.env
  const shell = options.shell ?? defaultShell(env)
  const folder = options.folder ?? defaultFolder()
  // A wrong shell or folder is found now, not by the first app.
  shellProgram({ shell, folder, env })
  const label = (options.label ?? hostname()).slice(0, 64)
  const keeper = await keeperOf(options)
  const past = keeper === null ? null : pastFolderOf(options)
  const recordings = recordingsOf(options, label)
  const { identity } = options
  const onTrouble = (message: string) => options.onEvent({ type: 'trouble', message })
  const integration = new ShellIntegration({
    stateFolder: options.stateFolder ?? null,
    wanted: options.shellIntegration ?? 'ask',
    onTrouble,
  })
  let doorkeeper: Doorkeeper | null = null
  let link: RunnerLink | null = null
  const beside = besideTerminals({
    ...{ ...options, label, onTrouble },
    link: () => link,
    isKnown: (app) => doorkeeper?.book.get(app)?.standing === 'welcome',
  })
  let shares: ShareBook | null = null
  let fleetDoor: FleetDoor | null = null
  const features = [
    ...beside.features,
    shareFeature(() => shares),
    fleetFeature(
      () => fleetDoor,
      () => onTrouble('The fleet could not be written down.'),
    ),
  ]
  const { terminalEnv } = beside
  const hosted = hostTerminals({
    ...{
      ...options,
      label,
      shell,
      folder,
      env,
      keeper,
      past,
      recordings,
      features,
      terminalEnv,
      integration,
      onTerminal: () => shares?.stirred(),
    },
  })
  await beside.begin(hosted)
  const enrolment = typeof options.secret === 'object' ? options.secret : knownSecret(options.secret)
  const { door, accept, ...front } = await openFrontDoor({
    identity,
    label,
    folder: options.stateFolder ?? null,
    viewOnly: options.viewOnly === true,
    allowUnsealed: options.allowUnsealed ?? ALLOW_UNSEALED_BY_DEFAULT,
    serve: hosted.serve,
    closeApp: hosted.closeApp,
    restartApp: hosted.restartApp,
    recordings: hosted.recordings,
    status: hosted.status,
    terminals: sharedTerminals(hosted.terminals),
    shareOrders: (book) => shareOrders(hosted.terminals, book, options.brokerUrl),
    onRevoked: (appSessionIds) => link?.revoke(appSessionIds),
    onTickets: () => link?.depositRouteTickets(),
    onRotate: () => link?.rotate(),
    onEvent: (event) => {
      if (event.type === 'app-standing' && event.standing === 'revoked') beside.forget(event.app)
      options.onEvent(event)
    },
  })
  doorkeeper = door
  shares = front.shares
  fleetDoor = { fleet: front.fleet, apps: () => door.book.apps }
  hosted.status.subscribe({ changed: () => {}, gone: (terminal) => front.shares.terminalEnded(terminal) })
  link = startRunnerLink({
    brokerUrl: options.brokerUrl,
    who: {
      ...identity,
      label,
      incarnation: newIncarnation(),
      routeTickets: () => door.routeTickets(),
      deviceIds: () => door.deviceIds(),
      get secret() {
        return enrolment.current()
      },
    },
    freshCode: () => generatePairingCode(nodePlatform.randomBytes),
    platform: nodePlatform,
    accept,
    onAppsOrder: (order) => front.ordered(order),
    onEvent: (event) => {
      if (event.type === 'registered') enrolment.done()
      front.heard(event)
      options.onEvent(event)
    },
  })
  return {
    runnerId: identity.runnerId,
    shell,
    folder,
    get openTerminals() {
      return hosted.terminals.openCount
    },
    door,
    fleet: front.fleet,
    rotate: () => link?.rotate(),
    decide: (viewOnly, more) => door.decide(viewOnly, more),
    accept: (pin) => void door.accept(pin),
    stop: async (programs = 'stay') => {
      const ended = Promise.all([
        keeper !== null && programs === 'stay' ? hosted.leave() : hosted.stop(),
        front.stop(),
        beside.stop(),
      ])
      link?.stop()
      await ended
    },
    kill: () => hosted.kill(),
  }
}

/** The keeper of this host's terminals; null when it has none, and they end with this process. Throws `NoKeeper`. */
async function keeperOf({ keeperFolder, onEvent }: RunnerOptions): Promise<KeeperClient | null> {
  if (keeperFolder === undefined) return null
  const trouble = (message: string) => onEvent({ type: 'trouble', message })
  const keeper = await KeeperClient.connect(
    (listener) => reachOrStartKeeper(keeperFolder, listener),
    () => trouble('The process that kept the terminals ended, and they with it.'),
  )
  if (keeper.isOlder && keeper.terminals.length > 0)
    trouble(
      'The process that keeps the terminals is older than this one: it is replaced after its last terminal.',
    )
  return keeper
}

/** Null when nothing is kept, and nothing is left of what was. */
function pastFolderOf(options: RunnerOptions): PastFolder | null {
  if (options.stateFolder === undefined) return null
  const folder = pastFolderIn(options.stateFolder)
  if (options.pastTerminals !== false)
    return new PastFolder({
      folder,
      secret: options.identity.reachSecret(),
      onTrouble: (message) => options.onEvent({ type: 'trouble', message }),
    })
  erasePast(folder)
  return null
}
const MIB = 1024 * 1024
/** Recordings are kept where known apps are. */
const recordingsOf = (
  {
    stateFolder,
    identity,
    recordingMibMax = RECORDING_MIB_MAX,
    recordingsMibMax = RECORDINGS_MIB_MAX,
    onEvent,
  }: RunnerOptions,
  machine: string,
): Recordings | null =>
  stateFolder === undefined
    ? null
    : new Recordings({
        stateFolder,
        identity,
        machine,
        bytesMax: recordingMibMax * MIB,
        allBytesMax: recordingsMibMax * MIB,
        onTrouble: (message) => onEvent({ type: 'trouble', message }),
      })

const newIncarnation = (): string => Buffer.from(nodePlatform.randomBytes(16)).toString('hex')
