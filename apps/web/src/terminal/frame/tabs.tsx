import type { TerminalInfo } from '@latchkey/protocol/terminal/messages'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { MarkState } from '../../attention/needs.ts'
import { StateMark } from '../../attention/state-mark.tsx'
import { IconButton } from '../../parts/icon-button.tsx'
import type { Words } from '../../words/en.ts'
import { useWords } from '../../words/language.ts'

/** Why nothing runs in it. */
export const endedWord = (info: TerminalInfo, text: Words): string =>
  info.past === undefined ? text.term.ended : text.past.mark

export interface TabFacts {
  readonly info: TerminalInfo
  readonly name: string
  /** null for a machine that tells no states, and a terminal of before */
  readonly state: MarkState | null
  readonly folder: string | null
  readonly unseen: boolean
}

interface TabsProps {
  readonly machine: string
  readonly tabs: readonly TabFacts[]
  readonly front: number | null
  readonly mayType: boolean
  /** the link is live */
  readonly mayOpen: boolean
  readonly onFront: (terminal: number) => void
  readonly onNew: () => void
  readonly onAll: () => void
}

/** From so many tabs on, not all are in sight on a phone: a square with their number opens all of them. */
const ALL_FROM = 4

/** Opens all terminals of a machine; its sign is how many there are. */
export function AllTabsButton({ count, onAll }: { readonly count: number; readonly onAll: () => void }) {
  const { tabs } = useWords()
  if (count < ALL_FROM) return null
  return (
    <button type="button" id="all-tabs" class="iconbtn all-tabs" aria-label={tabs.all(count)} onClick={onAll}>
      <b aria-hidden="true">{count}</b>
    </button>
  )
}

/** One tab a terminal. A second tap on the one in front opens its menu elsewhere; here tabs only switch. */
export function Tabs({ machine, tabs, front, mayType, mayOpen, onFront, onNew, onAll }: TabsProps) {
  const text = useWords()
  const list = useRef<HTMLDivElement>(null)
  // Programs rename their tabs, which changes how much room all take.
  const names = tabs.map(({ name }) => name).join('\n')
  const more = useMore(list, names, front)
  const walk = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (step === undefined || tabs.length === 0) return
    const at = tabs.findIndex(({ info }) => info.terminal === front)
    const next = tabs[(at + step + tabs.length) % tabs.length]
    if (next === undefined) return
    event.preventDefault()
    onFront(next.info.terminal)
    document.getElementById(`tab-${next.info.terminal}`)?.focus()
  }
  return (
    <div class="tabs">
      {tabs.length === 0 ? (
        <span class="grow" />
      ) : (
        <div
          class={`tl${more.left ? ' more-left' : ''}${more.right ? ' more-right' : ''}`}
          ref={list}
          role="tablist"
          aria-label={text.term.tabs(machine)}
          onKeyDown={walk}
        >
          {tabs.map(({ info, name, state, folder, unseen }) => (
            <button
              key={info.terminal}
              id={`tab-${info.terminal}`}
              type="button"
              class={`tab${info.exit === null ? '' : ' over'}`}
              role="tab"
              aria-selected={info.terminal === front}
              aria-controls="screen"
              tabIndex={info.terminal === front ? 0 : -1}
              title={folder ?? undefined}
              onClick={() => onFront(info.terminal)}
            >
              {state === null || state === 'idle' ? null : <StateMark state={state} small />}
              <span class="nm trunc">{name}</span>
              {info.exit === null ? null : <span class="vh">{endedWord(info, text)}</span>}
              {unseen ? (
                <>
                  <i class="new" />
                  <span class="vh">{text.term.newOutput}</span>
                </>
              ) : null}
            </button>
          ))}
        </div>
      )}
      <AllTabsButton count={tabs.length} onAll={onAll} />
      {mayType ? (
        <IconButton
          icon="plus"
          label={text.term.newOne}
          aria-disabled={!mayOpen}
          onClick={() => mayOpen && onNew()}
        />
      ) : null}
    </div>
  )
}

/** On which sides there are tabs out of sight: the edge is faded there. The one in front is held in sight, in the middle where it can be. */
function useMore(list: { readonly current: HTMLElement | null }, names: string, front: number | null) {
  const [more, setMore] = useState({ left: false, right: false })
  useEffect(() => {
    const shown = list.current
    if (shown === null) return
    const look = () => {
      const left = shown.scrollLeft > 1
      const right = shown.scrollLeft + shown.clientWidth < shown.scrollWidth - 1
      setMore((before) => (before.left === left && before.right === right ? before : { left, right }))
    }
    const resized = () => {
      document.getElementById(`tab-${front}`)?.scrollIntoView({ inline: 'center', block: 'nearest' })
      look()
    }
    resized()
    shown.addEventListener('scroll', look, { passive: true })
    const observer = new ResizeObserver(resized)
    observer.observe(shown)
    return () => {
      shown.removeEventListener('scroll', look)
      observer.disconnect()
    }
  }, [names, front])
  return more
}
