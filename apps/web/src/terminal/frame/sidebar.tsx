import { runnerWords } from '../../link/runner-words.ts'
import { useLink, useLinkState, useTerminals } from '../../link/use-links.ts'
import { Icon, Mark } from '../../parts/icon.tsx'
import { IconButton } from '../../parts/icon-button.tsx'
import { PlaceLink } from '../../parts/place-link.tsx'
import { goPair, stayAs } from '../../places.ts'
import { book, type KnownRunner } from '../../runner-book.ts'
import { useObservable } from '../../use-observable.ts'
import { useWords } from '../../words/language.ts'
import { endedWord, nameOf } from './tabs.tsx'

interface SidebarProps {
  readonly runnerId: string
  readonly front: number | null
  readonly unseen: readonly number[]
  readonly mayType: boolean
  /** the link is live */
  readonly mayOpen: boolean
  readonly onNew: () => void
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

function SideMachine(props: SidebarProps & { readonly runner: KnownRunner; readonly here: boolean }) {
  const text = useWords()
  const { runner, here, front, unseen, mayType, mayOpen, onNew } = props
  const link = useLink(runner)
  const state = useLinkState(link)
  const terminals = useTerminals(link)
  const { dot, online, facts } = runnerWords(state, terminals.length, Date.now(), text)
  const placeOf = (terminal: number) => ({ page: 'terminal', runnerId: runner.runnerId, terminal }) as const
  return (
    <section>
      <h2>
        <span class={`dot ${dot}`} />
        <span class="trunc">{runner.label}</span>
        {online ? null : <span class="meta">{facts}</span>}
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
        {terminals.map((info) => (
          <li key={info.terminal}>
            <PlaceLink
              to={placeOf(info.terminal)}
              onGo={() => stayAs(placeOf(info.terminal))}
              aria-current={here && info.terminal === front ? 'page' : undefined}
            >
              <Icon name="terminal" small />
              <span class={`trunc${info.exit === null ? '' : ' over'}`}>{nameOf(info, text)}</span>
              {info.exit === null ? null : <span class="meta">{endedWord(info, text)}</span>}
              {here && unseen.includes(info.terminal) ? (
                <span class="meta">
                  <span class="badge me">{text.term.newOutput}</span>
                </span>
              ) : null}
            </PlaceLink>
          </li>
        ))}
      </ul>
    </section>
  )
}
