import { homedir } from 'node:os'
import { expect, it } from 'vitest'
import { inOrder, type ListedTerminal, psLines } from './ps-lines.ts'

const terminal = (fields: Partial<ListedTerminal>): ListedTerminal => ({
  terminal: 1,
  name: 'build',
  state: 'idle',
  sinceMs: 0,
  lastLines: [],
  ...fields,
})

it('a terminal that needs its person comes first, and what it asks stands below it', () => {
  const lines = psLines(
    inOrder([
      terminal({ name: 'shell', program: 'bash', lastLines: ['$ ls', '$'] }),
      terminal({
        name: 'agent',
        state: 'needs-you',
        kind: 'permission',
        sinceMs: 60_000,
        program: 'codex',
        folder: `${homedir()}/house`,
        title: 'Action',
        message: 'Run npm test?',
      }),
    ]),
    240_000,
  )
  expect(lines[0]).toMatch(/^needs you +3 min +agent +permission {2}codex {2}~\/house {2}Action$/)
  expect(lines[1]).toMatch(/^ +Run npm test\?$/)
  expect(lines[2]).toMatch(/^idle +4 min +shell +bash$/)
  expect(lines[3]).toMatch(/^ +\$$/)
})

it('text of a program cannot draw on the screen', () => {
  const text = 'a\u001b[31m\u202eb'
  const lines = psLines(
    [terminal({ name: text, title: text, folder: text, program: text, message: text })],
    0,
  )
  expect(lines.join('')).not.toMatch(/[\u001b\u202e]/)
})
