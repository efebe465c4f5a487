import type { AskedQuestion, Question } from '@latchkey/connection/app/question-feature'
import { printable } from '@latchkey/protocol/printable'
import { useEffect, useState } from 'preact/hooks'
import type { OpenLink } from '../link/open-links.ts'
import { useObservable } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { needs } from './attention.ts'
import { AnswerTime, Choices } from './choices.tsx'
import { nameOfNeed } from './need-row.tsx'
import { stageOf } from './question-stage.ts'
import { Aftermath, WholeQuestion, WhyNot } from './question-view.tsx'
import { stageWords } from './stage-words.ts'

const FOLDER_CHARS_MAX = 1_024

/** The parts of a question, for a sheet or a column: its heading, its body, its choices. */
export function useQuestion(props: {
  readonly open: OpenLink
  readonly runnerId: string
  readonly asked: AskedQuestion
  readonly machine: string
}) {
  const text = useWords()
  const { open, runnerId, asked, machine } = props
  const { question } = asked
  const [wholeOf, setWholeOf] = useState<string | null>(null)
  const stage = stageOf(asked)
  const { title, mark, text: said } = stageWords(stage, asked, machine, text)
  const at = usePlaceName(runnerId, question)
  useSeen(open, asked)
  return {
    stage,
    title,
    mark,
    who: text.attention.question.who(printable(question.agent), at, machine),
    body:
      stage.at === 'open' ? (
        <>
          <WholeQuestion
            key={question.digest}
            asked={asked}
            machine={machine}
            onWhole={() => setWholeOf(question.digest)}
          />
          <WhyNot stage={stage} asked={asked} machine={machine} />
        </>
      ) : (
        <Aftermath asked={asked} stage={stage} machine={machine} said={said} />
      ),
    choices: (
      <>
        <Choices
          key={question.digest}
          question={question}
          isWhole={wholeOf === question.digest}
          onChoose={(choice) => void open.questions.answer(question.id, choice)}
        />
        <AnswerTime question={question} />
      </>
    ),
  }
}

/** Tells the machine that a person has the question before them, once the page is in sight. */
function useSeen({ questions }: OpenLink, { question, isCurrent }: AskedQuestion): void {
  useEffect(() => {
    const see = () => {
      if (!document.hidden) questions.seen(question.id)
    }
    see()
    document.addEventListener('visibilitychange', see)
    return () => document.removeEventListener('visibilitychange', see)
  }, [questions, question.id, isCurrent])
}

/** Where the question is asked, in a word: its folder, else the terminal's name unless that is the agent's own. */
function usePlaceName(runnerId: string, { agent, terminal, folder }: Question): string | null {
  const text = useWords()
  const need = useObservable(needs).find((each) => each.runnerId === runnerId && each.terminal === terminal)
  const last = printable(folder ?? '', FOLDER_CHARS_MAX)
    .split('/')
    .findLast((part) => part !== '')
  if (last !== undefined) return last
  const name = need === undefined ? text.term.unnamed(terminal) : nameOfNeed(need, text.term.unnamed)
  return name === agent ? null : name
}
