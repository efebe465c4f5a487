import '../styles/desktop.css'
import '../styles/inbox.css'
import '../styles/question.css'
import '../styles/steps.css'
import type { AskedQuestion } from '@latchkey/connection/app/question-feature'
import { useEffect, useState } from 'preact/hooks'
import { countOf, needs } from '../attention/attention.ts'
import { NeedRow, placeOfNeed } from '../attention/need-row.tsx'
import { type Need, STATES } from '../attention/needs.ts'
import { AboutMachines, IdleTerminals, leadOf } from '../attention/needs-me.tsx'
import { StateMark } from '../attention/state-mark.tsx'
import { useQuestion } from '../attention/use-question.tsx'
import { type OpenLink, openLinks } from '../link/open-links.ts'
import { PlaceLink } from '../parts/place-link.tsx'
import { goTo } from '../places.ts'
import type { KnownRunner } from '../runner-book.ts'
import { Sidebar } from '../terminal/frame/sidebar.tsx'
import { useClock, useObservable } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { Halves } from './halves.tsx'

const REDRAWN_EVERY_MS = 1_000

interface Chosen {
  readonly runnerId: string
  readonly id: string
}

/** What needs its person where there is room: machines, the list, and the question beside it. */
export function InboxPage({ machines }: { readonly machines: readonly KnownRunner[] }) {
  const text = useWords()
  const { attention } = text
  const all = useObservable(needs)
  const nowMs = useClock(REDRAWN_EVERY_MS, true)
  const [chosen, choose] = useChosen(all)
  const listed = all.filter(({ state }) => state !== 'idle')
  const idle = all.filter(({ state }) => state === 'idle')
  return (
    <div class="desk">
      <Sidebar
        runnerId={null}
        needsMe
        front={null}
        unseen={[]}
        mayType={false}
        mayOpen={false}
        onNew={() => {}}
      />
      <div class="inbox">
        <main class="list">
          <header>
            <Halves shown="needs-me" machineCount={machines.length} />
            <h1>{attention.title(countOf(all))}</h1>
            <p class="dim small">{leadOf(all, machines.length, attention)}</p>
          </header>
          {STATES.map((state) => (
            <Rows
              key={state}
              state={state}
              rows={listed.filter((need) => need.state === state)}
              nowMs={nowMs}
              chosen={chosen}
              onChoose={choose}
            />
          ))}
          <div class="rest">
            {idle.length === 0 ? null : <IdleTerminals rows={idle} />}
            <AboutMachines machines={machines} />
          </div>
        </main>
        <section class="pane" aria-label={attention.question.label}>
          {chosen === null ? (
            <p class="dim">{attention.question.none}</p>
          ) : (
            <ChosenQuestion key={chosen.id} chosen={chosen} all={all} />
          )}
        </section>
      </div>
    </div>
  )
}

/** The first question that waits is chosen by itself; none takes the place of a chosen one. */
function useChosen(all: readonly Need[]) {
  const [chosen, choose] = useState<Chosen | null>(null)
  const first = all.find(({ questions }) => questions.length > 0)
  const next = first === undefined ? null : chosenOf(first)
  useEffect(() => {
    if (chosen === null && next !== null) choose(next)
  }, [chosen === null, next?.id])
  return [chosen, choose] as const
}

function chosenOf({ runnerId, questions: [first] }: Need): Chosen | null {
  return first === undefined ? null : { runnerId, id: first.question.id }
}

function Rows(props: {
  readonly state: Need['state']
  readonly rows: readonly Need[]
  readonly nowMs: number
  readonly chosen: Chosen | null
  readonly onChoose: (chosen: Chosen) => void
}) {
  const { attention } = useWords()
  const { state, rows, nowMs, chosen, onChoose } = props
  if (rows.length === 0) return null
  const isChosen = ({ runnerId, questions }: Need) =>
    runnerId === chosen?.runnerId && questions.some(({ question }) => question.id === chosen.id)
  return (
    <section aria-labelledby={`state-${state}`}>
      <h2 id={`state-${state}`} class="vh">
        {attention.states[state]}
      </h2>
      <ul onKeyDown={walk}>
        {rows.map((need) => {
          const own = chosenOf(need)
          return (
            <NeedRow
              key={`${need.runnerId} ${need.terminal}`}
              need={need}
              nowMs={nowMs}
              isChosen={isChosen(need)}
              onGo={() => (own === null ? goTo(placeOfNeed(need)) : onChoose(own))}
            />
          )
        })}
      </ul>
    </section>
  )
}

/** The arrow keys move in the list. */
function walk(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  const list = event.currentTarget instanceof Element ? event.currentTarget.closest('main') : null
  if (step === undefined || list === null) return
  const links = [...list.querySelectorAll<HTMLElement>('.need a')]
  const at = links.findIndex((link) => link === document.activeElement)
  links[at + step]?.focus()
  event.preventDefault()
}

function ChosenQuestion({ chosen, all }: { readonly chosen: Chosen; readonly all: readonly Need[] }) {
  const open = useObservable(openLinks).get(chosen.runnerId)
  if (open === undefined) return null
  const machine = all.find(({ runnerId }) => runnerId === chosen.runnerId)?.machine ?? ''
  return <QuestionOfLink open={open} chosen={chosen} machine={machine} />
}

function QuestionOfLink(props: {
  readonly open: OpenLink
  readonly chosen: Chosen
  readonly machine: string
}) {
  const words = useWords().attention.question
  const { open, chosen, machine } = props
  const asked = useObservable(open.questions.questions).find(({ question }) => question.id === chosen.id)
  return asked === undefined ? (
    <p class="dim">{words.goneText(machine)}</p>
  ) : (
    <QuestionBeside open={open} runnerId={chosen.runnerId} asked={asked} machine={machine} />
  )
}

function QuestionBeside(props: {
  readonly open: OpenLink
  readonly runnerId: string
  readonly asked: AskedQuestion
  readonly machine: string
}) {
  const words = useWords().attention.question
  const { stage, title, mark, who, body, choices } = useQuestion(props)
  const { runnerId, asked } = props
  return (
    <div class="ask beside">
      <div class="head">
        <StateMark state={mark} />
        <div class="grow">
          <h2>{title}</h2>
          <p class="who">{who}</p>
        </div>
        <PlaceLink class="btn" to={{ page: 'terminal', runnerId, terminal: asked.question.terminal }}>
          {words.openTerminal}
        </PlaceLink>
      </div>
      {body}
      {stage.at === 'open' && stage.can === 'answer' ? <div class="answers">{choices}</div> : null}
    </div>
  )
}
