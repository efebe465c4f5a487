import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { CastHeader } from './cast-lines.ts'
import { RECORDING_NAME } from './old-recordings.ts'
import { RECORDINGS_FOLDER } from './recordings.ts'
import { headerIn } from './verify-recording.ts'

/** A recording on this machine, as a list shows it. */
export interface RecordingFile {
  readonly name: string
  readonly bytes: number
  readonly header: CastHeader
  /** its last line is an end; `verifyRecording` tells whether it is a true one */
  readonly hasEnd: boolean
}

/** A header has a title of at most 64 characters, and names. */
const HEADER_BYTES_MAX = 4_096
const END_LINE_BYTES_MAX = 128

/** The file of that name in the runner's folder; null when it can be none of a recording. */
export const recordingPath = (stateFolder: string, name: string): string | null =>
  RECORDING_NAME.test(name) ? join(stateFolder, RECORDINGS_FOLDER, name) : null

/** All recordings of a runner, the oldest first; other files in the folder are passed over. */
export function listRecordings(stateFolder: string): readonly RecordingFile[] {
  return namesIn(join(stateFolder, RECORDINGS_FOLDER)).flatMap((name) => {
    const path = recordingPath(stateFolder, name)
    return path === null ? [] : (read(path, name) ?? [])
  })
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

function read(path: string, name: string): RecordingFile | null {
  try {
    const bytes = statSync(path).size
    const start = part(path, 0, HEADER_BYTES_MAX)
    const header = headerIn(start.subarray(0, Math.max(0, start.indexOf(10))))
    const end = part(path, Math.max(0, bytes - END_LINE_BYTES_MAX), END_LINE_BYTES_MAX).toString('latin1')
    return header === null ? null : { name, bytes, header, hasEnd: /\n#end [\w-]+\n$/.test(end) }
  } catch {
    return null
  }
}

function part(path: string, from: number, byteCount: number): Buffer {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(byteCount)
    return bytes.subarray(0, readSync(file, bytes, 0, byteCount, from))
  } finally {
    closeSync(file)
  }
}
