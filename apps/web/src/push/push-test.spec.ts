import { expect, it } from 'vitest'
import { isOver, type TestEvent, type TestLine, testAfter } from './push-test.ts'

const after = (...events: readonly TestEvent[]): readonly TestLine[] =>
  events.reduce<readonly TestLine[]>(testAfter, [])
const short = (lines: readonly TestLine[]) => lines.map(({ step, state }) => `${step} ${state}`)
const BEGUN: TestEvent = { type: 'begun' }
const SEALED: TestEvent = { type: 'step', step: { step: 'sealed' }, atMs: 1 }
const TAKEN: TestEvent = {
  type: 'step',
  step: { step: 'sent', outcome: 'taken', status: 201, tookMs: 310 },
  atMs: 2,
}

it('each step is done when it is true, and the next one is waited for', () => {
  expect(short(after(BEGUN))).toEqual(['sealed now'])
  expect(short(after(BEGUN, SEALED))).toEqual(['sealed done', 'sent now'])
  expect(short(after(BEGUN, SEALED, TAKEN))).toEqual(['sealed done', 'sent done', 'taken done', 'shown now'])
  const shown = after(BEGUN, SEALED, TAKEN, { type: 'shown', atMs: 9, tookMs: 1_200 })
  expect(short(shown).at(-1)).toBe('shown done')
  expect([isOver(shown), isOver(after(BEGUN, SEALED, TAKEN)), isOver([])]).toEqual([true, false, false])
})

it.each([
  ['gone', 410, 'taken'],
  ['gone', 404, 'taken'],
  ['too-large', 413, 'taken'],
  ['slow-down', 429, 'taken'],
  ['refused', 403, 'taken'],
  ['failing', 503, 'taken'],
  ['timeout', null, 'taken'],
  ['unreachable', null, 'taken'],
  ['not-public', null, 'sent'],
  ['limited', null, 'sent'],
  ['off', null, 'sent'],
  ['broker-too-old', null, 'sent'],
  ['broker-away', null, 'sent'],
] as const)('%s (%s) fails the step %s, and nothing after it is claimed', (outcome, status, step) => {
  const lines = after(BEGUN, SEALED, { type: 'step', step: { step: 'sent', outcome, status }, atMs: 3 })
  expect(lines.at(-1)).toMatchObject({ step, state: 'bad', why: outcome, status })
  expect(short(lines).filter((line) => line === 'sent done')).toHaveLength(step === 'taken' ? 1 : 0)
  expect(isOver(lines)).toBe(true)
})

it('a machine that knows no subscription fails the first step', () => {
  const lines = after(BEGUN, { type: 'step', step: { step: 'sent', outcome: 'not-subscribed' }, atMs: 1 })
  expect(short(lines)).toEqual(['sealed bad'])
})

it('a subscription that had ended is replaced, and the test runs once more', () => {
  const gone: TestEvent = { type: 'step', step: { step: 'sent', outcome: 'gone', status: 410 }, atMs: 2 }
  const lines = after(BEGUN, SEALED, gone, { type: 'anew' })
  expect(short(lines)).toEqual(['sealed done', 'sent done', 'taken bad', 'anew now'])
  expect(short(testAfter(lines, BEGUN))).toEqual(['sealed now'])
})

it('a lost connection, no machine and a banner that did not come are said where they happened', () => {
  expect(short(after(BEGUN, { type: 'failed', why: 'no-machine' }))).toEqual(['sealed bad'])
  expect(short(after(BEGUN, SEALED, { type: 'failed', why: 'lost' }))).toEqual(['sealed done', 'sent bad'])
  expect(short(after(BEGUN, SEALED, TAKEN, { type: 'failed', why: 'not-shown' })).at(-1)).toBe('shown bad')
})
