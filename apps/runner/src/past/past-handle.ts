import { printable } from '@latchkey/protocol/printable'
import { PAST_FOLDER_CHARS_MAX, type Past, type TerminalInfo } from '@latchkey/protocol/terminal/messages'
import type { Size } from '@latchkey/protocol/terminal/streams'
import { KeptHandle, LOST } from '../keeper/keeper-client.ts'
import { NEVER_RESIZED } from '../keeper/keeper-messages.ts'
import { unpackedScreen } from '../screens/packed-screen.ts'
import type { FoundRecord, PastFolder } from './past-folder.ts'
import { resumeCommandIn } from './resume-command.ts'

/** What makes a terminal one of before. */
export interface PastFacts extends Past {
  /** the whole folder: `folder` is for people */
  readonly folderPath: string
  /** an app that came to know this machine later does not see it; epoch milliseconds */
  readonly writtenAtMs: number
}

/** What apps are told of it. */
export const toldPast = (past: PastFacts | null): Pick<TerminalInfo, 'past'> =>
  past === null ? {} : { past: { seenAtMs: past.seenAtMs, folder: past.folder, resume: past.resume } }

export function pastFacts({ record, seenAtMs }: FoundRecord): PastFacts {
  return {
    seenAtMs: Math.trunc(seenAtMs),
    folder: printable(record.folder, PAST_FOLDER_CHARS_MAX),
    folderPath: record.folder,
    writtenAtMs: record.writtenAtMs,
    resume: resumeOf(record.picture.bytes),
  }
}

/**
 * A past terminal as its runner uses one of the keeper: it has ended, its screen is the picture, nothing follows.
 * @param terminal its number now
 */
export function pastHandle(
  { record, seenAtMs }: FoundRecord,
  terminal: number,
  folder: PastFolder,
): KeptHandle {
  const { end, note, name, startedAtMs, picture } = record
  let size: Size = picture
  let resizes = 0
  const handle: KeptHandle = new KeptHandle(
    {
      ...{ terminal, name, startedAtMs, note, start: end, end, pictureAt: end },
      ...{ cols: size.cols, rows: size.rows, pid: 0, tty: '', replied: 0, exit: LOST },
      ...{ ledger: { writers: [], givenUp: [] }, resized: NEVER_RESIZED },
    },
    false,
    (message) => queueMicrotask(() => answer(message)),
  )
  const tellSize = () => {
    if (resizes > 0)
      handle.hear({ type: 'resized', terminal, resized: { seq: resizes, offset: end, ...size } })
  }
  const tellKept = () => {
    // Not kept in memory: most are looked at once.
    const { cols, rows, bytes } = folder.read(record)?.picture ?? { ...picture, bytes: null }
    const shown = bytes === null ? null : { cols, rows, bytes, offset: end, resizes: 0, replied: 0 }
    const first = { cols: picture.cols, rows: picture.rows }
    handle.hear({ type: 'kept', terminal, start: end, end, first, picture: shown, replied: 0 })
    tellSize()
  }
  const describe = (name: string, note: Uint8Array) => {
    const kept = folder.read(record)
    if (kept === null) return
    void folder.write({ ...kept, name, note }).then(() => folder.seen(record, seenAtMs))
  }
  const answer: Answer = (message) => {
    if (message.type === 'follow') tellKept()
    if (message.type === 'describe') describe(message.name, message.note)
    if (message.type === 'forget') folder.remove(record)
    if (message.type === 'input') {
      const upTo = message.from + message.bytes.length
      handle.hear({ type: 'applied', terminal, writer: message.writer, upTo })
    }
    if (message.type === 'resize') {
      size = message.size
      resizes += 1
      tellSize()
    }
  }
  return handle
}

type Answer = ConstructorParameters<typeof KeptHandle>[2]

function resumeOf(packed: Uint8Array): string | null {
  try {
    return resumeCommandIn(unpackedScreen(packed).screen)
  } catch {
    return null
  }
}
