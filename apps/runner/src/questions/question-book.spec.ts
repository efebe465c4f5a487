import { runnerMessage } from '@latchkey/protocol/terminal/messages'
import { expect, it } from 'vitest'
import { type Asked, TOO_LONG } from './question.ts'
import { ASKED_PER_MINUTE_MAX, OPEN_PER_TERMINAL_MAX, QuestionBook } from './question-book.ts'

const ID = 'ab'.repeat(16)
const NONCE = 'cd'.repeat(16)
const yes = { id: 'yes', label: 'Allow', covers: 'this command, once', effect: 'allow' } as const
const no = { id: 'no', label: 'Deny', covers: 'this command', effect: 'deny' } as const
const asked = (more: Partial<Asked> = {}): Asked => ({
  ...{ terminal: 1, agent: 'codex', kind: 'command', title: 'run', text: 'touch one', files: [] },
  ...{ choices: [yes, no], lastsMs: null, binding: 'call-1' },
  ...more,
})
const idOf = (at: number) => at.toString(16).padStart(32, '0')

function open(more: Partial<Asked> = {}) {
  const book = new QuestionBook()
  const outcome = book.ask(asked(more), ID, 1)
  if (outcome.status !== 'asked') throw new Error(outcome.status)
  const { question } = outcome
  const say = (choice: string, who: { app?: string; nonce?: string; digest?: string } = {}, atMs = 2) =>
    book.answer(
      who.app ?? 'phone',
      true,
      { id: ID, digest: who.digest ?? question.digest, choice, nonce: who.nonce ?? NONCE },
      atMs,
    )
  return { book, question, say }
}
const why = (outcome: ReturnType<QuestionBook['answer']>) =>
  outcome.status === 'refused' ? outcome.told[0]?.proof.why : outcome.status

it('an answer to a question that is not known, is over, is decided, or was changed is refused with its reason', () => {
  const { book, say } = open({ lastsMs: 100 })
  expect(why(book.answer('phone', true, { id: idOf(9), digest: '', choice: 'yes', nonce: NONCE }, 2))).toBe(
    'UNKNOWN',
  )
  expect(why(book.answer('phone', false, { id: ID, digest: '', choice: 'yes', nonce: NONCE }, 2))).toBe(
    'NOT_ALLOWED',
  )
  expect(why(say('yes', { digest: 'f'.repeat(64) }))).toBe('ALTERED')
  expect(why(say('always'))).toBe('ALTERED')
  expect(why(say('yes', {}, 101))).toBe('EXPIRED')
  expect(why(say('yes'))).toBe('taken')
  expect(why(say('no', { app: 'tablet' }))).toBe('ALREADY_DECIDED')
  expect(why(say('no', { nonce: idOf(7) }))).toBe('ALREADY_DECIDED')
})

it('the same answer that arrives twice counts once, and tells again what became of it', () => {
  const { book, say } = open()
  expect(say('yes')).toMatchObject({ status: 'taken', choice: yes })
  book.sent(ID, 3)
  expect(say('yes')).toMatchObject({
    status: 'again',
    told: [{ proof: { step: 'asked' } }, { to: 'phone', proof: { step: 'sent' } }],
  })
})

it('an outcome against the answer is told as the desk’s decision, and the app hears that it was otherwise', () => {
  const { book, say } = open()
  say('yes')
  book.sent(ID, 3)
  const told = book.ended(ID, { outcome: 'declined' }, 4)
  expect(told.map(({ to, proof: { step, by, why } }) => [to, step, by ?? why])).toEqual([
    [null, 'decided', 'desk'],
    ['phone', 'refused', 'DECIDED_OTHERWISE'],
    [null, 'declined', undefined],
    [null, 'over', undefined],
  ])
})

it('a desk that decided the same first is told as that, and not as a contradiction', () => {
  const { book, say } = open()
  say('yes')
  const told = [...book.decided(ID, 'desk', 'yes', 3), ...book.ended(ID, { outcome: 'ran', exit: 0 }, 4)]
  expect(told.map(({ proof: { step, by, why } }) => [step, by ?? why])).toEqual([
    ['decided', 'desk'],
    ['refused', 'ALREADY_DECIDED'],
    ['ran', undefined],
    ['over', undefined],
  ])
})

it('what was asked is shown whole: control characters can be seen, and no two requests look alike', () => {
  const { question } = open({ text: 'rm x\u001b[2K\u202e\r\necho\tb', folder: '/a\nb' })
  expect(question.text).toBe('rm x␛[2K⟨U+202E⟩␍\necho\tb')
  expect(question.folder).toBe('/a␊b')
  const other = open({ text: 'rm x␛[2K⟨U+202E⟩␍\necho\tb', folder: '/a\nb' })
  expect(other.question.text).toBe(question.text)
  expect(other.question.digest).not.toBe(question.digest)
  expect(open({ binding: 'call-2' }).question.digest).not.toBe(open().question.digest)
})

it('a question that is too long for an app is for the desk alone, and fits the wire', () => {
  for (const long of [
    { text: 'x'.repeat(1_000_000) },
    { text: '漢'.repeat(11_000), diff: '漢'.repeat(11_000) },
    { files: Array<string>(33).fill('a') },
  ]) {
    const { question, say } = open(long)
    expect(question).toMatchObject({ deskOnly: TOO_LONG, choices: [] })
    expect(why(say('yes'))).toBe('NOT_ALLOWED')
    const message = { type: 'question', ...question, mayAnswer: false }
    expect(runnerMessage.safeParse(message).success).toBe(true)
    expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(0xffff)
  }
})

it('more questions than a person can answer are left to the desk', () => {
  const book = new QuestionBook()
  for (let at = 0; at < OPEN_PER_TERMINAL_MAX; at++)
    expect(book.ask(asked({ binding: String(at) }), idOf(at), at).status).toBe('asked')
  expect(book.ask(asked({ binding: 'more' }), idOf(99), 99).status).toBe('too-many')
  expect(book.ask(asked({ binding: '0' }), idOf(99), 99).status, 'asked again').toBe('known')
  let wasAsked = 0
  for (let at = 0; at < 10_000; at++) {
    const outcome = book.ask(asked({ terminal: 2, binding: `f${at}` }), idOf(1_000 + at), at * 6)
    if (outcome.status !== 'asked') continue
    wasAsked += 1
    book.over(outcome.question.id, 'ALREADY_DECIDED', at * 6)
  }
  expect(wasAsked, '10,000 in a minute').toBe(ASKED_PER_MINUTE_MAX)
})

it('a question without an answer in its time is over, and no choice was made', () => {
  const { book } = open({ lastsMs: 100 })
  expect(book.nextExpiryMs).toBe(101)
  expect(book.expire(100)).toEqual([])
  const [expired] = book.expire(101)
  expect(expired?.told.map(({ proof }) => [proof.step, proof.why])).toEqual([['over', 'EXPIRED']])
  expect(book.open).toEqual([])
})
