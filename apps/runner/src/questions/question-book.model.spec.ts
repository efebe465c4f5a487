import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Asked } from './question.ts'
import { type Decider, type Outcome, QuestionBook, type Told } from './question-book.ts'

const RUNS = Number(process.env['LATCHKEY_QUESTIONS'] ?? 300)

const asked = (binding: string, more: Partial<Asked> = {}): Asked => ({
  ...{ terminal: 1, agent: 'codex', kind: 'command', title: 'run a command', text: 'touch one' },
  ...{ files: [], lastsMs: 1_000, binding },
  choices: [
    { id: 'yes', label: 'Allow', covers: 'this command, once', effect: 'allow' },
    { id: 'no', label: 'Deny', covers: 'this command', effect: 'deny' },
  ],
  ...more,
})
const idOf = (at: number) => at.toString(16).padStart(32, '0')

type Command =
  | { readonly type: 'ask'; readonly question: number }
  | {
      readonly type: 'answer'
      readonly question: number
      readonly app: string
      readonly mayAnswer: boolean
      readonly choice: string
      readonly spoilt: boolean
      readonly nonce: number
    }
  | { readonly type: 'sent'; readonly question: number }
  | { readonly type: 'decided'; readonly question: number; readonly decider: Decider }
  | { readonly type: 'ended'; readonly question: number; readonly outcome: Outcome['outcome'] }
  | { readonly type: 'gone'; readonly question: number }
  | { readonly type: 'wait'; readonly ms: number }

const question = fc.nat(3)
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ type: fc.constant('ask' as const), question }),
  fc.record({
    ...{ type: fc.constant('answer' as const), question, app: fc.constantFrom('a', 'b') },
    ...{ mayAnswer: fc.boolean(), choice: fc.constantFrom('yes', 'no', 'ever'), spoilt: fc.boolean() },
    nonce: fc.nat(2),
  }),
  fc.record({ type: fc.constant('sent' as const), question }),
  fc.record({
    ...{ type: fc.constant('decided' as const), question },
    decider: fc.constantFrom<Decider>('answer', 'desk', 'unknown'),
  }),
  fc.record({
    ...{ type: fc.constant('ended' as const), question },
    outcome: fc.constantFrom<Outcome['outcome']>('ran', 'failed', 'declined'),
  }),
  fc.record({ type: fc.constant('gone' as const), question }),
  fc.record({ type: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 900 }) }),
)

/** A book under random commands, and every broken promise of it. */
class Played {
  readonly book = new QuestionBook()
  readonly broken: string[] = []
  readonly #taken = new Set<string>()
  readonly #over = new Set<string>()
  readonly #steps = new Set<string>()
  #nowMs = 1_000_000

  play(each: Command): void {
    if (each.type === 'wait') {
      this.#nowMs += each.ms
      for (const { told } of this.book.expire(this.#nowMs)) this.#hear(told)
      return
    }
    const id = idOf(each.question)
    switch (each.type) {
      case 'ask':
        return this.#ask(each.question, id)
      case 'answer':
        return this.#answer(each, id)
      case 'sent': {
        const told = this.book.sent(id, this.#nowMs)
        this.#promise(told.length === 0 || this.#taken.has(id), 'nothing is sent without an answer')
        return this.#hear(told)
      }
      case 'decided':
        return this.#hear(this.book.decided(id, each.decider, undefined, this.#nowMs))
      case 'ended':
        return this.#hear(this.book.ended(id, { outcome: each.outcome }, this.#nowMs))
      case 'gone':
        return this.#hear(this.book.over(id, 'AGENT_GONE', this.#nowMs))
    }
  }

  #ask(question: number, id: string): void {
    if (this.#over.has(id) || this.book.open.some((one) => one.id === id)) return
    const outcome = this.book.ask(asked(String(question)), id, this.#nowMs)
    if (outcome.status === 'asked') this.#hear(outcome.told)
  }

  #answer(said: Extract<Command, { type: 'answer' }>, id: string): void {
    const open = this.book.open.find((one) => one.id === id)
    const digest = said.spoilt ? 'f'.repeat(64) : (open?.digest ?? '0'.repeat(64))
    const answer = { id, digest, choice: said.choice, nonce: idOf(said.nonce) }
    const outcome = this.book.answer(said.app, said.mayAnswer, answer, this.#nowMs)
    if (outcome.status === 'refused')
      this.#promise(outcome.told[0]?.to === said.app, 'a refusal is for the app that answered')
    if (outcome.status !== 'taken') return
    this.#promise(!this.#taken.has(id), 'one answer')
    this.#promise(said.mayAnswer && !said.spoilt && said.choice !== 'ever', 'as it was asked')
    this.#promise((open?.expiresAtMs ?? 0) > this.#nowMs, 'in its time')
    this.#taken.add(id)
  }

  #hear(told: readonly Told[]): void {
    for (const { to, proof } of told) {
      if (to !== null) continue
      this.#promise(!this.#over.has(proof.id), 'no step follows the end')
      if (proof.step === 'over') this.#over.add(proof.id)
      this.#promise(!this.#steps.has(`${proof.id} ${proof.step}`), 'each step is told once')
      this.#steps.add(`${proof.id} ${proof.step}`)
    }
  }

  #promise(holds: boolean, words: string): void {
    if (!holds) this.broken.push(words)
  }
}

it('a question takes one answer at most, of an app that may give it, within its time and as it was asked', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      const played = new Played()
      for (const each of commands) played.play(each)
      expect(played.broken).toEqual([])
    }),
    { numRuns: RUNS },
  )
})
