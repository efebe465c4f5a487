import { existsSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import {
  ADAPTER_LINE_BYTES_MAX,
  ADAPTER_SOCKET,
  ADAPTER_VERSION,
  type AdapterQuestion,
  type FromAdapter,
  LineReader,
  lineAs,
  type ToAdapter,
  toAdapter,
} from '@latchkey/runner/questions/adapter-wire'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { compose } from './phone.ts'

/** An agent in a terminal that asks its person through the machine's socket, as the adapters of real agents do. */
export interface Agent {
  /** asks; `request` names the question in what follows */
  ask(request: number, more?: Partial<AdapterQuestion>): void
  say(message: FromAdapter): void
  /** waits for the answer of a person, and says that the agent has it */
  answered(request: number): Promise<string>
  readonly heard: readonly ToAdapter[]
  leave(): void
}

/** Begins an agent in the terminal in front of `page`, on a machine that keeps its state in `stateFolder`. */
export async function agentIn(page: Page, folder: string, stateFolder: string): Promise<Agent> {
  const noted = join(folder, 'terminal-mark')
  // In two steps, so that a file that is there is whole.
  await compose(page, 'printf %s "$LATCHKEY_TERMINAL" > noting && mv noting terminal-mark; clear')
  await expect.poll(() => existsSync(noted)).toBe(true)
  const socket = connect(join(stateFolder, ADAPTER_SOCKET))
  const heard: ToAdapter[] = []
  hear(socket, (message) => heard.push(message))
  const say = (message: FromAdapter) => void socket.write(`${JSON.stringify(message)}\n`)
  say({ type: 'hello', version: ADAPTER_VERSION, mark: readFileSync(noted, 'utf8') })
  const of = (request: number, type: ToAdapter['type']) =>
    heard.find((message) => message.type === type && 'request' in message && message.request === request)
  return {
    heard,
    say,
    ask: (request, more = {}) =>
      say({ type: 'ask', request, asked: { ...COMMAND, binding: `call ${request}`, ...more } }),
    answered: async (request) => {
      await expect.poll(() => of(request, 'answer')).toBeDefined()
      const answer = of(request, 'answer')
      return answer?.type === 'answer' ? answer.choice : ''
    },
    leave: () => socket.destroy(),
  }
}

function hear(socket: Socket, onMessage: (message: ToAdapter) => void): void {
  const reader = new LineReader(ADAPTER_LINE_BYTES_MAX)
  socket.on('data', (chunk: Buffer) => {
    for (const line of reader.read(chunk) ?? []) {
      const message = lineAs(toAdapter, line)
      if (message !== null) onMessage(message)
    }
  })
}

const MINUTE_MS = 60_000

const COMMAND: AdapterQuestion = {
  agent: 'codex',
  kind: 'command',
  title: 'The holiday test needs the Luxon types. Install them, check, run the one test.',
  text: [
    'npm install --save-dev @types/luxon@3.4.2 luxon@3.5.0',
    'npx tsc --noEmit -p tsconfig.json',
    "printf '\u001b[32mtypes ok\u001b[0m\\n' >> .codex/notes",
    'npm test -- holiday',
  ].join('\n'),
  folder: '~/code/site',
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
  lastsMs: 28 * MINUTE_MS,
  binding: 'call',
}
