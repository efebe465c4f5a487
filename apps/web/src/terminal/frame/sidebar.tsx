import { countOf, needs } from '../../attention/attention.ts'
import { StateMark } from '../../attention/state-mark.tsx'
import { nameIn, useNeeds } from '../../attention/use-needs.ts'
import { runnerWords } from '../../link/runner-words.ts'
import { useLink, useLinkState, useTerminals } from '../../link/use-links.ts'
import { Icon, Mark } from '../../parts/icon.tsx'
import { IconButton } from '../../parts/icon-button.tsx'
import { PlaceLink } from '../../parts/place-link.tsx'
import { goPair, stayAs } from '../../places.ts'
import { book, type KnownRunner } from '../../runner-book.ts'
import { useObservable } from '../../use-observable.ts'
import { useWords } from '../../words/language.ts'
import { AllTabsButton, endedWord } from './tabs.tsx'

interface SidebarProps {
  /** the machine in front; null beside the list of what needs its person */
  readonly runnerId: string | null
  readonly needsMe?: boolean
  readonly front: number | null
  readonly unseen: readonly number[]
  readonly mayType: boolean
  /** the link is live */
  readonly mayOpen: boolean
  readonly onNew: () => void
  /** opens all terminals of the machine in front */
  readonly onAll?: () => void
}

/** All machines and their terminals, where there is room for them. */
export function Sidebar(props: SidebarProps) {
  const text = useWords()
  const machines = useObservable(book)
  return (
    <nav class="side" aria-label={text.machines.title}>
      <PlaceLink class="brand" to={{ page: 'home' }}>
        <Mark />
        {text.brand}
      </PlaceLink>
      <NeedsLink here={props.needsMe === true} />
      <div class="side-list">
        {machines.map((runner) => (
          <SideMachine
            key={runner.runnerId}
            runner={runner}
            here={runner.runnerId === props.runnerId}
            {...props}
          />
        ))}
      </div>
      <button type="button" class="btn soft block" onClick={goPair}>
        <Icon name="plus" />
        {text.machines.pairOne}
      </button>
    </nav>
  )
}

/** Leads to the list of what needs its person. */
function NeedsLink({ here }: { readonly here: boolean }) {
  const { attention } = useWords()
  const count = countOf(useObservable(needs))
  return (
    <ul>
      <li class="needs-link">
        <PlaceLink to={{ page: 'home', half: 'needs-me' }} aria-current={here ? 'page' : undefined}>
          <Icon name="inbox" small />
          {attention.needsMe}
          {count === 0 ? null : <span class="count">{count}</span>}
        </PlaceLink>
      </li>
    </ul>
  )
}

function SideMachine(props: SidebarProps & { readonly runner: KnownRunner; readonly here: boolean }) {
  const text = useWords()
  const { runner, here, front, unseen, mayType, mayOpen, onNew, onAll } = props
  const link = useLink(runner)
  const state = useLinkState(link)
  const terminals = useTerminals(link)
  const { dot, online, facts } = runnerWords(state, terminals.length, Date.now(), text)
  const standing = useNeeds(runner.runnerId)
  const placeOf = (terminal: number) => ({ page: 'terminal', runnerId: runner.runnerId, terminal }) as const
  return (
    <section>
      <h2>
        <span class={`dot ${dot}`} />
        <span class="trunc">{runner.label}</span>
        {online ? null : <span class="meta">{facts}</span>}
        {here && onAll !== undefined ? <AllTabsButton count={terminals.length} onAll={onAll} /> : null}
        {here && mayType ? (
          <IconButton
            icon="plus"
            small
            look="small"
            label={text.term.newOne}
            aria-disabled={!mayOpen}
            onClick={() => mayOpen && onNew()}
          />
        ) : null}
      </h2>
      <ul>
        {terminals.map((info) => {
          const state = standing.get(info.terminal)?.state
          return (
            <li key={info.terminal}>
              <PlaceLink
                to={placeOf(info.terminal)}
                onGo={() => stayAs(placeOf(info.terminal))}
                aria-current={here && info.terminal === front ? 'page' : undefined}
              >
                {state === undefined ? <Icon name="terminal" small /> : <StateMark state={state} small />}
                <span class={`trunc${info.exit === null ? '' : ' over'}`}>
                  {nameIn(standing, info, text)}
                </span>
                {info.exit === null ? null : <span class="meta">{endedWord(info, text)}</span>}
                {here && unseen.includes(info.terminal) ? (
                  <span class="meta">
                    <span class="badge me">{text.term.newOutput}</span>
                  </span>
                ) : null}
              </PlaceLink>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
