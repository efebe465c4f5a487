import { expect, it } from 'vitest'
import { resumeCommandIn } from './resume-command.ts'

const ID = '7f3c21e9-40b1-4c1e-9d5f-2a7b8c9d0e1f'

it.each([
  `codex resume ${ID}`,
  `claude --resume ${ID}`,
  `claude -r ${ID}`,
  'opencode -s ses_81ab22f0',
  'opencode --session ses_81ab22f0',
  `gemini --resume ${ID}`,
  'gemini --resume',
])('the screen says how to go on: %s', (command) => {
  expect(resumeCommandIn(`\x1b[2J\x1b[4;1HTo continue: \x1b[0;1m${command}\x1b[0m\x1b[5;1H$ `)).toBe(command)
})

it('a command that wraps into the next row is whole, and the last one counts', () => {
  const screen = `\x1b[1;1Hclaude --resume aaaa-bbbb\x1b[7;1Hcodex resume ${ID.slice(0, 12)}${ID.slice(12)}\x1b[9;1H$`
  expect(resumeCommandIn(screen)).toBe(`codex resume ${ID}`)
})

it('nothing is offered that a shell would read as more than the command', () => {
  for (const screen of [
    'codex resume $(reboot)',
    'codex resume `reboot`',
    `./codex resume ${ID}`,
    `evil-codex resume ${ID}`,
    `codex resume ${ID}/../..`,
    'codex resume --dangerous',
    'codex resume',
    'a screen without any',
    '',
  ])
    expect(resumeCommandIn(screen), screen).toBe(null)
  expect(resumeCommandIn(`codex resume ${ID}; reboot`)).toBe(`codex resume ${ID}`)
  expect(resumeCommandIn(`codex resume ${ID}\x1b]2;x; reboot\x07\r\n`)).toBe(`codex resume ${ID}`)
})
