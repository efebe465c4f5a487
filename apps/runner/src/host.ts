import { randomInt } from 'node:crypto'
import { hostname } from 'node:os'
import { basename } from 'node:path'
import {
  type RunnerLink,
  type RunnerLinkEvent,
  startRunnerLink,
} from '@latchkey/connection/runner/runner-link'
import type { AcceptChannel, RunnerChannel } from '@latchkey/connection/runner/terminal-plane'
import { generatePairingCode } from '@latchkey/domain/runner-pairing/code'
import { CloseReason } from '@latchkey/protocol/terminal/frames'
import { type StatusFeature, statusFeature } from './attention/status-feature.ts'
import { besideTerminals } from './beside-terminals.ts'
import { AppChannel } from './channel/app-channel.ts'
import type { ChannelFeature } from './channel/feature.ts'
import { type Guest, openEnvelope } from './channel/guest.ts'
import { type Enrolment, knownSecret } from './enrolment.ts'
import type { RunnerIdentity } from './identity.ts'
import { collectGarbage } from './idle-memory.ts'
import { Keeper } from './keeper/keeper.ts'
import { KeeperClient } from './keeper/keeper-client.ts'
import { reachOrStartKeeper } from './keeper/reach-keeper.ts'
import { nodePlatform } from './node-platform.ts'
import { erasePast, PastFolder, pastFolderIn } from './past/past-folder.ts'
import { RECORDING_MIB_MAX, RECORDINGS_MIB_MAX, Recordings } from './recording/recordings.ts'
import { startScreens } from './screens/screens.ts'
import { ALLOW_UNSEALED_BY_DEFAULT } from './sealing/default-policy.ts'
import type { Doorkeeper } from './sealing/doorkeeper.ts'
import { openFrontDoor } from './sealing/front-door.ts'
import type { Rights } from './sealing/rights.ts'
import type { SealingEvent } from './sealing/sealing-events.ts'
import { defaultFolder, defaultShell, shellProgram } from './shell-environment.ts'
import { type RecordOrders, recordOrders } from './terminal/record-orders.ts'
import { Terminals } from './terminal/terminals.ts'

export const TERMINALS_MAX = 32
/** So many apps at once; each has one channel a window. */
const CHANNELS_MAX = 256

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
  readonly onEvent: (event: RunnerEvent) => void
}

export type RunnerEvent =
  | RunnerLinkEvent
  /** an app's channel began or ended; `paired` and `unpaired` come from the broker */
  | AppEvent
  | SealingEvent
  /** programs that run */
  | { readonly type: 'terminals'; readonly open: number }

export interface AppEvent {
  readonly type: 'connected' | 'disconnected'
  readonly appSessionId: string
  readonly label: string
  readonly address: string
  /** the broker can read nothing of it */
  readonly sealed: boolean
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
  let doorkeeper: Doorkeeper | null = null
  let link: RunnerLink | null = null
  const beside = besideTerminals({
    ...{ ...options, label, onTrouble },
    link: () => link,
    isKnown: (app) => doorkeeper?.book.get(app)?.standing === 'welcome',
  })
  const { features, terminalEnv } = beside
  const hosted = hostTerminals({
    ...{ ...options, label, shell, folder, env, keeper, past, recordings, features, terminalEnv },
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
    onRevoked: (appSessionIds) => link?.revoke(appSessionIds),
    onTickets: () => link?.depositRouteTickets(),
    onRotate: () => link?.rotate(),
    onEvent: (event) => {
      if (event.type === 'app-standing' && event.standing === 'revoked') beside.forget(event.app)
      options.onEvent(event)
    },
  })
  doorkeeper = door
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

interface HostOptions extends Pick<RunnerOptions, 'viewOnly' | 'terminalsMax' | 'shareHistory'> {
  readonly label: string
  readonly shell: string
  readonly folder: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly keeper?: KeeperClient | null
  /** an emulator that is not needed lives so much longer */
  readonly restAfterMs?: number
  readonly past?: PastFolder | null
  /** a terminal that prints is written to `past` so often */
  readonly pastEveryMs?: number
  /** absent: nothing is recorded */
  readonly recordings?: Recordings | null
  /** for the shell of a new terminal, beside the environment of all */
  readonly terminalEnv?: (terminal: number) => Readonly<Record<string, string>>
  /** features beside the terminals */
  readonly features?: readonly ChannelFeature[]
  readonly onEvent: (event: RunnerEvent) => void
}

/** The terminals of this machine and the channels of the apps that use them, without a broker. */
export function hostTerminals(options: HostOptions): {
  /** admits every channel, unsealed */
  readonly accept: AcceptChannel
  /** lets this app in */
  readonly serve: (channel: RunnerChannel, guest: Guest) => AppChannel
  /** ends every channel of this app */
  readonly closeApp: (appId: string) => void
  /** ends every channel of this app, which comes back with the rights that it has then */
  readonly restartApp: (appId: string) => void
  readonly terminals: Terminals
  readonly recordings: RecordOrders
  readonly status: StatusFeature
  /** ends every program and waits for that */
  stop(): Promise<void>
  /** leaves every program to the next host */
  leave(): Promise<void>
  /** ends every program at once */
  kill(): void
} {
  const channels = new Set<AppChannel>()
  const screens = startScreens((problem) => {
    throw problem
  }, collectGarbage)
  const { shell, folder, env, restAfterMs, recordings = null, terminalEnv = () => ({}) } = options
  const own = new Keeper(() => {})
  const status = statusFeature({
    nowMs: () => performance.now(),
    timeMs: Date.now,
    onIntegrate: () => {},
  })
  const keeper = options.keeper ?? KeeperClient.within(own)
  const terminals: Terminals = new Terminals(
    {
      program: (wanted = folder, terminal) => {
        const program = shellProgram({ shell, folder: wanted, env })
        return terminal === undefined
          ? program
          : { ...program, env: { ...program.env, ...terminalEnv(terminal) } }
      },
      terminalsMax: options.terminalsMax ?? TERMINALS_MAX,
      firstNumber: randomInt(0x10000),
      screens,
      keeper,
      past: options.past ?? null,
      recordings,
      ...(restAfterMs === undefined ? {} : { restAfterMs }),
      ...(options.pastEveryMs === undefined ? {} : { pastEveryMs: options.pastEveryMs }),
    },
    {
      onTerminal: (info) => {
        for (const channel of channels) channel.onTerminal(info)
        status.changed(info.terminal)
      },
      onGone: (terminal) => {
        for (const channel of channels) channel.onGone(terminal)
        status.gone(terminal)
      },
      onHosting: (kept, askMode) => {
        const hosted = () => terminals.get(kept.info.terminal)
        status.hosting({ kept, hosted, askMode })
      },
      onCount: (open) => options.onEvent({ type: 'terminals', open }),
    },
  )
  if (terminals.openCount > 0) options.onEvent({ type: 'terminals', open: terminals.openCount })
  const welcome = {
    machine: options.label,
    shell: basename(shell),
    mayType: options.viewOnly !== true,
    features: [status, ...(options.features ?? [])],
  }
  const tell = (type: AppEvent['type'], { appSessionId, label, address, sealed }: AppChannel) =>
    options.onEvent({ type, appSessionId, label, address, sealed })
  const serve = (opened: RunnerChannel, guest: Guest): AppChannel => {
    // Before it can ask for anything.
    const sharesAll = options.shareHistory === true
    if (!sharesAll) terminals.knows(guest.handle, guest.knownSinceMs)
    const seeing = sharesAll ? { ...guest, knownSinceMs: 0 } : guest
    const channel = new AppChannel(opened, seeing, terminals, welcome, (ended) => {
      channels.delete(ended)
      tell('disconnected', ended)
    })
    channels.add(channel)
    tell('connected', channel)
    // Not before the connection knows of it; its listener is what this returns.
    if (channels.size > CHANNELS_MAX) queueMicrotask(() => channel.close(CloseReason.tooSlow))
    return channel
  }
  const closeChannels = (appId: string, reason: CloseReason): void => {
    for (const channel of [...channels]) if (channel.appId === appId) channel.close(reason)
  }
  const over = async (): Promise<void> => {
    for (const channel of [...channels]) channel.close(CloseReason.runnerGone)
    status.stop()
    await terminals.leave()
    await Promise.all([recordings?.stop(), screens.stop()])
  }
  return {
    serve,
    accept: (opened) => serve(opened, unknownGuest(opened)),
    closeApp: (appId) => closeChannels(appId, CloseReason.unpaired),
    restartApp: (appId) => closeChannels(appId, CloseReason.restarting),
    terminals,
    status,
    recordings: recordOrders(terminals, recordings),
    stop: async () => {
      await terminals.stop()
      await over()
    },
    leave: over,
    kill: () => {
      terminals.kill()
      own.kill()
    },
  }
}

const unknownGuest = ({ opening }: RunnerChannel): Guest => ({
  envelope: openEnvelope,
  handle: opening.appSessionId ?? opening.pid,
  appId: null,
  sealed: false,
  label: opening.label ?? '',
  mayType: true,
  mayApprove: true,
  maySend: true,
  knownSinceMs: 0,
})

const newIncarnation = (): string => Buffer.from(nodePlatform.randomBytes(16)).toString('hex')
