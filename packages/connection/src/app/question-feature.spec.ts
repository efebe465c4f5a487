import type { RunnerFeatureMessage } from '@latchkey/protocol/terminal/feature-messages'
import type { AppMessage } from '@latchkey/protocol/terminal/messages'
import { expect, it } from 'vitest'
import { handPlatform, settled } from '../hand-platform.fixture.ts'
import { voiceTo } from './feature-voice.fixture.ts'
import {
  FINISHED_MAX,
  PROOFS_MAX,
  type Proof,
  QUESTIONS_MAX,
  type Question,
  questionFeature,
  REPEATED_WITHIN_MS,
  RETOLD_WITHIN_MS,
} from './question-feature.ts'

const idOf = (number: number): string => number.toString(16).padStart(32, '0')
const question = (number: number, more: Partial<Question> = {}): RunnerFeatureMessage => ({
  type: 'question',
  id: idOf(number),
  terminal: 3,
  agent: 'codex',
  kind: 'command',
  title: 'run the test',
  text: 'npm test',
  files: [],
  choices: [
    { id: 'once', label: 'Allow once', covers: 'this command', effect: 'allow' },
    { id: 'no', label: 'Decline', covers: 'codex goes on', effect: 'deny' },
  ],
  askedAtMs: 1_000 + number,
  expiresAtMs: null,
  digest: 'd'.repeat(64),
  mayAnswer: true,
  ...more,
})
const proof = (number: number, step: Proof['step'], more: Partial<Proof> = {}): RunnerFeatureMessage => ({
  type: 'proof',
  id: idOf(number),
  step,
  atMs: 2_000,
  ...more,
})

function opened() {
  const hand = handPlatform()
  const feature = questionFeature(hand.platform)
  const said: AppMessage[] = []
  const open = () => feature.offered(voiceTo(said))
  open()
  const of = (number: number) =>
    feature.questions.current.find((each) => each.question.id === idOf(number)) ?? null
  return { ...hand, feature, said, open, of }
}

it('an answer is sent once, bound to what was asked, under a nonce of its own', () => {
  const { feature, said, of } = opened()
  feature.hear(question(1))
  expect(feature.answer(idOf(1), 'once')).toBe(true)
  expect(feature.answer(idOf(1), 'no')).toBe(false)
  expect(said).toEqual([
    { type: 'answer', id: idOf(1), digest: 'd'.repeat(64), choice: 'once', nonce: 'f'.repeat(32) },
  ])
  expect(of(1)?.answer?.status).toBe('on-its-way')
  feature.hear(proof(1, 'sent'))
  expect(of(1)?.answer?.status).toBe('received')
})

it('proofs are kept in the order in which they were told, each once', () => {
  const { feature, of } = opened()
  feature.hear(question(1))
  for (const step of ['asked', 'pushed', 'seen', 'sent', 'decided', 'ran'] as const) {
    feature.hear(proof(1, step))
    feature.hear(proof(1, step))
  }
  expect(of(1)?.proofs.map(({ step }) => step)).toEqual(['asked', 'pushed', 'seen', 'sent', 'decided', 'ran'])
  expect(of(1)?.status).toBe('over')
})

it('a refused answer leaves the question as it is', () => {
  const { feature, of } = opened()
  feature.hear(question(1))
  feature.hear(proof(1, 'refused', { why: 'ALTERED' }))
  expect(of(1)?.status).toBe('asked')
})

it('an answer that this app may not give, or that only the desk gives, is never sent', () => {
  const { feature, said } = opened()
  feature.hear(question(1, { mayAnswer: false }))
  feature.hear(question(2, { deskOnly: 'It is too long.' }))
  feature.hear(question(3))
  expect(feature.answer(idOf(1), 'once')).toBe(false)
  expect(feature.answer(idOf(2), 'once')).toBe(false)
  expect(feature.answer(idOf(3), 'always')).toBe(false)
  expect(feature.answer(idOf(4), 'once')).toBe(false)
  expect(said).toEqual([])
})

it('without a link an answer is not sent, and not kept to be sent later', () => {
  const { feature, said, open, of } = opened()
  feature.hear(question(1))
  feature.lost()
  expect(feature.answer(idOf(1), 'once')).toBe(false)
  expect(of(1)?.answer?.status).toBe('not-sent')
  open()
  feature.hear(question(1))
  expect(said).toEqual([])
  expect(feature.answer(idOf(1), 'once')).toBe(true)
})

it('a question of an earlier channel is not answered before the machine asks it again', () => {
  const { feature, said, open } = opened()
  feature.hear(question(1))
  feature.lost()
  open()
  expect(feature.answer(idOf(1), 'once')).toBe(false)
  expect(said).toEqual([])
})

it('an answer that lost its link is repeated under the same nonce when the link is back soon', () => {
  const { feature, said, open, state } = opened()
  feature.hear(question(1))
  feature.answer(idOf(1), 'once')
  feature.lost()
  state.nowMs += REPEATED_WITHIN_MS
  open()
  feature.hear(question(1))
  expect(said).toHaveLength(2)
  expect(said[1]).toEqual(said[0])
})

it('an answer that lost its link for longer is given up: its person is asked again', () => {
  const { feature, said, open, of, state } = opened()
  feature.hear(question(1))
  feature.answer(idOf(1), 'once')
  feature.lost()
  state.nowMs += REPEATED_WITHIN_MS + 1
  open()
  feature.hear(question(1))
  expect(said).toHaveLength(1)
  expect(of(1)).toMatchObject({ status: 'asked', answer: { status: 'not-sent' } })
})

it('an answer is not repeated to a question with another text', () => {
  const { feature, said, open, of } = opened()
  feature.hear(question(1))
  feature.answer(idOf(1), 'once')
  feature.lost()
  open()
  feature.hear(question(1, { text: 'rm -r .', digest: 'e'.repeat(64) }))
  expect(said).toHaveLength(1)
  expect(of(1)?.answer).toBe(null)
})

it('a machine that came back and does not ask any more is not waited for', async () => {
  const { feature, open, of, passes } = opened()
  feature.hear(question(1))
  feature.lost()
  open()
  feature.hear(question(2))
  await passes(RETOLD_WITHIN_MS)
  expect(of(1)?.status).toBe('forgotten')
  expect(of(2)?.status).toBe('asked')
})

it('a question is said to be seen once a channel', () => {
  const { feature, said, open } = opened()
  feature.seen(idOf(1))
  feature.hear(question(1))
  feature.seen(idOf(1))
  feature.seen(idOf(1))
  expect(said).toEqual([{ type: 'seen', id: idOf(1) }])
  feature.lost()
  open()
  feature.hear(question(1))
  feature.seen(idOf(1))
  expect(said).toHaveLength(2)
})

it('a flood of questions and proofs stays within its bounds', () => {
  const { feature, of } = opened()
  for (let number = 0; number < 3 * QUESTIONS_MAX; number++) feature.hear(question(number))
  expect(feature.questions.current).toHaveLength(QUESTIONS_MAX)
  const last = 3 * QUESTIONS_MAX - 1
  for (let atMs = 0; atMs < 3 * PROOFS_MAX; atMs++) feature.hear(proof(last, 'refused', { atMs }))
  expect(of(last)?.proofs).toHaveLength(PROOFS_MAX)
  for (let number = 2 * QUESTIONS_MAX; number < 3 * QUESTIONS_MAX; number++)
    feature.hear(proof(number, 'over'))
  expect(feature.questions.current).toHaveLength(FINISHED_MAX)
})

it('a guarded key is answered by its number, or by nothing when the link is lost', async () => {
  const { feature, said } = opened()
  const key = { terminal: 3, key: 'y', from: 1, to: 2, rows: 'a'.repeat(64) }
  const first = feature.typeGuarded(key)
  const second = feature.typeGuarded(key)
  expect(said.map((message) => (message.type === 'guardedKey' ? message.request : null))).toEqual([1, 2])
  feature.hear({ type: 'guarded', request: 2, typed: false, message: 'The screen moved on.' })
  expect(await second).toEqual({ typed: false, message: 'The screen moved on.' })
  feature.lost()
  await settled()
  expect(await first).toBe(null)
  expect(await feature.typeGuarded(key)).toBe(null)
})
