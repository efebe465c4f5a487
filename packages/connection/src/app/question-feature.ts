import { hex } from '@latchkey/protocol/bytes'
import type { AppMessage, RunnerMessage } from '@latchkey/protocol/terminal/messages'
import { type Observable, type Subject, subject } from '../observable.ts'
import type { Cancel, Platform } from '../transport.ts'
import type { FeatureVoice, LinkFeature } from './link-feature.ts'
import { Requests } from './requests.ts'

export type Question = Omit<Extract<RunnerMessage, { readonly type: 'question' }>, 'type'>
export type Proof = Omit<Extract<RunnerMessage, { readonly type: 'proof' }>, 'type'>
export type GuardedKey = Omit<Extract<AppMessage, { readonly type: 'guardedKey' }>, 'type' | 'request'>

/** More than a person answers; bounds what a broken machine can make an app remember. */
export const QUESTIONS_MAX = 64
/** Questions that are over stay until so many newer ones are: a person may still read how they ended. */
export const FINISHED_MAX = 16
/** A question has ten steps; a few may be told of several answers. */
export const PROOFS_MAX = 32
/** An answer that waited longer for its link is not sent without its person, as with other input. */
export const REPEATED_WITHIN_MS = 10_000
/** A machine tells its open questions right after its welcome; one that is not among them by then is asked no more. */
export const RETOLD_WITHIN_MS = 5_000
const NONCE_BYTES = 16

/** An answer that was given here, and how far this app knows that it came. */
export interface OwnAnswer {
  readonly choice: string
  readonly nonce: string
  /** when it was given, by this app's clock */
  readonly atMs: number
  /**
   * `on-its-way`: handed to the link, no receipt yet. `received`: the machine has told of it. `not-sent`: there was no link, or
   * it was lost too long before a receipt; the answer is given up.
   */
  readonly status: 'on-its-way' | 'received' | 'not-sent'
}

/** A question of an agent, with all that is known of it. */
export interface AskedQuestion {
  readonly question: Question
  /** in the order in which they were told */
  readonly proofs: readonly Proof[]
  readonly answer: OwnAnswer | null
  /** Told on the channel that is open now: only such a question is answered. */
  readonly isCurrent: boolean
  /** `asked`: an answer may still count. `forgotten`: the machine came back and did not ask it any more. */
  readonly status: 'asked' | 'decided' | 'over' | 'forgotten'
}

/** The questions of one machine's agents. */
export interface QuestionFeature extends LinkFeature {
  /** Whether the machine of the open channel takes answers and guarded keys. */
  readonly isOffered: Observable<boolean>
  /** The oldest first. */
  readonly questions: Observable<readonly AskedQuestion[]>
  /** A person has this question before them. */
  seen(id: string): void
  /** Gives an answer, once. False when it was not sent: no link, or not to be answered; nothing is kept to be sent later. */
  answer(id: string, choice: string): boolean
  /** Asks the machine to type a key if its screen still shows the same rows; null when it did not answer. */
  typeGuarded(key: GuardedKey): Promise<{ readonly typed: boolean; readonly message: string } | null>
}

export const questionFeature = (platform: Platform): QuestionFeature => new Questions(platform)

class Questions implements QuestionFeature {
  readonly name = 'questions'
  readonly hears: LinkFeature['hears'] = new Set(['question', 'proof', 'guarded'])
  readonly isOffered: Subject<boolean> = subject(false)
  readonly questions: Subject<readonly AskedQuestion[]> = subject<readonly AskedQuestion[]>([])
  readonly #platform: Platform
  readonly #guarded: Requests<{ readonly typed: boolean; readonly message: string }>
  /** ids that were said to be seen on this channel */
  readonly #seen = new Set<string>()
  #voice: FeatureVoice | null = null
  #stopWaiting: Cancel = () => {}

  constructor(platform: Platform) {
    this.#platform = platform
    this.#guarded = new Requests(platform)
  }

  offered(voice: FeatureVoice): void {
    this.#voice = voice
    this.#seen.clear()
    this.#stopWaiting()
    this.#stopWaiting = this.#platform.after(RETOLD_WITHIN_MS, () => this.#forgetUntold())
    this.isOffered.set(true)
  }

  hear(message: Parameters<LinkFeature['hear']>[0]): void {
    if (message.type === 'question') {
      const { type: _, ...question } = message
      this.#hearQuestion(question)
    } else if (message.type === 'proof') {
      const { type: _, ...proof } = message
      this.#change(proof.id, (asked) => withProof(asked, proof))
    } else if (message.type === 'guarded')
      this.#guarded.answer(message.request, { typed: message.typed, message: message.message ?? '' })
  }

  lost(): void {
    this.#voice = null
    this.#stopWaiting()
    this.#guarded.abandon()
    this.isOffered.set(false)
    this.#set(this.questions.current.map((asked) => ({ ...asked, isCurrent: false })))
  }

  seen(id: string): void {
    const asked = this.#find(id)
    if (this.#voice === null || asked?.isCurrent !== true || this.#seen.has(id)) return
    this.#seen.add(id)
    this.#voice.say({ type: 'seen', id })
  }

  answer(id: string, choice: string): boolean {
    const asked = this.#find(id)
    if (asked === undefined || !isAnswerable(asked.question, choice) || asked.status !== 'asked') return false
    // A second tap while the first is under way is the same answer.
    if (asked.answer !== null && asked.answer.status !== 'not-sent') return false
    const goes = this.#voice !== null && asked.isCurrent
    const answer: OwnAnswer = {
      choice,
      nonce: hex(this.#platform.randomBytes(NONCE_BYTES)),
      atMs: this.#platform.nowMs(),
      status: goes ? 'on-its-way' : 'not-sent',
    }
    this.#change(id, (now) => ({ ...now, answer }))
    if (goes) this.#say(asked.question, answer)
    return goes
  }

  typeGuarded(key: GuardedKey) {
    return this.#guarded.ask((request) => {
      this.#voice?.say({ type: 'guardedKey', request, ...key })
      return this.#voice !== null
    })
  }

  #hearQuestion(question: Question): void {
    const known = this.#find(question.id)
    // Another text under the same id is another question: an answer to the first says nothing about it.
    const same = known !== undefined && known.question.digest === question.digest ? known : null
    const answer = same === null ? null : this.#afterReturn(same, question)
    const next: AskedQuestion = {
      question,
      proofs: same?.proofs ?? [],
      answer,
      isCurrent: true,
      status: same === null || same.status === 'forgotten' ? 'asked' : same.status,
    }
    const others = this.questions.current.filter((each) => each.question.id !== question.id)
    this.#set([...others, next].toSorted((a, b) => a.question.askedAtMs - b.question.askedAtMs))
  }

  /** The link is back and the machine still asks: a fresh answer without a receipt is repeated, an old one is given up. */
  #afterReturn({ answer, isCurrent, status }: AskedQuestion, question: Question): OwnAnswer | null {
    if (answer === null || isCurrent || status !== 'asked') return answer
    if (answer.status !== 'on-its-way') return answer
    if (this.#platform.nowMs() - answer.atMs > REPEATED_WITHIN_MS) return { ...answer, status: 'not-sent' }
    this.#say(question, answer)
    return answer
  }

  #say({ id, digest }: Question, { choice, nonce }: OwnAnswer): void {
    this.#voice?.say({ type: 'answer', id, digest, choice, nonce })
  }

  #forgetUntold(): void {
    this.#set(
      this.questions.current.map((asked) =>
        asked.isCurrent || asked.status !== 'asked' ? asked : { ...asked, status: 'forgotten' },
      ),
    )
  }

  #find(id: string): AskedQuestion | undefined {
    return this.questions.current.find((each) => each.question.id === id)
  }

  #change(id: string, change: (asked: AskedQuestion) => AskedQuestion): void {
    this.#set(this.questions.current.map((each) => (each.question.id === id ? change(each) : each)))
  }

  #set(questions: readonly AskedQuestion[]): void {
    const over = questions.filter((each) => each.status !== 'asked')
    const given = new Set(over.slice(0, Math.max(0, over.length - FINISHED_MAX)))
    this.questions.set(questions.filter((each) => !given.has(each)).slice(-QUESTIONS_MAX))
  }
}

const isAnswerable = (question: Question, choice: string): boolean =>
  question.mayAnswer && question.deskOnly === undefined && question.choices.some(({ id }) => id === choice)

function withProof(asked: AskedQuestion, proof: Proof): AskedQuestion {
  const known = asked.proofs.some(
    ({ step, atMs, why }) => step === proof.step && atMs === proof.atMs && why === proof.why,
  )
  if (known) return asked
  const proofs = [...asked.proofs, proof].slice(-PROOFS_MAX)
  const { answer } = asked
  const told = proof.step === 'sent' || proof.step === 'decided' || proof.step === 'refused'
  return {
    ...asked,
    proofs,
    answer:
      answer !== null && told && answer.status === 'on-its-way' ? { ...answer, status: 'received' } : answer,
    status: statusAfter(asked.status, proof),
  }
}

/** A refused answer decides nothing: the question goes on being asked. */
function statusAfter(status: AskedQuestion['status'], { step }: Proof): AskedQuestion['status'] {
  switch (step) {
    case 'asked':
    case 'pushed':
    case 'seen':
    case 'sent':
    case 'refused':
      return status
    case 'decided':
      return status === 'asked' || status === 'forgotten' ? 'decided' : status
    case 'ran':
    case 'declined':
    case 'failed':
    case 'over':
      return 'over'
  }
}
