import type { AskedQuestion, OwnAnswer, Proof } from '@latchkey/connection/app/question-feature'

type Effect = 'allow' | 'deny' | 'stop'
type Refusal = NonNullable<Proof['why']>

/** How a question stands for the person before it. Only receipts move it on. */
export type QuestionStage =
  /** it waits for an answer; `away`: there is no link, so none can be given */
  | { readonly at: 'open'; readonly can: 'answer' | 'look' | 'desk-only' | 'away' }
  | { readonly at: 'not-sent'; readonly answer: OwnAnswer }
  /** handed to the link; `unsure`: the link was lost before a receipt */
  | { readonly at: 'sending' | 'unsure' | 'sent'; readonly answer: OwnAnswer }
  | { readonly at: 'refused'; readonly why: Refusal; readonly answer: OwnAnswer | null }
  | { readonly at: 'running' }
  | { readonly at: 'ran' | 'failed'; readonly exit: number | null }
  | { readonly at: 'told-no'; readonly effect: 'deny' | 'stop' | null }
  /** decided elsewhere, and an answer of here said otherwise */
  | { readonly at: 'otherwise'; readonly answer: OwnAnswer; readonly outcome: Outcome }
  | { readonly at: 'elsewhere'; readonly by: Exclude<Proof['by'], undefined>; readonly outcome: Outcome }
  /** it ended without a decision */
  | { readonly at: 'over' }
  /** the machine came back and does not ask it any more */
  | { readonly at: 'forgotten'; readonly answer: OwnAnswer | null }

/** What became of the thing that was asked about. */
export type Outcome =
  | { readonly is: 'allowed' | 'denied' | 'unknown' }
  | { readonly is: 'ran' | 'failed'; readonly exit: number | null }

export function stageOf(asked: AskedQuestion): QuestionStage {
  const { proofs, question, status } = asked
  const last = (step: Proof['step']) => proofs.findLast((proof) => proof.step === step)
  const decided = last('decided')
  const outcome = outcomeOf(asked, decided)
  const answer = asked.answer === null || asked.answer.status === 'not-sent' ? null : asked.answer
  const refused = last('refused')
  if (decided !== undefined || outcome.is !== 'unknown') {
    const own = effectOf(asked, answer?.choice)
    const by = decided?.by ?? 'unknown'
    const elsewhere = by === 'desk' || by === 'other-app' || refused !== undefined
    if (answer !== null && own !== null && !agree(own, outcome)) return { at: 'otherwise', answer, outcome }
    if (elsewhere || (answer === null && by !== 'here')) return { at: 'elsewhere', by, outcome }
    return decidedHere(own ?? effectOf(asked, decided?.choice), outcome)
  }
  if (status === 'forgotten') return { at: 'forgotten', answer: asked.answer }
  if (refused?.why !== undefined) return { at: 'refused', why: refused.why, answer }
  if (status === 'over') return { at: 'over' }
  if (answer !== null) {
    const at = answer.status === 'received' ? 'sent' : asked.isCurrent ? 'sending' : 'unsure'
    return { at, answer }
  }
  if (!asked.isCurrent)
    return asked.answer === null ? { at: 'open', can: 'away' } : { at: 'not-sent', answer: asked.answer }
  if (question.deskOnly !== undefined) return { at: 'open', can: 'desk-only' }
  return { at: 'open', can: question.mayAnswer ? 'answer' : 'look' }
}

function decidedHere(effect: Effect | null, outcome: Outcome): QuestionStage {
  switch (outcome.is) {
    case 'ran':
    case 'failed':
      return { at: outcome.is, exit: outcome.exit }
    case 'denied':
      return { at: 'told-no', effect: effect === 'allow' ? null : effect }
    case 'allowed':
    case 'unknown':
      return effect === 'deny' || effect === 'stop' ? { at: 'told-no', effect } : { at: 'running' }
  }
}

/** Whether an answer with this effect fits the outcome; one that is not known yet contradicts nothing. */
const agree = (effect: Effect, { is }: Outcome): boolean =>
  is === 'unknown' || (effect === 'allow') === (is !== 'denied')

function outcomeOf(asked: AskedQuestion, decided: Proof | undefined): Outcome {
  for (const { step, exit = null } of asked.proofs.toReversed()) {
    if (step === 'ran' || step === 'failed') return { is: step, exit }
    if (step === 'declined') return { is: 'denied' }
  }
  const effect = effectOf(asked, decided?.choice)
  return { is: effect === null ? 'unknown' : effect === 'allow' ? 'allowed' : 'denied' }
}

const effectOf = ({ question }: AskedQuestion, choice: string | undefined): Effect | null =>
  question.choices.find(({ id }) => id === choice)?.effect ?? null
