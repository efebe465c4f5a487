import { BoundedMap } from '@latchkey/domain/bounded'
import type { AppMessage, RunnerMessage } from '@latchkey/protocol/terminal/messages'
import { type Asked, type Choice, questionOf, type ToldQuestion } from './question.ts'

export type Proof = Omit<Extract<RunnerMessage, { type: 'proof' }>, 'type'>
type Why = NonNullable<Proof['why']>
export type Answer = Omit<Extract<AppMessage, { type: 'answer' }>, 'type'>

/** A proof step for all apps, or for the one of this handle. `decider`: an app's handle, for `by`. */
export interface Told {
  readonly to: string | null
  readonly proof: Proof
  readonly decider?: string
}

/** More at once come from an agent that has lost its way; the desk answers them. */
export const OPEN_PER_TERMINAL_MAX = 8
export const OPEN_MAX = 64
/** A quick agent asks every second or two; a person answers no faster. */
export const ASKED_PER_MINUTE_MAX = 120
const MINUTE_MS = 60_000
/** So many questions that are over are remembered, to tell a late answer why it was not taken. */
const OVER_MAX = 256

/** Who took a decision, as far as the agent says. */
export type Decider = 'answer' | 'desk' | 'unknown'
export type Outcome =
  | { readonly outcome: 'ran' | 'failed'; readonly exit?: number }
  | { readonly outcome: 'declined' }

/** One question from its asking to its end. */
interface Entry {
  readonly question: ToldQuestion
  readonly binding: string
  state: State
  readonly proofs: Told[]
}

type State =
  | { readonly status: 'waiting' }
  /** the one answer was taken, on its way to the agent; `decided`: the agent has said so */
  | { readonly status: 'answered'; readonly answer: Taken; readonly decided: boolean }
  /** another decision was first; `late`: the answer that was on its way then */
  | { readonly status: 'decided'; readonly late: Taken | null; readonly toldOtherwise: boolean }

/** The one answer that a question takes. */
export interface Taken {
  readonly app: string
  readonly nonce: string
  readonly choice: Choice
}

export type AskedOutcome =
  | { readonly status: 'asked'; readonly question: ToldQuestion; readonly told: readonly Told[] }
  /** this request is open already */
  | { readonly status: 'known'; readonly question: ToldQuestion }
  | { readonly status: 'too-many' }
  | { readonly status: 'too-often' }

export type AnswerOutcome =
  | { readonly status: 'taken'; readonly question: ToldQuestion; readonly choice: Choice }
  /** the same answer again: what became of it so far */
  | { readonly status: 'again'; readonly told: readonly Told[] }
  | { readonly status: 'refused'; readonly told: readonly Told[] }

/**
 * The questions that agents ask, and the one answer that each takes. It decides; time and ids are given to it. An answer is
 * taken from an app or there is none: no time-out, no loss and no restart makes one.
 */
export class QuestionBook {
  readonly #open = new Map<string, Entry>()
  readonly #over = new BoundedMap<string, Why>(OVER_MAX)
  /** when the last questions of each terminal were asked */
  readonly #askedAtMs = new Map<number, number[]>()

  /** Open questions, the oldest first. */
  get open(): readonly ToldQuestion[] {
    return [...this.#open.values()].map(({ question }) => question)
  }

  /** The steps of an open question so far. */
  proofsOf(id: string): readonly Told[] {
    return this.#open.get(id)?.proofs ?? []
  }

  ask(asked: Asked, id: string, atMs: number): AskedOutcome {
    const known = [...this.#open.values()].find(({ binding }) => binding === asked.binding)
    if (known !== undefined) return { status: 'known', question: known.question }
    const ofTerminal = this.open.filter(({ terminal }) => terminal === asked.terminal)
    if (ofTerminal.length >= OPEN_PER_TERMINAL_MAX || this.#open.size >= OPEN_MAX)
      return { status: 'too-many' }
    if (this.#isTooOften(asked.terminal, atMs)) return { status: 'too-often' }
    const question = questionOf(asked, id, atMs)
    const entry: Entry = { question, binding: asked.binding, state: { status: 'waiting' }, proofs: [] }
    this.#open.set(id, entry)
    return { status: 'asked', question, told: tell(entry, { id, step: 'asked', atMs }) }
  }

  /** Each of these steps is told once; a question that is over has none. */
  step(id: string, step: 'pushed' | 'seen', atMs: number): readonly Told[] {
    const entry = this.#open.get(id)
    if (entry === undefined || entry.proofs.some(({ proof }) => proof.step === step)) return []
    return tell(entry, { id, step, atMs })
  }

  /** @param mayAnswer whether this app has the right, and sees the terminal */
  answer(app: string, mayAnswer: boolean, said: Answer, atMs: number): AnswerOutcome {
    const { id } = said
    const entry = this.#open.get(id)
    if (entry === undefined) return refused(app, id, this.#over.get(id) ?? 'UNKNOWN', atMs)
    const { question, state } = entry
    if (!mayAnswer || question.deskOnly !== undefined) return refused(app, id, 'NOT_ALLOWED', atMs)
    if (state.status === 'answered' && state.answer.app === app && state.answer.nonce === said.nonce)
      return { status: 'again', told: entry.proofs.map((told) => ({ ...told, to: app })) }
    if (state.status !== 'waiting') return refused(app, id, 'ALREADY_DECIDED', atMs)
    if (question.expiresAtMs !== null && atMs >= question.expiresAtMs)
      return refused(app, id, 'EXPIRED', atMs)
    const choice = question.choices.find((one) => one.id === said.choice)
    if (said.digest !== question.digest || choice === undefined) return refused(app, id, 'ALTERED', atMs)
    entry.state = { status: 'answered', answer: { app, nonce: said.nonce, choice }, decided: false }
    return { status: 'taken', question, choice }
  }

  /** The adapter gave the answer to the agent. */
  sent(id: string, atMs: number): readonly Told[] {
    const entry = this.#open.get(id)
    if (entry?.state.status !== 'answered') return []
    if (entry.proofs.some(({ proof }) => proof.step === 'sent')) return []
    return tell(entry, { id, step: 'sent', atMs, choice: entry.state.answer.choice.id })
  }

  /** The agent took a decision. `answer`: the one that was sent. */
  decided(id: string, decider: Decider, choice: string | undefined, atMs: number): readonly Told[] {
    const entry = this.#open.get(id)
    if (entry === undefined || isDecided(entry)) return []
    const { state } = entry
    const known = choice === undefined ? {} : { choice }
    if (decider !== 'desk' && state.status === 'answered') {
      const { answer } = state
      entry.state = { ...state, decided: true }
      if (decider === 'unknown') return tell(entry, { id, step: 'decided', atMs, by: 'unknown', ...known })
      return tell(entry, { id, step: 'decided', atMs, by: 'other-app', choice: answer.choice.id }, answer.app)
    }
    const by = decider === 'desk' ? 'desk' : 'unknown'
    return [...tell(entry, { id, step: 'decided', atMs, by, ...known }), ...this.#beaten(entry, choice, atMs)]
  }

  /** Another decision was first: tells the app whose answer was on its way, if there is one, whether it was the same. */
  #beaten(entry: Entry, choice: string | undefined, atMs: number, isOther?: boolean): readonly Told[] {
    const { question, state } = entry
    const late = state.status === 'answered' ? state.answer : null
    const effect = question.choices.find(({ id }) => id === choice)?.effect
    const differs = isOther ?? (effect !== undefined && late !== null && effect !== late.choice.effect)
    entry.state = { status: 'decided', late, toldOtherwise: differs }
    return late === null
      ? []
      : [notTaken(late, differs ? 'DECIDED_OTHERWISE' : 'ALREADY_DECIDED', question.id, atMs)]
  }

  /** What came of the request at the agent; the question is over. */
  ended(id: string, outcome: Outcome, atMs: number): readonly Told[] {
    const entry = this.#open.get(id)
    if (entry === undefined) return []
    const { outcome: step, ...exit } = outcome
    return [
      ...this.#settled(entry, step !== 'declined', atMs),
      ...tell(entry, { id, step, atMs, ...exit }),
      ...this.#end(entry, 'ALREADY_DECIDED', { id, step: 'over', atMs }),
    ]
  }

  /** The decision behind an outcome, where it was not told. An outcome against an answer proves that another one was first. */
  #settled(entry: Entry, isAllowed: boolean, atMs: number): readonly Told[] {
    const {
      state,
      question: { id },
    } = entry
    if (state.status === 'waiting') return this.decided(id, 'desk', undefined, atMs)
    const answer = state.status === 'answered' ? state.answer : state.late
    const disagrees = answer !== null && (answer.choice.effect === 'allow') !== isAllowed
    if (state.status === 'decided' || state.decided)
      return disagrees && !(state.status === 'decided' && state.toldOtherwise)
        ? [notTaken(answer, 'DECIDED_OTHERWISE', id, atMs)]
        : []
    if (!disagrees) return this.decided(id, 'unknown', undefined, atMs)
    return [
      ...tell(entry, { id, step: 'decided', atMs, by: 'desk' }),
      ...this.#beaten(entry, undefined, atMs, true),
    ]
  }

  /** The question is over without an outcome: withdrawn by its agent, or the agent has gone. */
  over(id: string, why: 'AGENT_GONE' | 'ALREADY_DECIDED' | 'EXPIRED', atMs: number): readonly Told[] {
    const entry = this.#open.get(id)
    if (entry === undefined) return []
    return this.#end(entry, why, { id, step: 'over', atMs, ...(why === 'ALREADY_DECIDED' ? {} : { why }) })
  }

  /** Ends the questions that had no answer in their time: the desk decides. */
  expire(atMs: number): readonly { readonly id: string; readonly told: readonly Told[] }[] {
    const due = [...this.#open.values()].filter(
      ({ question: { expiresAtMs }, state }) =>
        state.status === 'waiting' && expiresAtMs !== null && atMs >= expiresAtMs,
    )
    return due.map(({ question: { id } }) => ({ id, told: this.over(id, 'EXPIRED', atMs) }))
  }

  /** When `expire` has something to do next, epoch milliseconds. */
  get nextExpiryMs(): number | null {
    const ends = [...this.#open.values()].flatMap(({ question, state }) =>
      state.status === 'waiting' && question.expiresAtMs !== null ? [question.expiresAtMs] : [],
    )
    return ends.length === 0 ? null : Math.min(...ends)
  }

  #end(entry: Entry, why: Why, proof: Proof): readonly Told[] {
    const { id } = entry.question
    this.#open.delete(id)
    this.#over.set(id, why)
    return tell(entry, proof)
  }

  #isTooOften(terminal: number, atMs: number): boolean {
    const recent = (this.#askedAtMs.get(terminal) ?? []).filter((asked) => asked > atMs - MINUTE_MS)
    const tooOften = recent.length >= ASKED_PER_MINUTE_MAX
    this.#askedAtMs.set(terminal, tooOften ? recent : [...recent, atMs])
    if (this.#askedAtMs.size > OPEN_MAX)
      for (const [other, at] of this.#askedAtMs)
        if (at.every((asked) => asked <= atMs - MINUTE_MS)) this.#askedAtMs.delete(other)
    return tooOften
  }
}

const isDecided = ({ state }: Entry): boolean =>
  state.status === 'decided' || (state.status === 'answered' && state.decided)

function tell(entry: Entry, proof: Proof, decider?: string): readonly Told[] {
  const told: Told = { to: null, proof, ...(decider === undefined ? {} : { decider }) }
  entry.proofs.push(told)
  return [told]
}

const refused = (to: string, id: string, why: Why, atMs: number): AnswerOutcome => ({
  status: 'refused',
  told: [{ to, proof: { id, step: 'refused', atMs, why, message: SENTENCES[why] } }],
})

const notTaken = ({ app }: Taken, why: Why, id: string, atMs: number): Told => ({
  to: app,
  proof: { id, step: 'refused', atMs, why, message: SENTENCES[why] },
})

const SENTENCES: Readonly<Record<Why, string>> = {
  UNKNOWN: 'This machine has no such question. Look at the terminal.',
  EXPIRED: 'The time for an answer was over. The question is at the desk.',
  ALREADY_DECIDED: 'It was decided before. This answer changed nothing.',
  ALTERED: 'The answer does not fit the question. Read the question again.',
  NOT_ALLOWED: 'This app may not answer it. Its owner can allow it: latchkey rights APP approve',
  AMBIGUOUS: 'Two terminals fit this question. Answer it at the desk.',
  AGENT_GONE: 'The agent ended before it told. Look at the terminal.',
  DECIDED_OTHERWISE: 'The desk decided otherwise.',
}
