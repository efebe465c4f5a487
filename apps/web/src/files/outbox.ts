import type { AppFiles } from '@latchkey/connection/app/app-files'
import type { AppLink } from '@latchkey/connection/app/link'
import type { Sending } from '@latchkey/connection/app/sending-file'
import { type Subject, subject } from '@latchkey/connection/observable'
import { begunFile } from './begun-files.ts'

/** Files that have ended are shown until there are more than this. */
const SHOWN_MAX = 50

/** A file on its way from this page, or one that has arrived. */
export interface OutboxFile {
  readonly id: number
  readonly sending: Sending
  readonly isPicture: boolean
  /** whether its path was typed; null while it is not known, or not wanted */
  readonly typed: Subject<boolean | null>
}

export interface WantedFile {
  readonly file: File
  readonly name: string
}

export interface SendingWish {
  readonly terminal: number | null
  readonly into: 'own' | 'working'
  /** types a path where it is wanted; false when it could not */
  readonly type: ((path: string) => boolean) | null
}

/** The files of one link, as long as the page lives. */
export interface Outbox {
  readonly files: AppFiles
  readonly list: Subject<readonly OutboxFile[]>
  send(runnerId: string, files: readonly WantedFile[], wish: SendingWish): void
}

const outboxes = new WeakMap<AppLink, Outbox>()
let lastId = 0

export function keepFilesOf(link: AppLink, files: AppFiles): void {
  const list = subject<readonly OutboxFile[]>([])
  const send: Outbox['send'] = (runnerId, wanted, wish) => {
    const begun = wanted.map((one) => begin(files, runnerId, one, wish))
    list.set([...list.current, ...begun].slice(-SHOWN_MAX))
  }
  outboxes.set(link, { files, list, send })
}

/** Every link of this page has one. */
export const outboxOf = (link: AppLink): Outbox | null => outboxes.get(link) ?? null

function begin(files: AppFiles, runnerId: string, { file, name }: WantedFile, wish: SendingWish): OutboxFile {
  const { terminal, into, type } = wish
  const begun = begunFile([runnerId, terminal ?? '', into, name, file.size, file.lastModified])
  const read = async (from: number, to: number) => new Uint8Array(await file.slice(from, to).arrayBuffer())
  const sending = files.send({ key: begun.key, source: { name, bytes: file.size, read }, terminal, into })
  const typed = subject<boolean | null>(null)
  sending.state.subscribe((state) => {
    if (state.status === 'waiting' || state.status === 'sending') return
    begun.ended()
    if (state.status === 'done' && type !== null) typed.set(type(state.path))
  })
  return { id: ++lastId, sending, isPicture: file.type.startsWith('image/'), typed }
}
