import { randomInt } from 'node:crypto'
import { basename } from 'node:path'
import type { AcceptChannel, RunnerChannel } from '@latchkey/connection/runner/terminal-plane'
import { CloseReason } from '@latchkey/protocol/terminal/frames'
import { type StatusFeature, statusFeature } from './attention/status-feature.ts'
import { AppChannel } from './channel/app-channel.ts'
import type { ChannelFeature } from './channel/feature.ts'
import { type Guest, openEnvelope } from './channel/guest.ts'
import { collectGarbage } from './idle-memory.ts'
import { Keeper } from './keeper/keeper.ts'
import { KeeperClient } from './keeper/keeper-client.ts'
import type { PastFolder } from './past/past-folder.ts'
import type { Recordings } from './recording/recordings.ts'
import type { AppEvent, RunnerEvent } from './runner-events.ts'
import { type Screens, startScreens } from './screens/screens.ts'
import { shellProgram } from './shell-environment.ts'
import type { ShellIntegration } from './shell-integration/shell-integration.ts'
import { type RecordOrders, recordOrders } from './terminal/record-orders.ts'
import { Terminals } from './terminal/terminals.ts'

export const TERMINALS_MAX = 32
/** So many apps at once; each has one channel a window. */
const CHANNELS_MAX = 256

interface HostOptions {
  /** apps may look, and neither type nor open, close, rename or resize */
  readonly viewOnly?: boolean
  readonly terminalsMax?: number
  /** apps may read output from before their pairing */
  readonly shareHistory?: boolean
  readonly label: string
  readonly shell: string
  readonly folder: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly keeper?: KeeperClient | null
  /** screens that others draw on too and that are not stopped here; absent: its own */
  readonly screens?: Screens
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
  /** how shells tell of their commands; absent: they do not */
  readonly integration?: ShellIntegration
  /** the name, the size, the watchers of a terminal have changed, or another thing of it */
  readonly onTerminal?: (terminal: number) => void
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
  const screens = options.screens ?? startScreens(raise, collectGarbage)
  const { shell, folder, env, restAfterMs, recordings = null, terminalEnv = () => ({}) } = options
  const own = new Keeper(() => {})
  const { integration } = options
  const status = statusFeature({
    nowMs: () => performance.now(),
    timeMs: Date.now,
    ...(integration && { integration }),
  })
  const keeper = options.keeper ?? KeeperClient.within(own)
  const terminals: Terminals = new Terminals(
    {
      program: (wanted = folder, terminal) => {
        const plain = shellProgram({ shell, folder: wanted, env })
        const program = integration?.program(plain) ?? plain
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
        options.onTerminal?.(info.terminal)
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
    await Promise.all([recordings?.stop(), options.screens === undefined && screens.stop()])
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

/** No screen survives the end of its thread. */
function raise(problem: Error): never {
  throw problem
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
  only: null,
})
