import type { AskedQuestion } from '@latchkey/connection/app/question-feature'
import type { Words } from '../words/en.ts'
import type { MarkState } from './needs.ts'
import type { QuestionStage } from './question-stage.ts'

/** The heading of a question and the sentence below it. */
export interface StageWords {
  readonly title: string
  readonly text: string
  readonly mark: MarkState
}

/** The question itself: what its person is asked to decide. */
export function titleOfQuestion({ question }: AskedQuestion, { attention }: Words): string {
  const { titles } = attention.question
  return question.kind === 'edit' ? titles.edit(Math.max(1, question.files.length)) : titles[question.kind]
}

export function stageWords(
  stage: QuestionStage,
  asked: AskedQuestion,
  machine: string,
  words: Words,
): StageWords {
  const { stages, outcomes, refused, refusedTitle, refusedNothing } = words.attention
  const { agent } = asked.question
  const says = ([title, text]: readonly [string, string], mark: MarkState, more = ''): StageWords => ({
    title,
    text: `${text} ${more}`.trim(),
    mark,
  })
  const outcomeOf = ({ outcome }: Extract<QuestionStage, { readonly at: 'otherwise' | 'elsewhere' }>) =>
    outcome.is === 'ran' || outcome.is === 'failed'
      ? outcomes[outcome.is](outcome.exit)
      : outcomes[outcome.is]
  switch (stage.at) {
    case 'open':
      return { title: titleOfQuestion(asked, words), text: '', mark: 'needs-you' }
    case 'sending':
    case 'sent':
    case 'running':
      return says(stages[stage.at](machine), 'working')
    case 'unsure':
      return says(stages.unsure(machine), 'failed')
    case 'not-sent':
      return says(stages.notSent(machine), 'failed')
    case 'ran':
      return says(stages.ran(), 'done')
    case 'failed':
      return says(stages.failed(), 'failed')
    case 'told-no':
      return says(
        stage.effect === null
          ? stages.no(agent)
          : stage.effect === 'deny'
            ? stages.deny(agent)
            : stages.stop(agent),
        'done',
      )
    case 'otherwise':
      return says(stages.otherwise(machine), 'idle', outcomeOf(stage))
    case 'elsewhere':
      return says(
        stage.by === 'desk' ? stages.desk() : stage.by === 'other-app' ? stages.otherApp() : stages.decided(),
        'idle',
        outcomeOf(stage),
      )
    case 'refused':
      return says([refusedTitle, refused[stage.why]], 'failed', refusedNothing)
    case 'over':
      return says(stages.over(agent), 'idle')
    case 'forgotten':
      return says(
        stage.answer?.status === 'on-its-way' ? stages.forgottenAnswer(machine) : stages.forgotten(machine),
        'idle',
      )
  }
}
