import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { type FilePath, filePath } from '../../files/file-path.ts'
import { Icon } from '../../parts/icon.tsx'
import { IconButton } from '../../parts/icon-button.tsx'
import { copyText } from '../../platform.ts'
import { useObservable } from '../../use-observable.ts'
import { useWords } from '../../words/language.ts'
import { byteSize } from '../../words/times.ts'
import type { Screen } from '../screen/screen.ts'
import { type Piece, piecesOf } from './reader-text.ts'

interface ReaderProps {
  readonly screen: Screen
  readonly name: string
  readonly machine: string
  /** opens a file of the machine; null where it exchanges none */
  readonly onPath: ((path: FilePath) => void) | null
  readonly onClose: () => void
}

/** The terminal as text: to select, copy, search, follow a link, and for screen readers. */
export function Reader({ screen, name, machine, onPath, onClose }: ReaderProps) {
  const text = useWords()
  const facts = useObservable(screen.facts)
  const [shown, setShown] = useState(() => screen.text)
  const [sought, setSought] = useState('')
  const [searching, setSearching] = useState(false)
  const [copied, setCopied] = useState<'no' | 'yes' | 'refused'>('no')
  const end = useRef<HTMLDivElement>(null)
  const back = useRef<HTMLButtonElement>(null)
  const pieces = useMemo(() => piecesOf(shown, sought), [shown, sought])
  const foundCount = pieces.filter((piece) => piece.found).length
  useEffect(() => {
    end.current?.scrollIntoView()
    // After the menu that it was opened from has given the focus back.
    const frame = requestAnimationFrame(() => back.current?.focus({ preventScroll: true }))
    return () => cancelAnimationFrame(frame)
  }, [])
  useLayoutEffect(() => {
    const leave = (event: KeyboardEvent) => event.key === 'Escape' && onClose()
    document.addEventListener('keydown', leave)
    return () => document.removeEventListener('keydown', leave)
  }, [onClose])
  useEffect(() => document.querySelector('.reader mark')?.scrollIntoView({ block: 'center' }), [sought])
  const copySays = { no: text.reader.copyLast, yes: text.copied, refused: text.reader.selectToCopy }
  const copy = async (what: string) => setCopied((await copyText(what)) ? 'yes' : 'refused')
  const lastScreen = () => shown.split('\n').slice(-screen.emulator.rows).join('\n')
  return (
    <div class="page reader">
      <header class="bar stick">
        <IconButton icon="back" label={text.reader.back} ref={back} onClick={onClose} />
        <div class="grow">
          <div class="reader-name trunc">{name}</div>
          <div class="meta">{text.reader.sub(machine)}</div>
        </div>
        <IconButton
          icon="search"
          label={text.reader.search}
          aria-expanded={searching}
          onClick={() => setSearching(!searching)}
        />
        <IconButton icon="copy" label={text.reader.copyAll} onClick={() => void copy(shown)} />
      </header>
      {searching ? (
        <div class="reader-search">
          <input
            class="input"
            type="search"
            aria-label={text.reader.search}
            value={sought}
            autofocus
            onInput={(event) => setSought(event.currentTarget.value)}
          />
          <span class="meta num" role="status">
            {sought === '' ? '' : text.reader.found(Math.min(1, foundCount), foundCount)}
          </span>
        </div>
      ) : null}
      <main class="reader-main">
        <h1 class="vh">{text.reader.title(name, machine)}</h1>
        {facts.gapBytes === null ? null : (
          <p class="gap" role="note">
            {text.term.gap(byteSize(facts.gapBytes, text))}
          </p>
        )}
        <pre class="out" tabIndex={0} role="region" aria-label={text.reader.text}>
          {shown === '' ? text.reader.empty : <Pieces pieces={pieces} onPath={onPath} />}
        </pre>
        <div ref={end} />
      </main>
      <div class="dock solid reader-dock">
        <button type="button" class="btn soft grow" onClick={() => void copy(lastScreen())}>
          <Icon name={copied === 'yes' ? 'check' : 'copy'} />
          <span role="status">{copySays[copied]}</span>
        </button>
        <IconButton
          icon="again"
          look="btn soft"
          label={text.reader.refresh}
          onClick={() => setShown(screen.text)}
        />
        <IconButton
          icon="toEnd"
          look="btn soft"
          label={text.reader.jumpToEnd}
          onClick={() => end.current?.scrollIntoView()}
        />
      </div>
    </div>
  )
}

const Pieces = (props: {
  readonly pieces: readonly Piece[]
  readonly onPath: ((path: FilePath) => void) | null
}) => (
  <>
    {props.pieces.map((piece, index) => {
      const inner = piece.found ? <mark>{piece.text}</mark> : piece.text
      const { onPath } = props
      const path = piece.path
      if (path !== undefined && onPath !== null)
        return (
          <button key={index} type="button" class="path" onClick={() => onPath(filePath(path))}>
            {inner}
          </button>
        )
      return piece.href === null ? (
        inner
      ) : (
        <a key={index} href={piece.href} target="_blank" rel="noopener noreferrer">
          {inner}
        </a>
      )
    })}
  </>
)
