import type { AskedQuestion } from '@latchkey/connection/app/question-feature'
import type { TerminalStatus } from '@latchkey/connection/app/status-feature'
import type { TerminalInfo } from '@latchkey/protocol/terminal/messages'
import { expect, it } from 'vitest'
import { type HasLooked, type MachineSeen, needsOf, titleOf } from './needs.ts'

const info = (terminal: number, more: Partial<TerminalInfo> = {}): TerminalInfo => ({
  terminal,
  name: `Terminal ${terminal}`,
  cols: 80,
  rows: 24,
  owner: null,
  watchers: [],
  exit: null,
  ...more,
})
const status = (
  terminal: number,
  state: TerminalStatus['state'],
  more: Partial<TerminalStatus> = {},
): TerminalStatus => ({ terminal, state, sinceMs: 1_000, lastLines: [], ...more })
const question = (terminal: number, expiresAtMs: number | null): AskedQuestion => ({
  question: {
    id: String(terminal).repeat(32).slice(0, 32),
    terminal,
    agent: 'codex',
    kind: 'command',
    title: '',
    text: '',
    files: [],
    choices: [],
    askedAtMs: 1,
    expiresAtMs,
    digest: '',
    mayAnswer: true,
  },
  proofs: [],
  answer: null,
  isCurrent: true,
  status: 'asked',
})
const machine = (
  terminals: readonly TerminalInfo[],
  statuses: readonly TerminalStatus[],
  questions: readonly AskedQuestion[] = [],
): MachineSeen => ({
  runnerId: 'attic',
  label: 'attic',
  isLive: true,
  terminals,
  statuses: new Map(statuses.map((each) => [each.terminal, each])),
  questions,
})
const never: HasLooked = () => false

it('the list begins with what needs its person, the question that ends first in front', () => {
  const seen = machine(
    [1, 2, 3, 4, 5, 6].map((terminal) => info(terminal)),
    [status(1, 'idle'), status(2, 'done'), status(3, 'failed'), status(4, 'needs-you'), status(5, 'working')],
    [question(6, 9_000), question(1, 5_000)],
  )
  expect(needsOf([seen], never).map(({ terminal, state }) => [terminal, state])).toEqual([
    [1, 'needs-you'],
    [6, 'needs-you'],
    [4, 'needs-you'],
    [3, 'failed'],
    [2, 'done'],
    [5, 'working'],
  ])
})

it('failed and done end when a person looked, and begin anew with the next end', () => {
  const looked: HasLooked = (_runner, _terminal, sinceMs) => sinceMs <= 1_000
  const states = (sinceMs: number) =>
    needsOf(
      [machine([info(1), info(2)], [status(1, 'failed', { sinceMs }), status(2, 'done', { sinceMs })])],
      looked,
    ).map(({ state }) => state)
  expect(states(1_000)).toEqual(['idle', 'idle'])
  expect(states(2_000)).toEqual(['failed', 'done'])
})

it('a program that has ended says how; a terminal of before is in no list', () => {
  const seen = machine(
    [
      info(1, { exit: { code: 0, signal: null } }),
      info(2, { exit: { code: 3, signal: null } }),
      info(3, {
        exit: { code: 0, signal: null },
        past: { seenAtMs: 1, folder: '/', resume: null },
      }),
    ],
    [status(1, 'working')],
  )
  expect(needsOf([seen], never).map(({ state, exitCode }) => [state, exitCode])).toEqual([
    ['failed', 3],
    ['done', 0],
  ])
})

it("a terminal has its person's name, else its program's title, else program and folder", () => {
  const of = (name: string, more: Partial<TerminalStatus>) =>
    titleOf({ name, terminal: 1 }, status(1, 'idle', more))
  expect(of('mine', { title: 'codex' })).toBe('mine')
  expect(of('Terminal 1', { title: 'npm\u001b[2J test\u202e ', program: 'node' })).toBe('npm[2J test')
  expect(of('Terminal 1', { title: ' ', program: 'bash', folder: '/home/ada/site/' })).toBe('bash · site')
  expect(of('', { folder: '/srv' })).toBe('srv')
  expect(of('Terminal 1', {})).toBe('Terminal 1')
  expect(titleOf({ name: '', terminal: 1 }, undefined)).toBe('')
})

it('a long folder shows its end', () => {
  const folder = `/home/ada/${'deep/'.repeat(20)}here`
  const [need] = needsOf([machine([info(1)], [status(1, 'idle', { folder })])], never)
  expect(need?.folder).toMatch(/^….*\/here$/)
  expect(need?.folder).toHaveLength(34)
})

it('terminals of one title are told apart by a number', () => {
  const same = { program: 'bash', folder: '/srv' }
  const seen = machine(
    [info(1), info(2), info(3, { name: 'mine' })],
    [status(1, 'idle', same), status(2, 'idle', same), status(3, 'idle', same)],
  )
  expect(needsOf([seen], never).map(({ title }) => title)).toEqual(['bash · srv', 'bash · srv 2', 'mine'])
})
