import type { AskedQuestion, OwnAnswer, Proof } from '@latchkey/connection/app/question-feature'
import { expect, it } from 'vitest'
import { en } from '../words/en.ts'
import { proofSteps } from './proof-steps.tsx'
import { stageOf } from './question-stage.ts'

const id = '1'.repeat(32)
const proof = (step: Proof['step'], more: Partial<Proof> = {}): Proof => ({ id, step, atMs: 6_000, ...more })
const answer = (status: OwnAnswer['status']): OwnAnswer => ({
  choice: 'once',
  nonce: id,
  atMs: 5_000,
  status,
})

function shown(proofs: readonly Proof[], own: OwnAnswer | null, isCurrent = true) {
  const asked: AskedQuestion = {
    question: {
      ...{ id, terminal: 1, agent: 'codex', kind: 'command', title: '', text: 'npm test', files: [] },
      choices: [{ id: 'once', label: 'Allow once', covers: '', effect: 'allow' }],
      ...{ askedAtMs: 1_000, expiresAtMs: null, digest: '', mayAnswer: true },
    },
    proofs,
    answer: own,
    isCurrent,
    status: 'asked',
  }
  return proofSteps(asked, stageOf(asked), 'attic', en).map(({ is, title }) => `${is}: ${title}`)
}

it('a step is done by its receipt alone; the next one is named, and those after it wait', () => {
  expect(shown([proof('asked'), proof('seen')], answer('on-its-way'))).toEqual([
    'done: Asked',
    'done: Seen',
    'now: On its way',
    'waiting: Decided',
    'waiting: Ran',
  ])
  expect(shown([proof('sent')], answer('received'))).toEqual([
    'done: Asked',
    'done: Sent',
    'now: Being decided',
    'waiting: Ran',
  ])
  const decided = [proof('sent'), proof('decided', { by: 'here', choice: 'once' })]
  expect(shown(decided, answer('received')).slice(2)).toEqual(['done: Decided here', 'now: Not finished yet'])
  expect(shown([...decided, proof('failed', { exit: 2 })], answer('received')).slice(2)).toEqual([
    'done: Decided here',
    'bad: Ran, exit 2',
  ])
})

it('an answer that was not sent, or came second, is shown as that', () => {
  expect(shown([], answer('not-sent'), false)[1]).toBe('bad: Not sent')
  expect(shown([], answer('on-its-way'), false)[1]).toBe('bad: Not confirmed')
  expect(
    shown(
      [proof('decided', { by: 'desk' }), proof('refused', { why: 'ALREADY_DECIDED' }), proof('declined')],
      answer('received'),
    ),
  ).toEqual(['done: Asked', 'done: Decided at the desk', 'done: Declined', 'bad: Your answer was not taken'])
})
