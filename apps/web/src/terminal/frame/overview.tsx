import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import '../../styles/overview.css'
import { StateMark } from '../../attention/state-mark.tsx'
import { IconButton } from '../../parts/icon-button.tsx'
import { useWords } from '../../words/language.ts'
import { cardsWith, type OverviewCard, type Step, stepped, waitingOf } from './overview-cards.ts'
import { endedWord } from './tabs.tsx'
import { EndTerminal, RenameTerminal } from './terminal-sheets.tsx'

interface OverviewProps {
  readonly machine: string
  readonly cards: readonly OverviewCard[]
  readonly front: number | null
  readonly mayType: boolean
  /** the link is live */
  readonly mayOpen: boolean
  readonly onFront: (terminal: number) => void
  readonly onNew: () => void
  readonly onRename: (terminal: number, name: string) => void
  readonly onEnd: (terminal: number) => void
  readonly onClose: () => void
}

/** From so many terminals on they can be searched. */
const SOUGHT_FROM = 9
const STEPS: Readonly<Record<string, Step>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}

/** The sheet over the overview, about one terminal. */
type Sheet = { readonly what: 'rename' | 'end'; readonly card: OverviewCard }

/** All terminals of a machine with the last lines of their screens, in place of the one in front. */
export function Overview(props: OverviewProps) {
  const { machine, cards, front, mayType, mayOpen, onClose } = props
  const text = useWords()
  const [sought, setSought] = useState('')
  const [sheet, setSheet] = useState<Sheet | null>(null)
  const list = useRef<HTMLUListElement>(null)
  const shown = cardsWith(cards, sought)
  const waiting = waitingOf(cards)
  useEffect(() => {
    const open = list.current?.querySelector<HTMLElement>('[aria-current]') ?? openersIn(list.current)[0]
    open?.scrollIntoView({ block: 'center' })
    open?.focus({ preventScroll: true })
  }, [])
  useLayoutEffect(() => {
    // A sheet over it has the key for itself.
    const leave = (event: KeyboardEvent) => event.key === 'Escape' && sheet === null && onClose()
    document.addEventListener('keydown', leave)
    return () => document.removeEventListener('keydown', leave)
  }, [onClose, sheet])
  const walk = (event: KeyboardEvent) => {
    const step = STEPS[event.key]
    const openers = openersIn(list.current)
    const at = openers.findIndex((each) => each === document.activeElement)
    if (step === undefined || at < 0) return
    event.preventDefault()
    openers[stepped(at, step, columnsOf(openers), openers.length)]?.focus()
  }
  return (
    <div class="page overview">
      <header class="bar stick">
        <IconButton icon="back" label={text.tabs.back} onClick={onClose} />
        <div class="grow">
          <h1 class="overview-name trunc" aria-label={text.tabs.title(machine)}>
            {text.machines.terminals(cards.length)}
          </h1>
          <div class="meta trunc">
            {machine}
            {waiting === 0 ? '' : ` · ${text.tabs.needYou(waiting)}`}
          </div>
        </div>
        {mayType ? (
          <IconButton
            icon="plus"
            label={text.term.newOne}
            aria-disabled={!mayOpen}
            onClick={() => {
              if (!mayOpen) return
              onClose()
              props.onNew()
            }}
          />
        ) : null}
      </header>
      <main class="overview-main">
        {cards.length < SOUGHT_FROM ? null : (
          <div class="overview-search">
            <input
              class="input"
              type="search"
              aria-label={text.tabs.find}
              placeholder={text.tabs.find}
              autocomplete="off"
              value={sought}
              onInput={(event) => setSought(event.currentTarget.value)}
            />
            <span class="meta num" role="status">
              {sought.trim() === '' ? '' : text.tabs.found(shown.length, cards.length)}
            </span>
          </div>
        )}
        {shown.length === 0 && cards.length > 0 ? <p class="dim">{text.tabs.notFound}</p> : null}
        <ul class="thumbs" ref={list} onKeyDown={walk}>
          {shown.map((card) => (
            <Card
              key={card.info.terminal}
              card={card}
              isFront={card.info.terminal === front}
              mayType={mayType}
              onOpen={() => {
                props.onFront(card.info.terminal)
                onClose()
              }}
              onSheet={(what) => setSheet({ what, card })}
            />
          ))}
        </ul>
      </main>
      {sheet === null ? null : <SheetOf {...props} sheet={sheet} onDone={() => setSheet(null)} />}
    </div>
  )
}

/** One terminal: its last lines as a picture, then mark, name and folder. All but its two buttons opens it. */
function Card(props: {
  readonly card: OverviewCard
  readonly isFront: boolean
  readonly mayType: boolean
  readonly onOpen: () => void
  readonly onSheet: (what: Sheet['what']) => void
}) {
  const { card, isFront, mayType, onOpen, onSheet } = props
  const text = useWords()
  const { info, name, folder, state, unseen, lines } = card
  return (
    <li class={`thumb${isFront ? ' on' : ''}`} data-terminal={info.terminal}>
      <pre aria-hidden="true">
        {lines.map((line, at) => (
          <span key={at}>{`${line}\n`}</span>
        ))}
      </pre>
      <div class="cap">
        {state === null ? null : <StateMark state={state} small />}
        <div class="grow">
          <button
            type="button"
            class={`open${info.exit === null ? '' : ' over'}`}
            aria-current={isFront ? 'true' : undefined}
            onClick={onOpen}
          >
            {name}
            {info.exit === null ? null : <span class="vh">, {endedWord(info, text)}</span>}
            {unseen ? <span class="vh">, {text.term.newOutput}</span> : null}
          </button>
          {unseen ? <i class="new" /> : null}
          <span class="meta trunc">
            <bdi>{folder ?? ''}</bdi>
          </span>
        </div>
        {mayType ? (
          <IconButton icon="cross" small label={text.tabs.close(name)} onClick={() => onSheet('end')} />
        ) : null}
      </div>
      {mayType ? (
        <IconButton
          icon="pencil"
          small
          look="rename"
          label={text.tabs.rename(name)}
          onClick={() => onSheet('rename')}
        />
      ) : null}
    </li>
  )
}

function SheetOf(props: OverviewProps & { readonly sheet: Sheet; readonly onDone: () => void }) {
  const { sheet, onDone } = props
  const { info, name } = sheet.card
  return sheet.what === 'rename' ? (
    <RenameTerminal name={name} onName={(next) => props.onRename(info.terminal, next)} onClose={onDone} />
  ) : (
    <EndTerminal name={name} onEnd={() => props.onEnd(info.terminal)} onClose={onDone} />
  )
}

const openersIn = (list: HTMLElement | null): readonly HTMLElement[] => [
  ...(list?.querySelectorAll<HTMLElement>('.open') ?? []),
]

/** How many cards stand in the first row, as they are laid out now. */
function columnsOf(openers: readonly HTMLElement[]): number {
  const topOf = (each: HTMLElement | undefined) => each?.closest('li')?.offsetTop
  const second = openers.findIndex((each) => topOf(each) !== topOf(openers[0]))
  return second < 0 ? openers.length : second
}
