import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { FilePath } from '../../files/file-path.ts'
import { Icon } from '../../parts/icon.tsx'
import { IconButton } from '../../parts/icon-button.tsx'
import { MenuItem, MenuSheet } from '../../parts/menu-sheet.tsx'
import { copyText } from '../../platform.ts'
import { useObservable } from '../../use-observable.ts'
import { useWords } from '../../words/language.ts'
import { byteSize } from '../../words/times.ts'
import type { Screen } from '../screen/screen.ts'
import { type Card, cardText } from './card.ts'
import { CommandCard } from './command-card.tsx'
import { SearchBar } from './search-bar.tsx'
import { Spoken } from './spoken.tsx'
import { useCards } from './use-cards.ts'
import { useSearch } from './use-search.ts'

interface ReaderProps {
  readonly screen: Screen
  readonly name: string
  readonly machine: string
  /** opens a file of the machine; null where it exchanges none */
  readonly onPath: ((path: FilePath) => void) | null
  readonly onClose: () => void
}

/** So far from its end a page still follows new output, in CSS pixels. */
const AT_END_PX = 80

/** The terminal as text, a card for each command: to select, copy, search, follow a link, and for screen readers. */
export function Reader({ screen, name, machine, onPath, onClose }: ReaderProps) {
  const text = useWords()
  const facts = useObservable(screen.facts)
  const { cards, isHeld } = useCards(screen)
  const search = useSearch(cards)
  const [more, setMore] = useState<Card | null>(null)
  const [copied, setCopied] = useState<'no' | 'yes' | 'refused'>('no')
  const end = useRef<HTMLDivElement>(null)
  const back = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    end.current?.scrollIntoView()
    // After the menu that it was opened from has given the focus back.
    const frame = requestAnimationFrame(() => back.current?.focus({ preventScroll: true }))
    return () => cancelAnimationFrame(frame)
  }, [])
  const isDialog = more !== null
  useLayoutEffect(() => {
    const leave = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || isDialog) return
      if (search.isOpen) search.close()
      else onClose()
    }
    document.addEventListener('keydown', leave)
    return () => document.removeEventListener('keydown', leave)
  }, [onClose, isDialog, search.isOpen])
  useFollowedEnd(cards, end, search.match !== null)
  const { match } = search
  useEffect(() => {
    if (match !== null)
      document.querySelector('.reader mark.at')?.scrollIntoView({ block: 'center', inline: 'center' })
  }, [match])
  const copy = async (what: string) => setCopied((await copyText(what)) ? 'yes' : 'refused')
  const copyCard = useCallback((card: Card) => void copy(cardText(card)), [])
  const copySays = { no: text.reader.copyLast, yes: text.copied, refused: text.reader.selectToCopy }
  const last = cards.findLast(({ kind }) => kind !== 'prompt')
  return (
    <div class="page reader">
      <header class="bar stick">
        <IconButton icon="back" label={text.reader.back} ref={back} onClick={onClose} />
        <div class="grow">
          <div class="reader-name trunc">{name}</div>
          <div class="meta">{isHeld ? text.reader.held : text.reader.sub(machine)}</div>
        </div>
        <IconButton
          icon="search"
          label={text.reader.search}
          aria-expanded={search.isOpen}
          onClick={search.isOpen ? search.close : search.open}
        />
        <IconButton
          icon="copy"
          label={text.reader.copyAll}
          onClick={() => void copy(cards.map(cardText).join('\n'))}
        />
      </header>
      {search.isOpen ? <SearchBar search={search} /> : null}
      <main class="reader-main">
        <h1 class="vh">{text.reader.title(name, machine)}</h1>
        {facts.gapBytes === null ? null : (
          <p class="gap" role="note">
            {text.term.gap(byteSize(facts.gapBytes, text))}
          </p>
        )}
        {facts.earlier === 'none' || screen.emulator.buffer.active.type === 'alternate' ? null : (
          <button
            type="button"
            class="btn soft earlier"
            aria-disabled={facts.earlier === 'loading'}
            onClick={() => void screen.earlier()}
          >
            {facts.earlier === 'loading' ? text.term.earlierLoading : text.term.earlier}
          </button>
        )}
        <div class="blks" role="region" aria-label={text.reader.text}>
          {cards.length === 0 ? <p class="meta">{text.reader.empty}</p> : null}
          {cards.map((card) => (
            <CommandCard
              key={card.key}
              card={card}
              match={match?.key === card.key ? match : null}
              sought={search.sought}
              onPath={onPath}
              onCopy={copyCard}
              onMore={setMore}
            />
          ))}
        </div>
        <div ref={end} />
      </main>
      <Spoken cards={cards} />
      <div class="dock solid reader-dock">
        <button
          type="button"
          class="btn soft grow"
          onClick={() => void copy(last === undefined ? '' : last.lines.join('\n'))}
        >
          <Icon name={copied === 'yes' ? 'check' : 'copy'} />
          <span role="status">{copySays[copied]}</span>
        </button>
        <IconButton
          icon="toEnd"
          look="btn soft"
          label={text.reader.jumpToEnd}
          onClick={() => end.current?.scrollIntoView()}
        />
      </div>
      {more === null ? null : (
        <MenuSheet title={more.command ?? text.reader.unknown} onClose={() => setMore(null)}>
          <MenuItem
            icon="terminal"
            label={text.reader.copyCommand}
            onPick={() => {
              void copy(more.command ?? '')
              setMore(null)
            }}
          />
          <MenuItem
            icon="copy"
            label={text.reader.copyOutput}
            onPick={() => {
              void copy(more.lines.join('\n'))
              setMore(null)
            }}
          />
        </MenuSheet>
      )}
    </div>
  )
}

/** New output is followed by a page that stands at its end, unless a search holds it. */
function useFollowedEnd(
  cards: readonly Card[],
  end: { readonly current: HTMLElement | null },
  isHeld: boolean,
): void {
  const isAtEnd = useRef(true)
  useEffect(() => {
    const look = () => {
      const { scrollHeight, clientHeight, scrollTop } = document.documentElement
      isAtEnd.current = scrollHeight - clientHeight - scrollTop < AT_END_PX
    }
    document.addEventListener('scroll', look, { passive: true })
    return () => document.removeEventListener('scroll', look)
  }, [])
  useLayoutEffect(() => {
    if (isAtEnd.current && !isHeld) end.current?.scrollIntoView()
  }, [cards])
}
