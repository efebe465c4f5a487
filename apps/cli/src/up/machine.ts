import { homedir, hostname, userInfo } from 'node:os'
import { basename } from 'node:path'
import { ALLOW_UNSEALED_BY_DEFAULT } from '@latchkey/runner/sealing/default-policy'
import type { RunnerSettings } from '../runner-settings.ts'
import { version } from '../version.ts'

/** What does not change while `up` runs. */
export interface Machine {
  readonly name: string
  readonly version: string
  /** the program in each terminal */
  readonly shell: string
  readonly folder: string
  readonly user: string
  readonly viewOnly: boolean
  /** apps that cannot seal are let in as well */
  readonly allowUnsealed: boolean
  /** the broker runs on this machine too, and is its owner's */
  readonly ownBroker: boolean
  /** programs in terminals end with the runner */
  readonly endTerminals: boolean
}

/** What the first screen says of a machine with these settings. */
export function machineOf(runner: RunnerSettings, ownBroker: boolean): Machine {
  const home = homedir()
  const inHome = runner.folder === home || runner.folder.startsWith(`${home}/`)
  return {
    name: runner.name ?? hostname(),
    version,
    shell: basename(runner.shell),
    folder: inHome ? `~${runner.folder.slice(home.length)}` : runner.folder,
    user: userInfo().username,
    viewOnly: runner.viewOnly,
    allowUnsealed: runner.allowUnsealed ?? ALLOW_UNSEALED_BY_DEFAULT,
    ownBroker,
    endTerminals: runner.endTerminals,
  }
}
