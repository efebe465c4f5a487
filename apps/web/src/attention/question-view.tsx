import type { AskedQuestion } from '@latchkey/connection/app/question-feature'
import { printable } from '@latchkey/protocol/printable'
import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'
import { Icon } from '../parts/icon.tsx'
import { useWords } from '../words/language.ts'
import { clockTimeExact } from '../words/times.ts'
import { ForeignText, Summary } from './foreign-text.tsx'
import { ProofSteps } from './proof-steps.tsx'
import type { QuestionStage } from './question-stage.ts'
import { shownText } from './shown-text.ts'
import { type FileDiff, fileDiffs } from './unified-diff.ts'
import { CommandBox, DiffBox } from './whole-box.tsx'

const TITLE_CHARS_MAX = 256

/** All that is asked: where, in the agent's words, the whole text or change. `onWhole`: all of it was on the screen. */
export function WholeQuestion(props: {
  readonly asked: AskedQuestion
  readonly machine: string
  readonly onWhole: () => void
}) {
  const text = useWords()
  const words = text.attention.question
  const { question } = props.asked
  const files = question.diff === undefined ? null : fileDiffs(question.diff)
  const texts = textsOf(props.asked, files)
  const boxCount = texts.length + (files?.length ?? 0)
  const seen = useRef(new Set<number>())
  const see = (box: number) => {
    seen.current.add(box)
    if (seen.current.size === boxCount) props.onWhole()
  }
  const title = printable(question.title, TITLE_CHARS_MAX)
  return (
    <>
      <dl class="where">
        {question.folder === undefined ? null : (
          <div>
            <dt>{words.folder}</dt>
            <dd class="mono">
              <ForeignText text={question.folder} />
            </dd>
          </div>
        )}
        <div>
          <dt>{words.asked}</dt>
          <dd class="num">{clockTimeExact(question.askedAtMs, text)}</dd>
        </div>
        {question.files.length === 0 || files !== null ? null : (
          <div>
            <dt>{words.files}</dt>
            <dd class="mono">
              {question.files.map((file) => (
                <span key={file} class="file">
                  <ForeignText text={file} />
                </span>
              ))}
            </dd>
          </div>
        )}
      </dl>
      {title === '' ? null : (
        <p class="quote">
          <cite>{words.says(question.agent)}</cite> {title}
        </p>
      )}
      {texts.map((each, at) => (
        <AllOfText key={at} text={each} onEnd={() => see(at)} />
      ))}
      {(files ?? []).map((file, at) => (
        <DiffBox key={file.name} file={file} onEnd={() => see(texts.length + at)} />
      ))}
    </>
  )
}

/** The texts to show: the request, and a change that is no diff we can read. Never the same twice. */
function textsOf({ question }: AskedQuestion, files: readonly FileDiff[] | null): readonly string[] {
  const { text, diff } = question
  const asText = files === null && diff !== undefined ? [diff] : []
  const isInDiff =
    files !== null && (text === diff || text.trim() === '' || question.files.includes(text.trim()))
  return [...new Set([...(isInDiff ? [] : [text]), ...asText])]
}

function AllOfText({ text, onEnd }: { readonly text: string; readonly onEnd: () => void }) {
  const words = useWords().attention.question
  const shown = shownText(text)
  const all = words.all(shown.lines.length, shown.characters)
  return (
    <>
      <CommandBox shown={shown} onEnd={onEnd} />
      <p class={shown.markCount === 0 ? 'note' : 'note warn'}>
        <Icon name={shown.markCount === 0 ? 'check' : 'alert'} />
        <span>
          {shown.markCount === 0
            ? ''
            : `${words.marked(shown.markCount, shown.marks.slice(0, 4).join(', '))} `}
          {all}
        </span>
      </p>
    </>
  )
}

/** What can be done about an open question, where no choices are offered. */
export function WhyNot({
  stage,
  asked,
  machine,
}: {
  readonly stage: Extract<QuestionStage, { readonly at: 'open' }>
  readonly asked: AskedQuestion
  readonly machine: string
}) {
  const words = useWords().attention.question
  const note = (icon: 'laptop' | 'eye' | 'noLink', said: string, look = '') => (
    <p class={`note ${look}`.trim()}>
      <Icon name={icon} />
      <span>{said}</span>
    </p>
  )
  switch (stage.can) {
    case 'answer':
      return note('laptop', words.deskToo(machine))
    case 'look':
      return note('eye', words.lookOnly(machine))
    case 'desk-only':
      return note('laptop', words.deskOnly(printable(asked.question.deskOnly ?? '', TITLE_CHARS_MAX)), 'warn')
    case 'away':
      return note('noLink', words.away(machine), 'warn')
  }
}

/** After an answer: the request at a glance, and how far the answer came. */
export function Aftermath(props: {
  readonly asked: AskedQuestion
  readonly stage: QuestionStage
  readonly machine: string
  readonly said: string
  readonly children?: ComponentChildren
}) {
  const { attention } = useWords()
  const { asked, stage, machine, said } = props
  return (
    <>
      <p class="small dim said" role="status">
        {said}
      </p>
      <Summary
        shown={shownText(asked.question.text || (asked.question.diff ?? ''))}
        more={attention.question.moreLines}
      />
      <ProofSteps asked={asked} stage={stage} machine={machine} />
    </>
  )
}
