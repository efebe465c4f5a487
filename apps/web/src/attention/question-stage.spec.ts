import type { AskedQuestion, OwnAnswer, Proof } from '@latchkey/connection/app/question-feature'
import { expect, it } from 'vitest'
import { stageOf } from './question-stage.ts'

const answer = (choice: string, status: OwnAnswer['status'] = 'received'): OwnAnswer => ({
  choice,
  nonce: '0'.repeat(32),
  atMs: 5_000,
  status,
})
const proof = (step: Proof['step'], more: Partial<Proof> = {}): Proof => ({
  id: '1'.repeat(32),
  step,
  atMs: 6_000,
  ...more,
})
const asked = (more: Partial<AskedQuestion> = {}, question: Partial<AskedQuestion['question']> = {}) =>
  ({
    question: {
      id: '1'.repeat(32),
      terminal: 1,
      agent: 'codex',
      kind: 'command',
      title: '',
      text: 'npm test',
      files: [],
      choices: [
        { id: 'once', label: 'Allow once', covers: '', effect: 'allow' },
        { id: 'no', label: 'Decline', covers: '', effect: 'deny' },
        { id: 'stop', label: 'Stop', covers: '', effect: 'stop' },
      ],
      askedAtMs: 1_000,
      expiresAtMs: null,
      digest: 'd'.repeat(64),
      mayAnswer: true,
      ...question,
    },
    proofs: [],
    answer: null,
    isCurrent: true,
    status: 'asked',
    ...more,
  }) satisfies AskedQuestion

it('an open question says what can be done about it', () => {
  expect(stageOf(asked())).toEqual({ at: 'open', can: 'answer' })
  expect(stageOf(asked({}, { mayAnswer: false }))).toEqual({ at: 'open', can: 'look' })
  expect(stageOf(asked({}, { deskOnly: 'too long' }))).toEqual({ at: 'open', can: 'desk-only' })
  expect(stageOf(asked({ isCurrent: false }))).toEqual({ at: 'open', can: 'away' })
})

it('an answer is sending until a receipt, sent until a decision, and unsure without a link', () => {
  expect(stageOf(asked({ answer: answer('once', 'on-its-way') })).at).toBe('sending')
  expect(stageOf(asked({ answer: answer('once', 'on-its-way'), isCurrent: false })).at).toBe('unsure')
  expect(stageOf(asked({ answer: answer('once'), proofs: [proof('sent')] })).at).toBe('sent')
  expect(stageOf(asked({ answer: answer('once', 'not-sent'), isCurrent: false })).at).toBe('not-sent')
  // The machine asks again: so does the page.
  expect(stageOf(asked({ answer: answer('once', 'not-sent') })).at).toBe('open')
})

it('"done" is said only once it ran', () => {
  const here = proof('decided', { by: 'here', choice: 'once' })
  const own = { answer: answer('once') }
  expect(stageOf(asked({ ...own, proofs: [here] }))).toEqual({ at: 'running' })
  expect(stageOf(asked({ ...own, proofs: [here, proof('ran', { exit: 0 })] }))).toEqual({
    at: 'ran',
    exit: 0,
  })
  expect(stageOf(asked({ ...own, proofs: [here, proof('failed', { exit: 1 })] }))).toEqual({
    at: 'failed',
    exit: 1,
  })
  expect(stageOf(asked({ answer: answer('stop'), proofs: [proof('declined')] }))).toEqual({
    at: 'told-no',
    effect: 'stop',
  })
})

it('a reload forgets the tap, not who decided', () => {
  expect(stageOf(asked({ proofs: [proof('decided', { by: 'here', choice: 'once' })] }))).toEqual({
    at: 'running',
  })
})

it('an outcome that disagrees with the tap is never shown as its success', () => {
  const desk = proof('decided', { by: 'desk', choice: 'no' })
  for (const proofs of [
    [desk],
    [proof('declined')],
    [proof('decided', { by: 'here' }), proof('declined')],
    [proof('decided', { by: 'unknown' }), proof('refused', { why: 'ALREADY_DECIDED' }), proof('declined')],
  ])
    expect(stageOf(asked({ answer: answer('once'), proofs })).at).toBe('otherwise')
  expect(stageOf(asked({ answer: answer('no'), proofs: [proof('ran', { exit: 0 })] })).at).toBe('otherwise')
})

it('a desk that decided the same, or before any answer of here, is named', () => {
  const desk = proof('decided', { by: 'desk', choice: 'once' })
  expect(stageOf(asked({ answer: answer('once'), proofs: [desk] }))).toMatchObject({
    at: 'elsewhere',
    by: 'desk',
  })
  expect(stageOf(asked({ proofs: [desk, proof('ran', { exit: 0 })] }))).toEqual({
    at: 'elsewhere',
    by: 'desk',
    outcome: { is: 'ran', exit: 0 },
  })
  expect(stageOf(asked({ proofs: [proof('decided', { by: 'other-app' })] }))).toMatchObject({
    at: 'elsewhere',
    by: 'other-app',
    outcome: { is: 'unknown' },
  })
})

it('a refused answer, an end without a decision and a machine that forgot are told apart', () => {
  const refused = proof('refused', { why: 'EXPIRED' })
  expect(stageOf(asked({ answer: answer('once'), proofs: [refused] }))).toMatchObject({
    at: 'refused',
    why: 'EXPIRED',
  })
  expect(stageOf(asked({ status: 'over', proofs: [proof('over')] }))).toEqual({ at: 'over' })
  expect(stageOf(asked({ status: 'forgotten', isCurrent: false }))).toEqual({ at: 'forgotten', answer: null })
})
