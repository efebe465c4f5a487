import '../styles/question.css'
import '../styles/steps.css'
import type { AskedQuestion } from '@latchkey/connection/app/question-feature'
import { type OpenLink, openLinks } from '../link/open-links.ts'
import { Dialog } from '../parts/dialog.tsx'
import { leaveQuestion, place, stayAs } from '../places.ts'
import type { KnownRunner } from '../runner-book.ts'
import { useObservable } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { needs } from './attention.ts'
import type { QuestionStage } from './question-stage.ts'
import { QuestionTabs } from './question-tabs.tsx'
import { StateMark } from './state-mark.tsx'
import { useQuestion } from './use-question.tsx'

/** A question over its terminal. Closing it decides nothing. */
export function QuestionSheet({ runner, id }: { readonly runner: KnownRunner; readonly id: string }) {
  const open = useObservable(openLinks).get(runner.runnerId)
  return open === undefined ? null : <SheetOfLink open={open} runner={runner} id={id} />
}

interface OfLinkProps {
  readonly open: OpenLink
  readonly runner: KnownRunner
  readonly id: string
}

function SheetOfLink({ open, runner, id }: OfLinkProps) {
  const asked = useObservable(open.questions.questions).find(({ question }) => question.id === id)
  return asked === undefined ? (
    <NoQuestion open={open} runner={runner} />
  ) : (
    <Sheet open={open} runner={runner} asked={asked} />
  )
}

/** Before the machine has told it, or long after. */
function NoQuestion({ open, runner }: Omit<OfLinkProps, 'id'>) {
  const text = useWords()
  const words = text.attention.question
  const isOffered = useObservable(open.questions.isOffered)
  const machine = useObservable(open.link.machine)?.name || runner.label
  return (
    <Dialog
      look="ask"
      title={isOffered ? words.goneTitle : text.link.connectingTo(machine)}
      foot={
        <div class="row-btns">
          <button type="button" class="btn primary" onClick={leaveQuestion}>
            {words.close}
          </button>
        </div>
      }
      onClose={leaveQuestion}
    >
      <p class="small dim" role="status">
        {isOffered ? words.goneText(machine) : ''}
      </p>
    </Dialog>
  )
}

interface SheetProps {
  readonly open: OpenLink
  readonly runner: KnownRunner
  readonly asked: AskedQuestion
}

function Sheet({ open, runner, asked }: SheetProps) {
  const text = useWords()
  const words = text.attention.question
  const machine = useObservable(open.link.machine)?.name || runner.label
  const parts = useQuestion({ open, runnerId: runner.runnerId, asked, machine })
  const waiting = useObservable(needs).flatMap((need) =>
    need.questions.map((each) => ({ need, asked: each })),
  )
  const several = parts.stage.at === 'open' && waiting.length > 1
  return (
    <Dialog
      look="ask"
      title={several ? words.waiting(waiting.length) : parts.title}
      sub={several ? words.eachItself : parts.who}
      mark={<StateMark state={parts.mark} />}
      closeLabel={parts.stage.at === 'open' ? words.closeLater : words.close}
      foot={
        parts.stage.at === 'open' && parts.stage.can === 'answer' ? (
          parts.choices
        ) : (
          <SheetFoot open={open} stage={parts.stage} />
        )
      }
      onClose={leaveQuestion}
    >
      {several ? <QuestionTabs waiting={waiting} chosen={asked.question.id} /> : null}
      {parts.body}
    </Dialog>
  )
}

/** Below a question that is not answered here (any more): on to its terminal, or away. */
function SheetFoot({ open, stage }: { readonly open: OpenLink; readonly stage: QuestionStage }) {
  const words = useWords().attention.question
  const now = place.current
  const isAway =
    stage.at === 'not-sent' || stage.at === 'unsure' || (stage.at === 'open' && stage.can === 'away')
  const showTerminal = () => {
    if (now.page !== 'terminal') return
    const { question: _, ...below } = now
    stayAs(below)
  }
  return (
    <div class="row-btns">
      <button type="button" class="btn" onClick={showTerminal}>
        {words.openTerminal}
      </button>
      {isAway ? (
        <button type="button" class="btn primary" onClick={() => open.link.reconnectNow()}>
          {words.tryLink}
        </button>
      ) : (
        <button type="button" class="btn primary" onClick={leaveQuestion}>
          {stage.at === 'open' || stage.at === 'running' || stage.at === 'sending' || stage.at === 'sent'
            ? words.close
            : words.done}
        </button>
      )}
    </div>
  )
}
