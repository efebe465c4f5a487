import { EventEmitter, once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AppFeatureMessage, RunnerFeatureMessage } from '@latchkey/protocol/terminal/messages'
import type { ChannelFeature, FeatureApp } from '@latchkey/runner/channel/feature'
import { startRunner } from '@latchkey/runner/host'
import { loadIdentity } from '@latchkey/runner/identity'
import type { House } from './house.ts'

type Status = Extract<RunnerFeatureMessage, { readonly type: 'status' }>
type Question = Extract<RunnerFeatureMessage, { readonly type: 'question' }>
type Proof = Extract<RunnerFeatureMessage, { readonly type: 'proof' }>

/** A real machine with real terminals whose statuses and questions the test tells. */
export interface ScriptedMachine {
  /** opens the pairing page without a PIN; good for one app, then it is another */
  readonly pairingUrl: () => string
  tell(message: RunnerFeatureMessage): void
  /** forgets a question: an app that comes back is not told of it */
  forget(id: string): void
  /** what apps said, in order */
  readonly heard: readonly AppFeatureMessage[]
  /** answers what an app says */
  onHeard: (message: AppFeatureMessage) => void
  stop(): Promise<void>
}

/** Adds a scripted machine to `house`. */
export async function scriptedMachine(house: House, label: string): Promise<ScriptedMachine> {
  const folder = join(house.dataDir, `scripted-${label}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const file of ['.bashrc', '.bash_profile']) writeFileSync(join(folder, file), "PS1='$ '\n")
  const apps = new Set<FeatureApp>()
  const kept = new Map<string, RunnerFeatureMessage[]>()
  const heard: AppFeatureMessage[] = []
  const feature = (
    name: 'status' | 'questions',
    hears: readonly AppFeatureMessage['type'][],
  ): ChannelFeature => ({
    name,
    hears: new Set(hears),
    streams: new Set(),
    joined: (app) => {
      if (name === 'questions') {
        apps.add(app)
        for (const message of [...kept.values()].flat()) app.tell(message)
      }
      return {
        hear: (message) => {
          heard.push(message)
          machine.onHeard(message)
        },
        left: () => void apps.delete(app),
      }
    },
  })
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
    features: [feature('status', ['front']), feature('questions', ['seen', 'answer', 'guardedKey'])],
    onEvent: (event) => {
      if (event.type !== 'fragment') return
      fragment = event.fragment
      events.emit('fragment')
    },
  })
  const keep = (message: RunnerFeatureMessage) => {
    if (message.type === 'status') kept.set(`status ${message.terminal}`, [message])
    else if (message.type === 'question') kept.set(message.id, [message])
    else if (message.type === 'proof') kept.get(message.id)?.push(message)
  }
  await told
  const machine: ScriptedMachine = {
    pairingUrl: () => `${house.url}/p#${fragment}`,
    tell: (message) => {
      keep(message)
      for (const app of apps) app.tell(message)
    },
    forget: (id) => void kept.delete(id),
    heard,
    onHeard: () => {},
    stop: () => host.stop('end'),
  }
  return machine
}

const MINUTE_MS = 60_000

export const idOf = (number: number): string => number.toString(16).padStart(32, '0')

export const status = (terminal: number, state: Status['state'], more: Partial<Status> = {}): Status => ({
  type: 'status',
  terminal,
  state,
  sinceMs: Date.now() - 2 * MINUTE_MS,
  lastLines: [],
  ...more,
})

export const proof = (number: number, step: Proof['step'], more: Partial<Proof> = {}): Proof => ({
  type: 'proof',
  id: idOf(number),
  step,
  atMs: Date.now(),
  ...more,
})

export const question = (number: number, terminal: number, more: Partial<Question> = {}): Question => ({
  type: 'question',
  id: idOf(number),
  terminal,
  agent: 'codex',
  kind: 'command',
  title: 'The holiday test needs the Luxon types. Install them, check, run the one test.',
  text: [
    'npm install --save-dev @types/luxon@3.4.2 luxon@3.5.0',
    'npx tsc --noEmit -p tsconfig.json',
    "printf '\u001b[32mtypes ok\u001b[0m\\n' >> .codex/notes",
    'npm test -- holiday',
  ].join('\n'),
  folder: '~/work/site',
  files: [],
  choices: [
    {
      id: 'once',
      label: 'Allow once',
      covers: 'These lines, this time. The next command asks again',
      effect: 'allow',
    },
    { id: 'no', label: 'Decline', covers: 'codex is told no and goes on', effect: 'deny' },
    { id: 'stop', label: 'Stop the turn', covers: 'codex stops and waits at the desk', effect: 'stop' },
  ],
  askedAtMs: Date.now() - 2 * MINUTE_MS,
  expiresAtMs: Date.now() + 28 * MINUTE_MS,
  digest: number.toString(16).padStart(64, '0'),
  mayAnswer: true,
  ...more,
})
