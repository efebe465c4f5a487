import '../styles/files.css'
import { useEffect, useState } from 'preact/hooks'
import { Dialog } from '../parts/dialog.tsx'
import { SegmentsField } from '../parts/fields.tsx'
import { Icon } from '../parts/icon.tsx'
import { useWords } from '../words/language.ts'
import { byteSize } from '../words/times.ts'
import type { WantedFile } from './outbox.ts'

export interface SendSheetProps {
  readonly machine: string
  /** null: of no terminal */
  readonly terminal: string | null
  /** dropped or pasted; empty: the person chooses them here */
  readonly initial: readonly File[]
  /** whether a path can be typed */
  readonly mayType: boolean
  readonly onSend: (
    files: readonly WantedFile[],
    how: { readonly into: 'own' | 'working'; readonly type: boolean },
  ) => void
  readonly onClose: () => void
}

/** Chooses files, says where they go, and sends them by one tap. */
export function SendSheet(props: SendSheetProps) {
  const text = useWords()
  const { machine, terminal, onSend, onClose } = props
  const [files, setFiles] = useState(props.initial)
  const [name, setName] = useState(props.initial[0]?.name ?? '')
  const [into, setInto] = useState<'own' | 'working'>('own')
  const [type, setType] = useState(props.mayType)
  const choose = (chosen: readonly File[]) => {
    if (chosen.length === 0) return
    setFiles(chosen)
    setName(chosen[0]?.name ?? '')
  }
  const [first] = files
  const bytes = files.reduce((sum, file) => sum + file.size, 0)
  const send = () =>
    onSend(
      files.map((file) => ({
        file,
        name: files.length === 1 && name.trim() !== '' ? name.trim() : file.name,
      })),
      { into, type: type && props.mayType },
    )
  return (
    <Dialog title={text.files.sendTo(machine)} onClose={onClose}>
      {terminal === null ? null : <p class="dim files-sub">{text.files.toTerminal(terminal)}</p>}
      {first === undefined ? (
        <Choices onFiles={choose} />
      ) : (
        <div class="stack">
          <Chosen files={files} />
          {files.length > 1 ? null : (
            <div class="field">
              <label for="file-name">{text.files.name}</label>
              <input
                id="file-name"
                class="input mono"
                value={name}
                autocomplete="off"
                autocapitalize="off"
                spellcheck={false}
                maxLength={255}
                onInput={(event) => setName(event.currentTarget.value)}
              />
            </div>
          )}
          <SegmentsField
            label={text.files.into}
            chosen={into}
            all={[
              ['own', text.files.intoOwn],
              ['working', text.files.intoWorking],
            ]}
            onChoose={setInto}
          />
          {props.mayType ? (
            <label class="files-type">
              <span class="grow">
                {text.files.type}
                <span class="small dim">{text.files.typeText}</span>
              </span>
              <input
                type="checkbox"
                role="switch"
                class="switch"
                checked={type}
                onChange={(event) => setType(event.currentTarget.checked)}
              />
            </label>
          ) : null}
          <p class="small dim files-note">
            <Icon name="sealed" />
            <span>{text.files.promise(machine)}</span>
          </p>
          <button type="button" class="btn primary block" data-first onClick={send}>
            {text.files.sendSize(byteSize(bytes, text))}
          </button>
        </div>
      )}
    </Dialog>
  )
}

/** The browser's own pickers. A label is the button: the field itself is drawn nowhere. */
export function Choices({ onFiles }: { readonly onFiles: (files: readonly File[]) => void }) {
  const text = useWords()
  const picked = (event: { readonly currentTarget: HTMLInputElement }) => {
    onFiles([...(event.currentTarget.files ?? [])])
    // So that the same file can be chosen again.
    event.currentTarget.value = ''
  }
  return (
    <div class="stack">
      <label class="btn block files-pick">
        <Icon name="file" />
        {text.files.choose}
        <input type="file" multiple class="vh" onChange={picked} />
      </label>
      <label class="btn block files-pick">
        <Icon name="picture" />
        {text.files.picture}
        <input type="file" accept="image/*" capture="environment" class="vh" onChange={picked} />
      </label>
      <p class="small dim">{text.files.orDrop}</p>
    </div>
  )
}

function Chosen({ files }: { readonly files: readonly File[] }) {
  const text = useWords()
  const [first] = files
  const picture = useObjectUrl(files.length === 1 && first?.type.startsWith('image/') ? first : null)
  const [size, setSize] = useState('')
  if (first === undefined) return null
  if (picture === null)
    return (
      <ul class="files-names">
        {files.map((file, at) => (
          <li key={at}>
            <span class="trunc">{file.name}</span>
            <span class="meta num">{byteSize(file.size, text)}</span>
          </li>
        ))}
      </ul>
    )
  return (
    <figure class="files-preview">
      <img
        src={picture}
        alt={text.files.preview(first.name)}
        onLoad={({ currentTarget }) =>
          setSize(`${currentTarget.naturalWidth} × ${currentTarget.naturalHeight} · `)
        }
      />
      <figcaption class="meta num">
        {size}
        {byteSize(first.size, text)}
      </figcaption>
    </figure>
  )
}

/** An address of a blob for as long as it is shown. */
export function useObjectUrl(blob: Blob | null): string | null {
  const [url, setUrl] = useState<string | null>(null)
  useEffect(() => {
    if (blob === null) return setUrl(null)
    const made = URL.createObjectURL(blob)
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [blob])
  return url
}
