import type { AskedQuestion, Proof } from '@latchkey/connection/app/question-feature'
import { Icon } from '../parts/icon.tsx'
import type { Words } from '../words/en.ts'
import { useWords } from '../words/language.ts'
import { clockTimeExact } from '../words/times.ts'
import { ForeignText } from './foreign-text.tsx'
import type { QuestionStage } from './question-stage.ts'

interface ProofStep {
  readonly is: 'done' | 'now' | 'bad' | 'waiting'
  readonly title: string
  readonly text: string
  readonly atMs: number | null
}

/** The steps of a question: each is done by a receipt of the machine, none by hope. */
export function proofSteps(
  asked: AskedQuestion,
  stage: QuestionStage,
  machine: string,
  words: Words,
): readonly ProofStep[] {
  const { steps } = words.attention
  const { agent, askedAtMs } = asked.question
  const last = (step: Proof['step']) => asked.proofs.findLast((proof) => proof.step === step)
  const told = (step: Proof['step'], title: string, text = ''): readonly ProofStep[] => {
    const proof = last(step)
    return proof === undefined ? [] : [{ is: 'done', title, text: proof.message ?? text, atMs: proof.atMs }]
  }
  return [
    { is: 'done', title: steps.asked, text: steps.askedText(agent), atMs: askedAtMs },
    ...told('pushed', steps.pushed, steps.pushedText),
    ...told('seen', steps.seen, steps.seenText),
    ...sentSteps(asked, stage, machine, words),
    ...decidedSteps(asked, stage, machine, words),
    ...endSteps(stage, last, words),
    ...turnedSteps(asked, words),
  ]
}

/** An answer of here that was not taken comes last: something else came first. */
function turnedSteps(
  { proofs }: AskedQuestion,
  { attention: { steps, refused } }: Words,
): readonly ProofStep[] {
  const turned = proofs.findLast(({ step }) => step === 'refused')
  if (turned === undefined) return []
  const text = turned.why === undefined ? '' : refused[turned.why]
  return [{ is: 'bad', title: steps.second, text, atMs: turned.atMs }]
}

function sentSteps(
  asked: AskedQuestion,
  stage: QuestionStage,
  machine: string,
  { attention: { steps } }: Words,
): readonly ProofStep[] {
  const sent = asked.proofs.findLast(({ step }) => step === 'sent')
  const answeredAtMs = asked.answer?.atMs ?? null
  const one = (is: ProofStep['is'], title: string, text: string, atMs: number | null): ProofStep => ({
    is,
    title,
    text,
    atMs,
  })
  if (stage.at === 'not-sent') return [one('bad', steps.notSent, '', answeredAtMs)]
  if (stage.at === 'sending') return [one('now', steps.sending, '', null)]
  if (stage.at === 'unsure') return [one('bad', steps.notConfirmed, '', answeredAtMs)]
  return sent === undefined ? [] : [one('done', steps.sent, steps.sentText(machine), sent.atMs)]
}

function decidedSteps(
  { proofs, question }: AskedQuestion,
  stage: QuestionStage,
  machine: string,
  { attention: { steps } }: Words,
): readonly ProofStep[] {
  const decided = proofs.findLast(({ step }) => step === 'decided')
  if (decided !== undefined) {
    const choice = question.choices.find(({ id }) => id === decided.choice)?.label ?? ''
    const title = { here: steps.decidedHere, desk: steps.decidedDesk, 'other-app': steps.decidedOther }
    const by = decided.by === undefined || decided.by === 'unknown' ? steps.decided : title[decided.by]
    return [{ is: 'done', title: by, text: decided.message ?? choice, atMs: decided.atMs }]
  }
  switch (stage.at) {
    case 'sent':
      return [{ is: 'now', title: steps.deciding, text: steps.decidingText(machine), atMs: null }]
    case 'open':
    case 'not-sent':
    case 'sending':
    case 'unsure':
      return [{ is: 'waiting', title: steps.decided, text: '', atMs: null }]
    case 'refused':
    case 'running':
    case 'ran':
    case 'failed':
    case 'told-no':
    case 'otherwise':
    case 'elsewhere':
    case 'over':
    case 'forgotten':
      return []
  }
}

function endSteps(
  stage: QuestionStage,
  last: (step: Proof['step']) => Proof | undefined,
  { attention: { steps } }: Words,
): readonly ProofStep[] {
  const [ran, failed, declined, over] = [last('ran'), last('failed'), last('declined'), last('over')]
  const end = ran ?? failed
  if (end !== undefined) {
    const title =
      end.exit === undefined ? (end === failed ? steps.failed : steps.ran) : steps.ranExit(end.exit)
    return [{ is: end === failed ? 'bad' : 'done', title, text: end.message ?? '', atMs: end.atMs }]
  }
  if (declined !== undefined)
    return [{ is: 'done', title: steps.declined, text: declined.message ?? '', atMs: declined.atMs }]
  if (stage.at === 'running') return [{ is: 'now', title: steps.running, text: '', atMs: null }]
  if (over !== undefined)
    return [{ is: 'done', title: steps.over, text: over.message ?? '', atMs: over.atMs }]
  const waits = ['open', 'not-sent', 'sending', 'unsure', 'sent'].includes(stage.at)
  return waits ? [{ is: 'waiting', title: steps.ran, text: '', atMs: null }] : []
}

/** The steps as a list; a screen reader is told of each as it becomes true. */
export function ProofSteps(props: {
  readonly asked: AskedQuestion
  readonly stage: QuestionStage
  readonly machine: string
}) {
  const words = useWords()
  const steps = proofSteps(props.asked, props.stage, props.machine, words)
  return (
    <ol class="steps times" aria-live="polite" aria-label={words.attention.steps.list}>
      {steps.map(({ is, title, text, atMs }, at) => (
        <li
          key={at}
          class={is === 'waiting' ? '' : is}
          {...(is === 'now' ? { 'aria-current': 'step' as const } : {})}
        >
          <span class="n">
            {is === 'done' ? (
              <Icon name="check" small />
            ) : is === 'bad' ? (
              <Icon name="cross" small />
            ) : (
              at + 1
            )}
          </span>
          <div class="b">
            <b>{title}</b>
            <ForeignText text={text} />
          </div>
          {atMs === null ? null : <time>{clockTimeExact(atMs, words)}</time>}
        </li>
      ))}
    </ol>
  )
}
