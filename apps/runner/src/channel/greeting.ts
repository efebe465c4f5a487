import type { FeatureName } from '@latchkey/protocol/terminal/feature-messages'
import type { RunnerMessage, TerminalInfo } from '@latchkey/protocol/terminal/messages'
import { PROTOCOL_VERSION } from '@latchkey/protocol/version'

/** What every app is told of this machine. */
export interface Welcome {
  readonly machine: string
  readonly shell: string
  /** whether apps may type, or only look */
  readonly mayType: boolean
  /** whether this app may send files */
  readonly maySend: boolean
}

/** A message says its length in 16 bits. */
const MESSAGE_BYTES_MAX = 60_000

/** The answer to an app's hello; `you` is the app's own handle. */
export function greeting(
  welcome: Welcome,
  you: string,
  terminals: readonly TerminalInfo[],
  features: readonly FeatureName[],
): readonly RunnerMessage[] {
  const saying = (listed: readonly TerminalInfo[]): RunnerMessage => ({
    type: 'welcome',
    version: PROTOCOL_VERSION,
    ...welcome,
    you,
    terminals: [...listed],
    ...(features.length === 0 ? {} : { features: [...features] }),
  })
  // Many terminals with many watchers may be more than one message can say.
  const fits = JSON.stringify(terminals).length * 3 < MESSAGE_BYTES_MAX
  return fits
    ? [saying(terminals)]
    : [saying([]), ...terminals.map((info) => ({ type: 'terminal', ...info }) as const)]
}

/** The answer to a hello of another version. It names the side to update. */
export const otherVersion = (version: number): RunnerMessage => ({
  type: 'error',
  code: 'VERSION',
  message: `This machine speaks version ${PROTOCOL_VERSION}, this app version ${version}. Update the ${version < PROTOCOL_VERSION ? 'app' : 'machine'}.`,
})
