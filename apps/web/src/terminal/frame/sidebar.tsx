import { runnerWords } from '../../link/runner-words.ts'
import { useLink, useLinkState, useTerminals } from '../../link/use-links.ts'
import { Icon, Mark } from '../../parts/icon.tsx'
import { addressOf, goHome, goPair, stayAs } from '../../places.ts'
import { book, type KnownRunner } from '../../runner-book.ts'
import { useObservable } from '../../use-observable.ts'
import { useWords } from '../../words/language.ts'
import { nameOf } from './tabs.tsx'

interface SidebarProps {
  readonly runnerId: string
  readonly front: number | null
  readonly unseen: readonly number[]
  readonly mayType: boolean
  /** there is a link to open one by */
  readonly mayOpen: boolean
  readonly onNew: () => void
}

/** All machines and their terminals, where there is room for them. */
export function Sidebar(props: SidebarProps) {
  const text = useWords()
  const machines = useObservable(book)
  return (
    <nav class="side" aria-label={text.machines.title}>
      <a
        class="brand"
        href="/"
        onClick={(event) => {
          event.preventDefault()
          goHome()
        }}
      >
        <Mark />
        {text.brand}
      </a>
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
  const open = (terminal: number | null) => stayAs({ page: 'terminal', runnerId: runner.runnerId, terminal })
  return (
    <section>
      <h2>
        <span class={`dot ${dot}`} />
        <span class="trunc">{runner.label}</span>
        {online ? null : <span class="meta">{facts}</span>}
        {here && mayType ? (
          <button
            type="button"
            class="iconbtn small"
            aria-label={text.term.newOne}
            aria-disabled={!mayOpen}
            onClick={() => mayOpen && onNew()}
          >
            <Icon name="plus" small />
          </button>
        ) : null}
      </h2>
      <ul>
        {terminals.map((info) => (
          <li key={info.terminal}>
            <a
              href={addressOf({ page: 'terminal', runnerId: runner.runnerId, terminal: info.terminal })}
              {...(here && info.terminal === front ? { 'aria-current': 'page' as const } : {})}
              onClick={(event) => {
                event.preventDefault()
                open(info.terminal)
              }}
            >
              <Icon name="terminal" small />
              <span class={`trunc${info.exit === null ? '' : ' over'}`}>{nameOf(info, text)}</span>
              {info.exit === null ? null : <span class="meta">{text.term.ended}</span>}
              {here && unseen.includes(info.terminal) ? (
                <span class="meta">
                  <span class="badge me">{text.term.newOutput}</span>
                </span>
              ) : null}
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}
