import type { Question } from '@latchkey/connection/app/question-feature'
import { useEffect, useState } from 'preact/hooks'
import { TimeLeft } from '../parts/time-left.tsx'
import { useClock } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { ForeignText } from './foreign-text.tsx'
import { roughSpan } from './times-left.ts'

/** A finger that was about to tap something else hits no choice: so long they are off after a question came up. */
const LIVE_AFTER_MS = 600
/** from here on the ring warns */
const SOON_MS = 60_000

interface ChoicesProps {
  readonly question: Question
  /** all of it was on the screen: until then nothing is allowed */
  readonly isWhole: boolean
  readonly onChoose: (choice: string) => void
}

/** The answers to a question: each a verb and what it covers. No key alone chooses. */
export function Choices({ question, isWhole, onChoose }: ChoicesProps) {
  const { attention } = useWords()
  const verbs: Readonly<Record<string, string>> = attention.question.choices
  const [live, setLive] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLive(true), LIVE_AFTER_MS)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div class={`choices${question.choices.length > 2 ? ' two' : ''}`} data-live={live}>
      {question.choices.map(({ id, label, covers, effect }) => {
        const off = effect === 'allow' && !isWhole
        return (
          <button
            key={id}
            type="button"
            class={`choice${effect === 'allow' ? ' yes' : ''}`}
            aria-disabled={off || !live}
            onClick={() => live && !off && onChoose(id)}
          >
            <b>
              <ForeignText text={Object.hasOwn(verbs, label) ? (verbs[label] ?? label) : label} />
            </b>
            <span>{off ? attention.question.notSeenYet : <ForeignText text={covers} />}</span>
          </button>
        )
      })}
    </div>
  )
}

/** How long an answer counts; after that only the desk decides. */
export function AnswerTime({ question }: { readonly question: Question }) {
  const text = useWords()
  const words = text.attention.question
  const { expiresAtMs, askedAtMs } = question
  const nowMs = useClock(1_000, expiresAtMs !== null)
  const leftMs = expiresAtMs === null ? 0 : expiresAtMs - nowMs
  return (
    <div class="clock">
      {expiresAtMs === null ? (
        words.noTime
      ) : leftMs <= 0 ? (
        words.timeOver
      ) : (
        <TimeLeft leftMs={leftMs} ofMs={expiresAtMs - askedAtMs} soonMs={SOON_MS}>
          {words.timeLeft(roughSpan(leftMs, text))}
        </TimeLeft>
      )}
    </div>
  )
}
