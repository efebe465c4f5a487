import type { AppLink } from '@latchkey/connection/app/link'
import { shellWord } from '@latchkey/connection/app/shell-word'
import { subject } from '@latchkey/connection/observable'
import { useEffect, useState } from 'preact/hooks'
import type { FilePath } from '../../files/file-path.ts'
import { type OutboxFile, outboxOf, type WantedFile } from '../../files/outbox.ts'
import { dropShared, sharedFiles } from '../../files/shared-files.ts'
import { later } from '../../parts/later.tsx'
import { useObservable } from '../../use-observable.ts'
import { pasteInput } from '../keys/paste.ts'
import type { Screen } from '../screen/screen.ts'

const FilePage = later(async () => (await import('../../files/file-page.tsx')).FilePage)
const OpenFileSheet = later(async () => (await import('../../files/open-file-sheet.tsx')).OpenFileSheet)
const SendSheet = later(async () => (await import('../../files/send-sheet.tsx')).SendSheet)
const SendingSheet = later(async () => (await import('../../files/sending-sheet.tsx')).SendingSheet)

/** The sheet about files over the terminal page. */
type Filing =
  | { readonly what: 'nothing' | 'sending' | 'path' }
  | { readonly what: 'send'; readonly files: readonly File[] }
  | { readonly what: 'file'; readonly path: FilePath }

/** What the terminal page does with files. */
export interface FilesDesk {
  readonly filing: Filing
  /** chooses files, or sends those that were dropped or pasted */
  send(files?: readonly File[]): void
  /** some are on their way, or have arrived */
  readonly hasSent: boolean
  showSending(): void
  /** null for an app that may send alone */
  readonly fetch: { byPath(): void; open(path: FilePath): void } | null
  done(): void
}

const NOT_OFFERED = subject(false)
const NO_FILES = subject<readonly OutboxFile[]>([])

/** Null where the machine exchanges no files with this app. Files that another app has shared are asked about at once. */
export function useFiles(
  link: AppLink,
  { maySend, mayFetch }: { readonly maySend: boolean; readonly mayFetch: boolean },
): FilesDesk | null {
  const [filing, setFiling] = useState<Filing>({ what: 'nothing' })
  const outbox = outboxOf(link)
  const isOffered = useObservable(outbox?.files.isOffered ?? NOT_OFFERED)
  const list = useObservable(outbox?.list ?? NO_FILES)
  const shared = useObservable(sharedFiles)
  const isThere = maySend && isOffered
  useEffect(() => {
    if (isThere && shared.length > 0) setFiling({ what: 'send', files: shared })
  }, [isThere, shared])
  if (!isThere) return null
  const show = (next: Filing) => {
    // Sent, or looked at and put away: they are not asked about at each machine.
    if (filing.what === 'send' && filing.files === shared) dropShared()
    setFiling(next)
  }
  return {
    filing,
    send: (files = []) => show({ what: 'send', files }),
    hasSent: list.length > 0,
    showSending: () => show({ what: 'sending' }),
    fetch: mayFetch
      ? { byPath: () => show({ what: 'path' }), open: (path) => show({ what: 'file', path }) }
      : null,
    done: () => show({ what: 'nothing' }),
  }
}

/** The files of a drop or a paste; empty when it has none. */
export const filesIn = (data: DataTransfer | null): readonly File[] => [...(data?.files ?? [])]

export function FilesAsked(props: {
  readonly desk: FilesDesk
  readonly link: AppLink
  readonly runnerId: string
  readonly machine: string
  readonly screen: Screen | null
  /** of the terminal; null for none */
  readonly name: string | null
  readonly mayType: boolean
}) {
  const { desk, link, machine, screen } = props
  const { filing } = desk
  const outbox = outboxOf(link)
  const terminal = screen?.terminal ?? null
  if (outbox === null) return null
  const send = (
    files: readonly WantedFile[],
    how: { readonly into: 'own' | 'working'; readonly type: boolean },
  ) => {
    const type = how.type && screen !== null ? (path: string) => typePath(screen, path) : null
    outbox.send(props.runnerId, files, { terminal, into: how.into, type })
    desk.showSending()
  }
  switch (filing.what) {
    case 'nothing':
      return null
    case 'send':
      return (
        <SendSheet
          machine={machine}
          terminal={props.name}
          initial={filing.files}
          mayType={props.mayType && screen !== null}
          onSend={send}
          onClose={desk.done}
        />
      )
    case 'sending':
      return <SendingSheet outbox={outbox} onFiles={desk.send} onClose={desk.done} />
    case 'path':
      return desk.fetch === null ? null : <OpenFileSheet onPath={desk.fetch.open} onClose={desk.done} />
    case 'file':
      return (
        <FilePage
          link={link}
          machine={machine}
          terminal={terminal}
          wanted={filing.path}
          onClose={desk.done}
        />
      )
  }
}

/** Types a path at the cursor, as a paste, without Enter. */
function typePath(screen: Screen, path: string): boolean {
  const word = shellWord(path)
  const input = word === null ? null : pasteInput(`${word} `, screen.bracketedPaste, false)
  return input !== null && screen.type(new TextEncoder().encode(input)) === 'taken'
}
