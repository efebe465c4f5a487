import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { ShellIntegration } from '../shell-integration/shell-integration.ts'
import { machineUnderTest } from '../testing/machine-under-test.ts'
import { personAtTerminal } from '../testing/person-at-terminal.ts'
import type { TerminalStatus } from './terminal-status.ts'

/** How often each program's script is gone through. */
const ROUNDS = Number(process.env['LATCHKEY_STATUS_ROUNDS'] ?? 1)
/** Without integration a command that ran for two seconds is done, a shorter one is not worth telling. */
type State = TerminalStatus['state'] | 'idle or done'
type Step = readonly [type: string, state: State, fields?: Partial<TerminalStatus>]

const report = (fields: string) => `printf '\\e]7501;${fields}\\e\\\\'`
/** A program that says each line that it reads as a report, as an agent does. */
const AGENT = String.raw`while IFS= read -r line; do [ "$line" = quit ] && break; printf '\033]7501;%s\033\\' "$line"; done; exit 4
`
const PROGRESS = String.raw`while IFS= read -r line; do [ "$line" = quit ] && break; printf '\033]9;%s\a' "$line"; done
`

/** Text to type, and the state that follows it. */
const SCRIPTS: Readonly<Record<string, { readonly integrated: boolean; readonly steps: readonly Step[] }>> = {
  'bash with integration': {
    integrated: true,
    steps: [
      ['true\r', 'done'],
      ['read -r x; false\r', 'working'],
      ['go\r', 'failed', { message: 'exit 1' }],
      ['\r', 'idle'],
      ['cat\r', 'working', { program: 'cat' }],
      ['\x04', 'done'],
      ['(exit 7)\r', 'failed', { message: 'exit 7' }],
      ['cat\r', 'working', { program: 'cat' }],
      ['\x03', 'failed', { message: 'exit 130' }],
      ['read -rsp Password: x\r', 'needs-you', { kind: 'auth' }],
      ['secret\r', 'done'],
    ],
  },
  'bash without integration': {
    integrated: false,
    steps: [
      ['cat\r', 'working', { program: 'cat' }],
      ['\x03', 'idle or done'],
      ['read -r x\r', 'working', { program: 'bash' }],
      ['go\r', 'idle or done'],
      ['sleep 2.6\r', 'working'],
      ['', 'done'],
      ['\r', 'idle'],
      ['read -rsp Password: x\r', 'needs-you', { kind: 'auth' }],
      ['secret\r', 'idle or done'],
    ],
  },
  'an agent that reports (OSC 7501)': {
    integrated: true,
    steps: [
      ['sh agent\r', 'working'],
      ['state=idle:app=agent\r', 'idle', { program: 'agent' }],
      ['state=working:app=agent:progress=40\r', 'working', { progress: 40 }],
      ['state=blocked:kind=permission:msg=UnVuPw==\r', 'needs-you', { kind: 'permission', message: 'Run?' }],
      ['state=working\r', 'working'],
      ['state=blocked:kind=question:id=a\r', 'needs-you', { kind: 'question' }],
      ['state=clear:id=a\r', 'working'],
      ['state=error\r', 'failed'],
      ['state=done\r', 'done'],
      ['state=clear\r', 'working'],
      ['state=blocked:kind=auth\r', 'needs-you', { kind: 'auth' }],
      ['quit\r', 'failed', { message: 'exit 4' }],
    ],
  },
  'a program with progress and notifications (OSC 9)': {
    integrated: true,
    steps: [
      ['sh progress\r', 'working'],
      ['4;1;30\r', 'working', { progress: 30 }],
      ['4;2;30\r', 'failed'],
      ['4;3\r', 'working'],
      ['Approve this?\r', 'needs-you', { message: 'Approve this?' }],
      ['4;0\r', 'working'],
      ['quit\r', 'done'],
    ],
  },
  'vim and less': {
    integrated: true,
    steps: [
      ['read -r x; vim -u NONE -i NONE --noplugin -N text\r', 'working'],
      [
        'go\r',
        'idle',
        { program: 'vim', lastLines: expect.arrayContaining([expect.stringContaining('100L')]) },
      ],
      [':q!\r', 'idle', { program: 'bash' }],
      ['read -r x; less text\r', 'working'],
      ['go\r', 'idle', { program: 'less' }],
      ['q', 'idle', { program: 'bash' }],
      ['false\r', 'failed'],
    ],
  },
  'bash that reports by itself': {
    integrated: false,
    steps: [
      [`${report('state=working')}; cat\r`, 'working'],
      ['\x03', 'idle or done'],
      [`${report('state=blocked')}; cat\r`, 'needs-you'],
      ['\x03', 'idle or done'],
    ],
  },
}

it.each(Object.entries(SCRIPTS))('%s: the right status after each step', async (_, { integrated, steps }) => {
  const home = mkdtempSync(join(tmpdir(), 'latchkey-status-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }))
  writeFileSync(join(home, 'agent'), AGENT)
  writeFileSync(join(home, 'progress'), PROGRESS)
  writeFileSync(join(home, 'text'), 'line\n'.repeat(100))
  writeFileSync(join(home, '.bashrc'), "PS1='$ '\n")
  const wanted = integrated ? 'on' : 'off'
  const integration = new ShellIntegration({ stateFolder: home, wanted, onTrouble: () => {} })
  const { status, accept } = machineUnderTest({ shell: '/bin/bash', home, integration })
  const person = await personAtTerminal(accept)
  await person.becomes(({ lastLines }) => lastLines.includes('$'))
  for (let round = 0; round < ROUNDS; round++)
    for (const [type, state, fields = {}] of steps) {
      if (type !== '') person.type(type)
      await expect
        .poll(() => status.current(person.terminal), {
          interval: 5,
          message: `after ${JSON.stringify(type)}`,
        })
        .toMatchObject({
          state: expect.stringMatching(
            state === 'idle or done' ? /^(?:idle|done)$/ : new RegExp(`^${state}$`),
          ),
          ...fields,
        })
    }
  // What the machine knows is what the app was told last.
  const { type: _type, ...told } = person.statuses.at(-1) ?? { type: 'status' }
  expect(told).toEqual(status.current(person.terminal))
})
