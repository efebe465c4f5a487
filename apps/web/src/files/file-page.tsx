import '../styles/files.css'
import type { Fetching, FetchingState, FoundFile } from '@latchkey/connection/app/fetching-file'
import type { AppLink } from '@latchkey/connection/app/link'
import { printable } from '@latchkey/protocol/printable'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { Icon } from '../parts/icon.tsx'
import { IconButton } from '../parts/icon-button.tsx'
import { copyText } from '../platform.ts'
import { useObservable } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { byteSize, clockTime } from '../words/times.ts'
import { contentOf, type FileContent, shownBytesMax } from './file-content.ts'
import { type FilePath, nameOfPath } from './file-path.ts'
import { Markdown } from './markdown.tsx'
import { outboxOf } from './outbox.ts'
import { refusalSays } from './refusal-says.ts'
import { useObjectUrl } from './send-sheet.tsx'

const PATH_CHARS_MAX = 1_024

interface FilePageProps {
  readonly link: AppLink
  readonly machine: string
  readonly terminal: number | null
  readonly wanted: FilePath
  readonly onClose: () => void
}

/** A file of the machine: text at a line, an image, Markdown; anything can be downloaded. */
export function FilePage(props: FilePageProps) {
  const { link, machine, terminal, wanted, onClose } = props
  const text = useWords()
  const back = useRef<HTMLButtonElement>(null)
  const parts = useRef<Uint8Array<ArrayBuffer>[]>([])
  const [tries, setTries] = useState(0)
  const fetching = useMemo(
    () => outboxOf(link)?.files.fetch({ path: wanted.path, terminal }) ?? null,
    [link, wanted.path, terminal, tries],
  )
  useEffect(() => () => fetching?.cancel(), [fetching])
  useLayoutEffect(() => {
    const leave = (event: KeyboardEvent) => event.key === 'Escape' && onClose()
    document.addEventListener('keydown', leave)
    const frame = requestAnimationFrame(() => back.current?.focus({ preventScroll: true }))
    return () => {
      cancelAnimationFrame(frame)
      document.removeEventListener('keydown', leave)
    }
  }, [onClose])
  const name = printable(nameOfPath(wanted.path), PATH_CHARS_MAX)
  return (
    <div class="page reader file-page">
      <header class="bar stick">
        <IconButton icon="back" label={text.reader.back} ref={back} onClick={onClose} />
        <div class="grow">
          <h1 class="reader-name trunc">{name}</h1>
          <div class="meta trunc">{`${printable(wanted.path, PATH_CHARS_MAX)} · ${machine}`}</div>
        </div>
      </header>
      {fetching === null ? null : (
        <Fetched
          {...props}
          key={tries}
          name={name}
          fetching={fetching}
          parts={parts}
          onAgain={() => {
            parts.current = []
            setTries(tries + 1)
          }}
        />
      )}
    </div>
  )
}

type FetchedProps = FilePageProps & {
  readonly name: string
  readonly fetching: Fetching
  readonly parts: { current: Uint8Array<ArrayBuffer>[] }
  readonly onAgain: () => void
}

function Fetched(props: FetchedProps) {
  const { fetching, parts, machine, name, wanted } = props
  const text = useWords()
  const state = useObservable(fetching.state)
  const [wantsDownload, setWantsDownload] = useState(false)
  const accept = () => fetching.accept({ write: (bytes) => void parts.current.push(Uint8Array.from(bytes)) })
  useEffect(() => {
    if (state.status === 'found' && state.file.bytes <= shownBytesMax(state.file.path)) accept()
    if (state.status === 'done' && wantsDownload) download(parts.current, name)
  }, [state.status])
  const file = 'file' in state ? state.file : null
  const content = useMemo(
    () =>
      state.status === 'done' && state.file.bytes <= shownBytesMax(state.file.path)
        ? contentOf(state.file.path, parts.current)
        : null,
    [state.status],
  )
  return (
    <>
      {file === null ? null : <Facts file={file} content={content} line={wanted.line} />}
      <main class="reader-main" aria-label={name}>
        <Progress state={state} machine={machine} />
        {content === null ? null : <Content content={content} name={name} line={wanted.line} />}
      </main>
      <div class="dock solid reader-dock">
        {state.status === 'refused' ? (
          <button type="button" class="btn soft grow" onClick={props.onAgain}>
            <Icon name="again" />
            {text.files.again}
          </button>
        ) : null}
        {file === null ? null : (
          <>
            <CopyPath path={file.path} />
            <button
              type="button"
              class="btn soft grow"
              onClick={() => {
                if (state.status === 'done') return download(parts.current, name)
                setWantsDownload(true)
                accept()
              }}
            >
              <Icon name="toEnd" />
              {text.files.download}
            </button>
          </>
        )}
      </div>
    </>
  )
}

function Facts(props: {
  readonly file: FoundFile
  readonly content: FileContent | null
  readonly line: number | null
}) {
  const { file, content, line } = props
  const text = useWords()
  const facts = text.files.facts(byteSize(file.bytes, text), clockTime(file.changedAtMs, text))
  const isText = content?.kind === 'text'
  return (
    <p class="meta num file-facts">
      {isText && line !== null ? <span class="badge info">{text.files.atLine(line)}</span> : null}
      {isText ? `${text.files.lines(content.text.split('\n').length)} · ` : ''}
      {facts}
    </p>
  )
}

function Progress({ state, machine }: { readonly state: FetchingState; readonly machine: string }) {
  const text = useWords()
  switch (state.status) {
    case 'asking':
      return <p role="status">{text.files.asking(machine)}</p>
    case 'found':
      return state.file.bytes > shownBytesMax(state.file.path) ? (
        <p role="status">{text.files.tooLarge(byteSize(state.file.bytes, text))}</p>
      ) : null
    case 'fetching': {
      const percent = Math.floor((state.have / Math.max(1, state.file.bytes)) * 100)
      return (
        <>
          <p class="num">{state.waits ? text.files.waits(percent) : text.files.coming(percent)}</p>
          <progress
            class={`prog${state.waits ? ' wait' : ''}`}
            aria-label={text.files.download}
            max={Math.max(1, state.file.bytes)}
            value={state.have}
          />
        </>
      )
    }
    case 'refused':
      return (
        <p role="alert" class="file-refused">
          {refusalSays(state, text)}
        </p>
      )
    case 'done':
    case 'canceled':
      return null
  }
}

function Content(props: {
  readonly content: FileContent
  readonly name: string
  readonly line: number | null
}) {
  const { content, name, line } = props
  const text = useWords()
  const picture = useObjectUrl(content.kind === 'image' ? content.blob : null)
  switch (content.kind) {
    case 'text':
      return <Lines text={content.text} name={name} line={line} />
    case 'markdown':
      return (
        <article class="file-markdown">
          <Markdown text={content.text} />
        </article>
      )
    case 'image':
      return picture === null ? null : <img class="file-image" src={picture} alt={name} />
    case 'binary':
      return <p role="status">{text.files.binary}</p>
  }
}

function Lines({
  text: content,
  name,
  line,
}: {
  readonly text: string
  readonly name: string
  readonly line: number | null
}) {
  const text = useWords()
  const marked = useRef<HTMLSpanElement>(null)
  const lines = useMemo(() => content.split('\n'), [content])
  useEffect(() => marked.current?.scrollIntoView({ block: 'center' }), [])
  const at = line === null ? -1 : line - 1
  const before = lines.slice(0, Math.max(0, at)).join('\n')
  return (
    <pre class="out file-text" tabIndex={0} role="region" aria-label={text.files.content(name)}>
      {at < 0 || at >= lines.length ? (
        content
      ) : (
        <>
          {before === '' ? '' : `${before}\n`}
          <span class="file-line" ref={marked}>
            {`${lines[at]}\n`}
          </span>
          {lines.slice(at + 1).join('\n')}
        </>
      )}
    </pre>
  )
}

function CopyPath({ path }: { readonly path: string }) {
  const text = useWords()
  const [copied, setCopied] = useState(false)
  return (
    <button type="button" class="btn soft grow" onClick={() => void copyText(path).then(setCopied)}>
      <Icon name={copied ? 'check' : 'copy'} />
      <span role="status">{copied ? text.copied : text.files.copyPath}</span>
    </button>
  )
}

/** By a link of its own: the browser asks where it goes. It is a download whatever its type, and never opened by this page. */
function download(parts: readonly Uint8Array<ArrayBuffer>[], name: string): void {
  const url = URL.createObjectURL(new Blob([...parts], { type: 'application/octet-stream' }))
  const anchor = document.createElement('a')
  anchor.href = url
  anchor.download = name
  anchor.click()
  setTimeout(() => URL.revokeObjectURL(url), REVOKED_AFTER_MS)
}

/** The browser has begun to read it by then. */
const REVOKED_AFTER_MS = 60_000
