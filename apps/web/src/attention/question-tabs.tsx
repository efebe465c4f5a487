import type { AskedQuestion } from '@latchkey/connection/app/question-feature'
import { stayAs } from '../places.ts'
import { useClock } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { Parts } from './foreign-text.tsx'
import { nameOfNeed } from './need-row.tsx'
import type { Need } from './needs.ts'
import { shownText } from './shown-text.ts'
import { roughSpan } from './times-left.ts'

interface Waiting {
  readonly need: Need
  readonly asked: AskedQuestion
}

/** Several questions that wait, all in sight: each with its terminal, its first line and its time. */
export function QuestionTabs({
  waiting,
  chosen,
}: {
  readonly waiting: readonly Waiting[]
  readonly chosen: string
}) {
  const text = useWords()
  const words = text.attention.question
  const nowMs = useClock(1_000, true)
  const show = ({ need, asked }: Waiting) =>
    stayAs({
      page: 'terminal',
      runnerId: need.runnerId,
      terminal: need.terminal,
      question: asked.question.id,
    })
  return (
    <div class="qtabs" role="group" aria-label={words.waiting(waiting.length)}>
      {waiting.map((each) => {
        const { need, asked } = each
        const { question } = asked
        const leftMs = (question.expiresAtMs ?? 0) - nowMs
        const [first = []] = shownText(question.files[0] ?? question.text).lines
        return (
          <button
            key={question.id}
            type="button"
            aria-pressed={question.id === chosen}
            onClick={() => question.id !== chosen && show(each)}
          >
            <b class="trunc">
              {question.agent} · {nameOfNeed(need, text.term.unnamed)} · {need.machine}
            </b>
            <span class="num">{leftMs > 0 ? text.attention.left(roughSpan(leftMs, text)) : ''}</span>
            <code class="trunc">
              <Parts parts={first} />
            </code>
          </button>
        )
      })}
    </div>
  )
}
