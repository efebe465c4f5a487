import { openLinks } from '../link/open-links.ts'
import { useLink, useLinkState } from '../link/use-links.ts'
import { Icon } from '../parts/icon.tsx'
import { PlaceLink } from '../parts/place-link.tsx'
import type { KnownRunner } from '../runner-book.ts'
import { useClock, useObservable } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { countOf, needs } from './attention.ts'
import { NeedRow, nameOfNeed, placeOfNeed } from './need-row.tsx'
import { type Need, STATES } from './needs.ts'
import { StateMark } from './state-mark.tsx'

/** A row says seconds only in its first and last minute. */
const REDRAWN_EVERY_MS = 1_000

/** What needs its person, over all machines that this browser knows. */
export function NeedsMe({ machines }: { readonly machines: readonly KnownRunner[] }) {
  const { attention } = useWords()
  const all = useObservable(needs)
  const nowMs = useClock(REDRAWN_EVERY_MS, true)
  const count = countOf(all)
  const of = (state: Need['state']) => all.filter((need) => need.state === state)
  const idle = of('idle')
  const urgent = STATES.filter((state) => state !== 'idle')
  return (
    <>
      <h1>{attention.title(count)}</h1>
      <p class="lead needs-lead">{leadOf(all, machines.length, attention)}</p>
      <div class="needs">
        {urgent.map((state) => (
          <Section key={state} state={state} rows={of(state)} nowMs={nowMs} />
        ))}
        {idle.length === 0 ? null : <IdleTerminals rows={idle} />}
        <AboutMachines machines={machines} />
      </div>
    </>
  )
}

/** The second line: how many ended, of how many; or what will stand here. */
export function leadOf(
  all: readonly Need[],
  machineCount: number,
  words: ReturnType<typeof useWords>['attention'],
): string {
  const of = (state: Need['state']) => all.filter((need) => need.state === state).length
  const ended = words.lead(of('failed'), of('done'))
  const begin = ended === '' && of('needs-you') === 0 ? words.empty : ended
  return [begin, all.length === 0 ? '' : words.terminals(all.length, machineCount)]
    .filter((part) => part !== '')
    .join(' ')
}

function Section(props: {
  readonly state: Need['state']
  readonly rows: readonly Need[]
  readonly nowMs: number
}) {
  const { attention } = useWords()
  const { state, rows, nowMs } = props
  if (rows.length === 0) return null
  const notes: Partial<Record<Need['state'], string>> = attention.sectionNotes
  return (
    <section class="card" aria-labelledby={`state-${state}`}>
      <header>
        <h2 id={`state-${state}`}>{attention.states[state]}</h2>
        <span class="faint num">{notes[state] ?? ''}</span>
      </header>
      <ul>
        {rows.map((need) => (
          <NeedRow key={`${need.runnerId} ${need.terminal}`} need={need} nowMs={nowMs} />
        ))}
      </ul>
    </section>
  )
}

/** Terminals that do nothing, folded into one line. */
export function IdleTerminals({ rows }: { readonly rows: readonly Need[] }) {
  const text = useWords()
  return (
    <details class="card idle">
      <summary>
        <StateMark state="idle" />
        <span class="grow">
          <b>{text.attention.idleCount(rows.length)}</b>
          <span class="faint small trunc">
            {rows.map((need) => nameOfNeed(need, text.term.unnamed)).join(', ')}
          </span>
        </span>
        <Icon name="unfold" />
      </summary>
      <ul>
        {rows.map((need) => (
          <li key={`${need.runnerId} ${need.terminal}`}>
            <PlaceLink class="trunc" to={placeOfNeed(need)}>
              {nameOfNeed(need, text.term.unnamed)}
              <span class="faint small"> {need.machine}</span>
            </PlaceLink>
          </li>
        ))}
      </ul>
    </details>
  )
}

/** Notes about machines whose states are not known. */
export const AboutMachines = ({ machines }: { readonly machines: readonly KnownRunner[] }) => (
  <>
    {machines.map((runner) => (
      <AboutMachine key={runner.runnerId} runner={runner} />
    ))}
  </>
)

/** A machine whose states are old, or that tells none: said once. */
function AboutMachine({ runner }: { readonly runner: KnownRunner }) {
  const { attention } = useWords()
  const link = useLink(runner)
  const state = useLinkState(link)
  const open = useObservable(openLinks).get(runner.runnerId)
  const label = link?.machine.current?.name || runner.label
  const says = () => {
    switch (state.status) {
      case 'live':
      case 'catching-up':
        return open?.status.isOffered.current === false && open.link.machine.current !== null
          ? attention.noStatus(label)
          : null
      case 'connecting':
      case 'reconnecting':
        return link === null ? attention.notLinked(label) : attention.looking(label)
      case 'machine-offline':
        return attention.offline(label)
      case 'pin-wanted':
      case 'refused':
      case 'ended':
      case 'unpaired':
        return attention.notLinked(label)
    }
  }
  const said = says()
  if (said === null) return null
  return (
    <p class="note">
      <Icon name="noLink" />
      <span>
        {said}{' '}
        <PlaceLink to={{ page: 'terminal', runnerId: runner.runnerId, terminal: null }}>
          {attention.open}
          <span class="vh"> {label}</span>
        </PlaceLink>
      </span>
    </p>
  )
}
