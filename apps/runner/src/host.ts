import { randomInt } from 'node:crypto'
import { hostname } from 'node:os'
import { basename } from 'node:path'
import { type RunnerLinkEvent, startRunnerLink } from '@latchkey/connection/runner/runner-link'
import type { AcceptChannel } from '@latchkey/connection/runner/terminal-plane'
import { generatePairingCode } from '@latchkey/domain/runner-pairing/code'
import { CloseReason } from '@latchkey/protocol/terminal/frames'
import { AppChannel } from './app-channel.ts'
import type { RunnerIdentity } from './identity.ts'
import { nodePlatform } from './node-platform.ts'
import { startScreens } from './screens/screens.ts'
import { defaultFolder, defaultShell, shellProgram } from './shell-environment.ts'
import { Terminals } from './terminals.ts'

export const TERMINALS_MAX = 32
/** So many apps at once; each has one channel a window. */
const CHANNELS_MAX = 256

export interface RunnerOptions {
  /** http(s) address of the broker */
  readonly brokerUrl: string
  readonly identity: RunnerIdentity
  /** the broker's enrolment secret; absent for a machine that the broker knows */
  readonly secret?: string
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
  readonly terminalsMax?: number
  readonly onEvent: (event: RunnerEvent) => void
}

export type RunnerEvent =
  | RunnerLinkEvent
  /** an app's channel began or ended; `paired` and `unpaired` come from the broker */
  | AppEvent
  /** programs that run */
  | { readonly type: 'terminals'; readonly open: number }

export interface AppEvent {
  readonly type: 'connected' | 'disconnected'
  readonly appSessionId: string
  readonly label: string
  readonly address: string
}

export interface RunnerHost {
  readonly runnerId: string
  readonly shell: string
  readonly folder: string
  readonly openTerminals: number
  rotate(): void
  /** Says goodbye to the broker, ends every program (HUP, then KILL after a grace time), and waits for their end. */
  stop(): Promise<void>
  /** Ends every program at once; for when this process has no time left. */
  kill(): void
}

/** Offers this machine's terminals to the apps that a broker lets through. Goes on until `stop`, whatever the network does. */
export function startRunner(options: RunnerOptions): Promise<RunnerHost> {
  const env = options.env ?? process.env
  const shell = options.shell ?? defaultShell(env)
  const folder = options.folder ?? defaultFolder()
  // A wrong shell or folder is found now, not by the first app.
  shellProgram({ shell, folder, env })
  const label = (options.label ?? hostname()).slice(0, 64)
  const hosted = hostTerminals({ ...options, label, shell, folder, env })
  const { identity, secret } = options
  const link = startRunnerLink({
    brokerUrl: options.brokerUrl,
    who: { ...identity, label, incarnation: newIncarnation(), ...(secret === undefined ? {} : { secret }) },
    freshCode: () => generatePairingCode(nodePlatform.randomBytes),
    platform: nodePlatform,
    accept: hosted.accept,
    onEvent: options.onEvent,
  })
  return Promise.resolve({
    runnerId: identity.runnerId,
    shell,
    folder,
    get openTerminals() {
      return hosted.terminals.openCount
    },
    rotate: () => link.rotate(),
    stop: async () => {
      const ended = hosted.stop()
      link.stop()
      await ended
    },
    kill: () => hosted.terminals.kill(),
  })
}

interface HostOptions extends Pick<RunnerOptions, 'viewOnly' | 'terminalsMax'> {
  readonly label: string
  readonly shell: string
  readonly folder: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly onEvent: (event: RunnerEvent) => void
}

/** The terminals of this machine and the channels of the apps that use them, without a broker. */
export function hostTerminals(options: HostOptions): {
  readonly accept: AcceptChannel
  readonly terminals: Terminals
  stop(): Promise<void>
} {
  const channels = new Set<AppChannel>()
  const screens = startScreens((problem) => {
    throw problem
  })
  const { shell, folder, env } = options
  const terminals = new Terminals(
    {
      program: () => shellProgram({ shell, folder, env }),
      terminalsMax: options.terminalsMax ?? TERMINALS_MAX,
      firstNumber: randomInt(0x10000),
      screens,
    },
    {
      onTerminal: (info) => channels.forEach((channel) => channel.onTerminal(info)),
      onGone: (terminal) => channels.forEach((channel) => channel.onGone(terminal)),
      onCount: (open) => options.onEvent({ type: 'terminals', open }),
    },
  )
  const welcome = { machine: options.label, shell: basename(shell), mayType: options.viewOnly !== true }
  const tell = (type: AppEvent['type'], { app, label, address }: AppChannel) =>
    options.onEvent({ type, appSessionId: app, label, address })
  const accept: AcceptChannel = (opened) => {
    const channel = new AppChannel(opened, terminals, welcome, (ended) => {
      channels.delete(ended)
      tell('disconnected', ended)
    })
    channels.add(channel)
    tell('connected', channel)
    // Not before the connection knows of it; its listener is what this returns.
    if (channels.size > CHANNELS_MAX) queueMicrotask(() => channel.close(CloseReason.tooSlow))
    return channel
  }
  return {
    accept,
    terminals,
    stop: async () => {
      await terminals.stop()
      for (const channel of [...channels]) channel.close(CloseReason.runnerGone)
      await screens.stop()
    },
  }
}

const newIncarnation = (): string => Buffer.from(nodePlatform.randomBytes(16)).toString('hex')
