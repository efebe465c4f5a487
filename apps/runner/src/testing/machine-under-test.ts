import { onTestFinished } from 'vitest'
import type { ChannelFeature } from '../channel/feature.ts'
import { hostTerminals } from '../host-terminals.ts'
import type { Recordings } from '../recording/recordings.ts'

import type { RunnerEvent } from '../runner-events.ts'

import type { ShellIntegration } from '../shell-integration/shell-integration.ts'
import { sharedScreens } from './shared-screens.ts'

/** A machine without a broker: real shells, real screens, channels handed in. Ends with the test. */
export function machineUnderTest(
  options: {
    readonly viewOnly?: boolean
    readonly terminalsMax?: number
    readonly shareHistory?: boolean
    readonly recordings?: Recordings
    readonly features?: readonly ChannelFeature[]
    readonly terminalEnv?: (terminal: number) => Readonly<Record<string, string>>
    readonly shell?: string
    readonly folder?: string
    readonly home?: string
    readonly integration?: ShellIntegration
  } = {},
) {
  const { home = '/tmp', ...rest } = options
  const events: RunnerEvent[] = []
  const env = {
    LATCHKEY_RUNNER_SECRET: 'secret',
    NODE_CHANNEL_FD: '3',
    npm_config_x: 'y',
    PATH: process.env['PATH'],
    HOME: home,
    LANG: 'C.UTF-8',
    PS1: '$ ',
    ENV: '/dev/null',
  }
  const hosted = hostTerminals({
    screens: sharedScreens,
    shell: '/bin/sh',
    folder: home,
    ...rest,
    label: 'machine',
    env,
    onEvent: (event) => events.push(event),
  })
  let stopped: Promise<void> | null = null
  const stop = () => {
    stopped ??= hosted.stop()
    return stopped
  }
  onTestFinished(stop)
  return { ...hosted, stop, events }
}
