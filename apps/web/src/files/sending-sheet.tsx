import '../styles/files.css'
import type { SendingState } from '@latchkey/connection/app/sending-file'
import { useEffect, useState } from 'preact/hooks'
import { Tile } from '../parts/card.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Icon } from '../parts/icon.tsx'
import { IconButton } from '../parts/icon-button.tsx'
import { useObservable } from '../use-observable.ts'
import type { Words } from '../words/en.ts'
import { useWords } from '../words/language.ts'
import { byteSize } from '../words/times.ts'
import type { Outbox, OutboxFile } from './outbox.ts'
import { refusalSays } from './refusal-says.ts'
import { Choices } from './send-sheet.tsx'

/** The files of this page on their way to a machine. */
export function SendingSheet(props: {
  readonly outbox: Outbox
  readonly onFiles: (files: readonly File[]) => void
  readonly onClose: () => void
}) {
  const text = useWords()
  const list = useObservable(props.outbox.list)
  return (
    <Dialog title={text.files.sending(list.length)} onClose={props.onClose}>
      <Summary list={list} />
      <ul class="rows files-rows">
        {list.map((file) => (
          <FileRow key={file.id} file={file} />
        ))}
      </ul>
      <p class="small dim files-note stays">
        <Icon name="noLink" />
        <span>{text.files.stays}</span>
      </p>
      <h3 class="label">{text.files.another}</h3>
      <Choices onFiles={props.onFiles} />
    </Dialog>
  )
}

/** Told when a file begins, ends or waits, and not at each percent. */
function Summary({ list }: { readonly list: readonly OutboxFile[] }) {
  const text = useWords()
  const [, redraw] = useState(0)
  const statuses = list.map(({ sending }) => sending.state.current.status)
  useEffect(() => {
    let told = statuses.join()
    const look = () => {
      const now = list.map(({ sending }) => sending.state.current.status).join()
      if (now !== told) redraw((count) => count + 1)
      told = now
    }
    look()
    const stops = list.map(({ sending }) => sending.state.subscribe(look))
    return () => stops.forEach((stop) => stop())
  }, [list])
  const count = (status: SendingState['status']) => statuses.filter((each) => each === status).length
  return (
    <p class="dim files-sub" role="status">
      {text.files.summary(count('done'), count('sending'), count('waiting'))}
    </p>
  )
}

function FileRow({ file }: { readonly file: OutboxFile }) {
  const text = useWords()
  const { sending, isPicture } = file
  const state = useObservable(sending.state)
  const typed = useObservable(file.typed)
  const moves = state.status === 'sending' || state.status === 'waiting'
  return (
    <li>
      <Tile icon={isPicture ? 'picture' : 'file'} />
      <div class="grow">
        <div class="t">{sending.name}</div>
        <div class="d num">{factsOf(state, sending.bytes, typed, text)}</div>
        {moves ? (
          <progress
            class={`prog${state.status === 'waiting' ? ' wait' : ''}`}
            aria-label={sending.name}
            max={Math.max(1, sending.bytes)}
            value={state.have}
          />
        ) : null}
      </div>
      {moves ? (
        <IconButton
          icon="cross"
          label={text.files.cancelOne(sending.name)}
          onClick={() => sending.cancel()}
        />
      ) : (
        <EndBadge status={state.status} />
      )}
    </li>
  )
}

function EndBadge({ status }: { readonly status: 'done' | 'refused' | 'canceled' }) {
  const { files } = useWords()
  if (status === 'done')
    return (
      <span class="badge ok">
        <Icon name="check" />
        {files.done}
      </span>
    )
  return (
    <span class={`badge${status === 'refused' ? ' bad' : ''}`}>
      {status === 'refused' ? files.refused : files.canceled}
    </span>
  )
}

function factsOf(state: SendingState, bytes: number, typed: boolean | null, text: Words): string {
  const percent = (have: number) => (bytes === 0 ? 100 : Math.floor((have / bytes) * 100))
  switch (state.status) {
    case 'waiting':
      return text.files.waits(percent(state.have))
    case 'sending':
      return text.files.progress(percent(state.have), byteSize(state.have, text), byteSize(bytes, text))
    case 'done': {
      const after = typed === null ? state.path : typed ? text.files.typed : text.files.notTyped
      return `${byteSize(bytes, text)} · ${after}`
    }
    case 'refused':
      return refusalSays(state, text)
    case 'canceled':
      return byteSize(bytes, text)
  }
}
