import { join } from 'node:path'
import type { StatusFeature } from './attention/status-feature.ts'
import type { ChannelFeature } from './channel/feature.ts'
import { FILE_MIB_MAX, filesFeature } from './files/files.ts'
import { TransferLog } from './files/transfer-log.ts'
import type { RunnerIdentity } from './identity.ts'
import { nodePlatform } from './node-platform.ts'
import { portsFeature } from './ports/ports.ts'
import type { PortTargets } from './ports/targets.ts'
import { type PushOptions, pushFeature } from './push/push-feature.ts'
import { questionFeed } from './push/question-feed.ts'
import { StatusFeed } from './push/status-feed.ts'
import { questionFeature } from './questions/question-feature.ts'
import type { Terminals } from './terminal/terminals.ts'

export interface BesideOptions extends Pick<PushOptions, 'link' | 'isKnown'> {
  readonly identity: RunnerIdentity
  /** how the machine calls itself */
  readonly label: string
  /** absent: nothing outlives the process, and no files are exchanged */
  readonly stateFolder?: string
  /** the largest file that an app may send; 0: no files at all */
  readonly fileMibMax?: number
  /** further ones */
  readonly features?: readonly ChannelFeature[]
  /** what apps may connect to */
  readonly ports?: PortTargets | 'off'
  /** a sentence for the owner */
  readonly onTrouble: (message: string) => void
}

interface Hosted {
  readonly terminals: Terminals
  readonly status: StatusFeature
}

/** What a runner offers beside its terminals: questions of agents, notifications, files. */
export interface Beside {
  readonly features: readonly ChannelFeature[]
  /** for the environment of a terminal's shell */
  readonly terminalEnv: (terminal: number) => Readonly<Record<string, string>>
  /** The terminals are there: adapters are heard, and people called, from now on. */
  begin(hosted: Hosted): Promise<void>
  /** The app was turned away. */
  forget(app: string): void
  stop(): Promise<void>
}

export function besideTerminals(options: BesideOptions): Beside {
  const { identity, label, stateFolder, onTrouble, link, isKnown } = options
  let hosted: Hosted | null = null
  const questions = questionFeature({
    ...{ identity, stateFolder: stateFolder ?? null, randomBytes: nodePlatform.randomBytes, onTrouble },
    adapterSays: (terminal, word) => hosted?.status.adapterSays(terminal, word),
  })
  const push = pushFeature({
    ...{ link, isKnown, onTrouble },
    sender: { runnerId: identity.runnerId, machine: label },
    folder: stateFolder ?? null,
    isLookedAt: (terminal) => hosted?.status.isInFront(terminal) === true,
    onPushed: (question) => questions.desk.pushed(question),
  })
  questions.desk.subscribe(questionFeed(push))
  return {
    features: [questions.desk, push.feature, ...files(options), ...(options.features ?? [])],
    terminalEnv: questions.terminalEnv,
    begin: async (now) => {
      hosted = now
      const nameOf = (terminal: number) => now.terminals.get(terminal)?.info.name ?? ''
      now.status.subscribe(new StatusFeed(push, nameOf, Date.now()))
      await questions.serve(now.terminals)
    },
    forget: (app) => push.forget(app),
    stop: async () => {
      await Promise.all([questions.stop(), push.stop()])
    },
  }
}

/** Files and ports; both are recorded. */
function files({
  stateFolder,
  fileMibMax = FILE_MIB_MAX,
  ports = 'loopback',
  onTrouble,
}: BesideOptions): readonly ChannelFeature[] {
  if (stateFolder === undefined) return []
  const log = new TransferLog(join(stateFolder, 'transfers.log'), onTrouble)
  const nowMs = () => Date.now()
  const bytesMax = fileMibMax * 1024 * 1024
  return [
    ...(fileMibMax === 0 ? [] : [filesFeature({ stateFolder, bytesMax, log, nowMs })]),
    ...(ports === 'off' ? [] : [portsFeature({ targets: ports, log, nowMs })]),
  ]
}
