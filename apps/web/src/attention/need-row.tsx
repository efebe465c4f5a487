import { Icon } from '../parts/icon.tsx'
import { PlaceLink } from '../parts/place-link.tsx'
import type { Place } from '../places.ts'
import { useWords } from '../words/language.ts'
import type { Need } from './needs.ts'
import { StateMark } from './state-mark.tsx'
import { roughSpan, sinceWords } from './times-left.ts'

/** Where a row leads: to the question that ends first, else to its terminal. */
export function placeOfNeed({ runnerId, terminal, questions: [first] }: Need): Place {
  return first === undefined
    ? { page: 'terminal', runnerId, terminal }
    : { page: 'terminal', runnerId, terminal, question: first.question.id }
}

export const nameOfNeed = ({ title, terminal }: Need, unnamed: (number: number) => string): string =>
  title === '' ? unnamed(terminal) : title

interface NeedRowProps {
  readonly need: Need
  readonly nowMs: number
  /** chosen in a list with its question beside it */
  readonly isChosen?: boolean
  readonly onGo?: () => void
}

/** One terminal: its state, its place, its last lines. The whole row is the link. */
export function NeedRow({ need, nowMs, isChosen = false, onGo }: NeedRowProps) {
  const text = useWords()
  const { state, machine, folder, sinceMs, lastLines, exitCode } = need
  return (
    <li class="need" data-terminal={need.terminal} aria-current={isChosen ? 'true' : undefined}>
      <StateMark state={state} />
      <div class="what">
        <div class="h">
          <PlaceLink class="trunc" to={placeOfNeed(need)} {...(onGo === undefined ? {} : { onGo })}>
            {nameOfNeed(need, text.term.unnamed)}
          </PlaceLink>
          {sinceMs === null ? null : (
            <span class="since">{sinceWords(sinceMs, nowMs, state === 'needs-you', text)}</span>
          )}
        </div>
        <div class="d trunc">{folder === null ? machine : `${machine} · ${folder}`}</div>
      </div>
      <LastLines lines={lastLines} />
      {state === 'needs-you' ? <Asks need={need} nowMs={nowMs} /> : null}
      {state === 'failed' && exitCode !== null ? (
        <div class="act">
          <span class="badge bad">{text.attention.exit(exitCode)}</span>
        </div>
      ) : null}
    </li>
  )
}

/** The last lines of a screen, cut at the right as a screen cuts them. */
export function LastLines({ lines, label }: { readonly lines: readonly string[]; readonly label?: string }) {
  const { attention } = useWords()
  if (lines.length === 0) return null
  return (
    <div class="tail" role="group" aria-label={label ?? attention.lastLines}>
      {lines.map((line, at) => (
        <span key={at}>{line}</span>
      ))}
    </div>
  )
}

function Asks({ need, nowMs }: { readonly need: Need; readonly nowMs: number }) {
  const text = useWords()
  const { attention } = text
  const [first] = need.questions
  const kind = first === undefined ? 'other' : first.question.kind
  const ends = first?.question.expiresAtMs ?? null
  const leftMs = ends === null ? 0 : ends - nowMs
  return (
    <div class="act">
      <span class="dim num">
        {first === undefined ? need.message || attention.wants[need.kind ?? 'other'] : attention.asks[kind]}
        {leftMs > 0 ? ` · ${attention.left(roughSpan(leftMs, text))}` : ''}
        {need.questions.length > 1 ? ` · ${attention.more(need.questions.length - 1)}` : ''}
      </span>
      <span class="go" aria-hidden="true">
        {first === undefined ? attention.open : attention.answer}
        <Icon name="forward" small />
      </span>
    </div>
  )
}
