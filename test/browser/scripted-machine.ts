import { EventEmitter, once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AppFeatureMessage, RunnerFeatureMessage } from '@latchkey/protocol/terminal/messages'
import type { ChannelFeature, FeatureApp } from '@latchkey/runner/channel/feature'
import { startRunner } from '@latchkey/runner/host'
import { loadIdentity } from '@latchkey/runner/identity'
import type { House } from './house.ts'

type Status = Extract<RunnerFeatureMessage, { readonly type: 'status' }>

/** A real machine with real terminals whose statuses the test tells. */
export interface ScriptedMachine {
  /** where its shells start */
  readonly folder: string
  /** opens the pairing page without a PIN; good for one app, then it is another */
  readonly pairingUrl: () => string
  tell(status: Status): void
  /** what apps said about statuses, in order */
  readonly heard: readonly AppFeatureMessage[]
  stop(): Promise<void>
}

/** Adds a scripted machine to `house`. */
export async function scriptedMachine(house: House, label: string): Promise<ScriptedMachine> {
  const folder = join(house.dataDir, `scripted-${label}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const file of ['.bashrc', '.bash_profile']) writeFileSync(join(folder, file), "PS1='$ '\n")
  const apps = new Set<FeatureApp>()
  const kept = new Map<number, Status>()
  const heard: AppFeatureMessage[] = []
  const feature: ChannelFeature = {
    name: 'status',
    hears: new Set(['front']),
    streams: new Set(),
    joined: (app) => {
      apps.add(app)
      for (const status of kept.values()) app.tell(status)
      return { hear: (message) => void heard.push(message), left: () => void apps.delete(app) }
    },
  }
  const events = new EventEmitter()
  const told = once(events, 'fragment')
  let fragment = ''
  const host = await startRunner({
    brokerUrl: house.url,
    identity: loadIdentity(join(folder, 'identity')),
    secret: readFileSync(house.secretFile, 'utf8').trim(),
    label,
    shell: '/bin/bash',
    folder,
    env: { ...process.env, HOME: folder },
    stateFolder: folder,
    features: [feature],
    onEvent: (event) => {
      if (event.type !== 'fragment') return
      fragment = event.fragment
      events.emit('fragment')
    },
  })
  await told
  return {
    folder,
    pairingUrl: () => `${house.url}/p#${fragment}`,
    tell: (status) => {
      kept.set(status.terminal, status)
      for (const app of apps) app.tell(status)
    },
    heard,
    stop: () => host.stop('end'),
  }
}

const MINUTE_MS = 60_000

export const status = (terminal: number, state: Status['state'], more: Partial<Status> = {}): Status => ({
  type: 'status',
  terminal,
  state,
  sinceMs: Date.now() - 2 * MINUTE_MS,
  lastLines: [],
  ...more,
})
