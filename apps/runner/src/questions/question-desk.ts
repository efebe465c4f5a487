import type { AppFeatureMessage } from '@latchkey/protocol/terminal/feature-messages'
import type { AppFeature, ChannelFeature, FeatureApp } from '../channel/feature.ts'
import type { AuditEntry } from './audit-file.ts'
import type { GuardedKeys } from './guarded-keys.ts'
import type { Asked, Choice, ToldQuestion } from './question.ts'
import { type Decider, type Outcome, QuestionBook, type Told } from './question-book.ts'

/** An adapter's end of one question: how an answer reaches the agent. */
export interface AgentPort {
  /** Give this answer to the agent, then call `sent`. */
  answer(choice: Choice): void
  /** No answer will come: the desk decides. */
  withdrawn(): void
}

/** What an adapter says of its question from then on. */
export interface OpenQuestion {
  readonly id: string
  /** the answer was given to the agent */
  sent(): void
  /** the agent took a decision */
  decided(decider: Decider, choice?: string): void
  /** what came of it; the last word */
  ended(outcome: Outcome): void
  /** nothing more is known of it; the last word */
  over(why: 'AGENT_GONE' | 'ALREADY_DECIDED'): void
}

/** Hears of questions beside the apps, such as the sender of notifications. */
export interface QuestionListener {
  asked(question: ToldQuestion): void
  over(question: ToldQuestion): void
}

/** Shows that a terminal's agent waits for its person; null: no adapter says so any more. */
export type AdapterSays = (
  terminal: number,
  says: {
    readonly state: 'needs-you'
    readonly kind: 'permission'
    readonly program: string
    readonly message: string
  } | null,
) => void

export interface QuestionDeskOptions {
  readonly nowMs: () => number
  readonly randomBytes: (byteCount: number) => Uint8Array
  readonly keys: GuardedKeys
  readonly audit: (entry: AuditEntry) => void
  readonly adapterSays?: AdapterSays
}

export type DeskAnswer =
  | { readonly ok: true; readonly question: OpenQuestion }
  | { readonly ok: false; readonly message: string }

/** A timer takes no longer delay. */
const DELAY_MS_MAX = 2 ** 31 - 1

/** The feature `questions`: between the adapters of this machine and the apps that show and answer what agents ask. */
export class QuestionDesk implements ChannelFeature {
  readonly name = 'questions'
  readonly hears = new Set(['seen', 'answer', 'guardedKey'] as const)
  readonly streams: ChannelFeature['streams'] = new Set()
  readonly #options: QuestionDeskOptions
  readonly #book = new QuestionBook()
  readonly #apps = new Set<FeatureApp>()
  readonly #ports = new Map<string, AgentPort>()
  readonly #listeners = new Set<QuestionListener>()
  #timer: NodeJS.Timeout | null = null

  constructor(options: QuestionDeskOptions) {
    this.#options = options
  }

  get open(): readonly ToldQuestion[] {
    return this.#book.open
  }

  /** Ends when the returned function is called. */
  subscribe(listener: QuestionListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** A push service took a notification about this question. */
  pushed(id: string): void {
    this.#tell(this.#book.step(id, 'pushed', this.#options.nowMs()))
  }

  /** An adapter's question. `ok` is false when it is not shown to any app: the desk decides. */
  ask(asked: Asked, port: AgentPort): DeskAnswer {
    const { nowMs, randomBytes } = this.#options
    const id = Buffer.from(randomBytes(16)).toString('hex')
    const outcome = this.#book.ask(asked, id, nowMs())
    switch (outcome.status) {
      case 'known':
        return { ok: false, message: 'This question is open already.' }
      case 'too-many':
        return { ok: false, message: 'Too many questions of this terminal are open: the desk decides.' }
      case 'too-often':
        return { ok: false, message: 'This terminal asks too often: the desk decides.' }
      case 'asked': {
        const { question, told } = outcome
        this.#ports.set(id, port)
        for (const app of this.#apps) this.#show(app, question)
        this.#tell(told, question)
        for (const listener of this.#listeners) listener.asked(question)
        this.#mark(question.terminal)
        this.#wakeAtExpiry()
        return { ok: true, question: this.#opened(question) }
      }
    }
  }

  joined(app: FeatureApp): AppFeature {
    this.#apps.add(app)
    for (const question of this.#book.open) {
      if (app.terminal(question.terminal) === null) continue
      this.#show(app, question)
      for (const told of this.#book.proofsOf(question.id)) tellApp(app, told)
    }
    return {
      hear: (message) => this.#hear(app, message),
      left: () => void this.#apps.delete(app),
    }
  }

  /** Nothing is answered any more. An adapter that loses this runner asks the next one, or leaves its agent to the desk. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#ports.clear()
  }

  #hear(app: FeatureApp, message: AppFeatureMessage): void {
    if (message.type === 'answer') this.#answer(app, message)
    if (message.type === 'guardedKey') this.#options.keys.press(app, message)
    if (message.type !== 'seen') return
    const question = this.#book.open.find(({ id }) => id === message.id)
    if (question !== undefined && app.terminal(question.terminal) !== null)
      this.#tell(this.#book.step(message.id, 'seen', this.#options.nowMs()), question)
  }

  #answer(app: FeatureApp, message: Extract<AppFeatureMessage, { type: 'answer' }>): void {
    const { type: _, ...said } = message
    const asked = this.#book.open.find(({ id }) => id === said.id)
    const mayAnswer = app.mayApprove && (asked === undefined || app.terminal(asked.terminal) !== null)
    const outcome = this.#book.answer(app.app, mayAnswer, said, this.#options.nowMs())
    const { id } = said
    const who = { id, app: app.appId ?? app.app, label: app.label, choice: said.choice }
    if (outcome.status !== 'taken') {
      for (const told of outcome.told) tellApp(app, told)
      const why = outcome.told.at(-1)?.proof.why
      if (outcome.status === 'refused') this.#note({ what: 'answer-refused', ...who, ...(why && { why }) })
      return
    }
    this.#note({ what: 'answered', ...who })
    this.#ports.get(id)?.answer(outcome.choice)
  }

  #opened(question: ToldQuestion): OpenQuestion {
    const { id } = question
    const now = () => this.#options.nowMs()
    const over = (told: readonly Told[]) => {
      this.#tell(told, question)
      if (told.length > 0) this.#closed(question)
    }
    return {
      id,
      sent: () => this.#tell(this.#book.sent(id, now()), question),
      decided: (decider, choice) => this.#tell(this.#book.decided(id, decider, choice, now()), question),
      ended: (outcome) => over(this.#book.ended(id, outcome, now())),
      over: (why) => over(this.#book.over(id, why, now())),
    }
  }

  #closed(question: ToldQuestion): void {
    this.#ports.delete(question.id)
    for (const listener of this.#listeners) listener.over(question)
    this.#mark(question.terminal)
    this.#wakeAtExpiry()
  }

  #show(app: FeatureApp, question: ToldQuestion): void {
    if (app.terminal(question.terminal) === null) return
    const mayAnswer = app.mayApprove && question.deskOnly === undefined
    app.tell({ type: 'question', ...question, mayAnswer })
  }

  #tell(told: readonly Told[], question?: ToldQuestion): void {
    for (const one of told) {
      const about = question ?? this.#book.open.find(({ id }) => id === one.proof.id)
      for (const app of this.#apps)
        if (about !== undefined && app.terminal(about.terminal) !== null) tellApp(app, one)
      if (one.to === null) this.#noteStep(one, about)
    }
  }

  /** Tells the terminal's status that its oldest open question waits. */
  #mark(terminal: number): void {
    const waiting = this.#book.open.find((question) => question.terminal === terminal)
    const says = waiting && {
      ...({ state: 'needs-you', kind: 'permission' } as const),
      ...{ program: waiting.agent, message: waiting.title },
    }
    this.#options.adapterSays?.(terminal, says ?? null)
  }

  #wakeAtExpiry(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    const next = this.#book.nextExpiryMs
    if (next === null) return
    const delayMs = Math.min(Math.max(0, next - this.#options.nowMs()), DELAY_MS_MAX)
    this.#timer = setTimeout(() => this.#expire(), delayMs)
    this.#timer.unref()
  }

  #expire(): void {
    const open = new Map(this.#book.open.map((question) => [question.id, question]))
    for (const { id, told } of this.#book.expire(this.#options.nowMs())) {
      const question = open.get(id)
      const port = this.#ports.get(id)
      this.#tell(told, question)
      if (question !== undefined) this.#closed(question)
      port?.withdrawn()
    }
    this.#wakeAtExpiry()
  }

  #noteStep({ proof, decider }: Told, question: ToldQuestion | undefined): void {
    const { id, step, choice, exit, why, by } = proof
    if (step === 'asked' && question !== undefined) {
      const { terminal, agent, kind, digest } = question
      return this.#note({ what: 'asked', id, terminal, agent, kind, digest })
    }
    const more = { ...(choice && { choice }), ...(exit !== undefined && { exit }), ...(why && { why }) }
    this.#note({ what: step, id, ...(by && { by }), ...(decider && { app: decider }), ...more })
  }

  #note(entry: Omit<AuditEntry, 'atMs'>): void {
    this.#options.audit({ atMs: this.#options.nowMs(), ...entry })
  }
}

/** Every app hears that it was itself, if it was. */
function tellApp(app: FeatureApp, { to, proof, decider }: Told): void {
  if (to !== null && to !== app.app) return
  app.tell({ type: 'proof', ...proof, ...(decider === app.app ? { by: 'here' as const } : {}) })
}
