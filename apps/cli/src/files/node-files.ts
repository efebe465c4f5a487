import { createHash, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, link, lstat, open, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { FileSink } from '@latchkey/connection/app/fetching-file'
import type { Digest } from '@latchkey/connection/app/file-transfer'
import type { FileSource } from '@latchkey/connection/app/sending-file'

export function nodeDigest(): Digest {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') }
}

/** A file of this computer that is sent. */
export interface OwnFile {
  readonly source: FileSource
  /** the same as long as the file does not change */
  readonly mark: string
  close(): Promise<void>
}

/** Opens a regular file; a sentence when it cannot be sent. */
export async function openOwnFile(path: string): Promise<OwnFile | string> {
  let file: FileHandle
  try {
    // A pipe without a writer would hold the opening up for ever.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (problem) {
    return `${path} cannot be read: ${problem instanceof Error ? problem.message : String(problem)}.`
  }
  const stats = await file.stat()
  if (!stats.isFile()) {
    await file.close()
    return `${path} is no regular file. Pack a folder first: tar cz FOLDER > FILE.`
  }
  const markOf = ({ dev, ino, size, mtimeMs }: typeof stats) => `${dev}-${ino}-${size}-${mtimeMs}`
  const mark = markOf(stats)
  const read = async (from: number, to: number): Promise<Uint8Array> => {
    const buffer = Buffer.alloc(to - from)
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from)
    if (markOf(await file.stat()) !== mark)
      throw new Error(`${path} changed while it was sent. Send it again, or a copy of it.`)
    return buffer.subarray(0, bytesRead)
  }
  return { source: { name: basename(path), bytes: stats.size, read }, mark, close: () => file.close() }
}

/** A file that is fetched: beside its place until it is whole. */
export interface NewFile {
  readonly sink: FileSink
  /** Puts it in its place; a sentence when another file has come there. */
  place(): Promise<string | null>
  /** Removes it. */
  drop(): Promise<void>
}

/** Begins a file at `path`, where none may be; a sentence when there is one, or it cannot be made. */
export async function beginNewFile(path: string): Promise<NewFile | string> {
  const taken = `${path} is there already, and is not replaced. Give another name: latchkey get PATH FILE.`
  if ((await lstat(path).catch(() => null)) !== null) return taken
  const part = join(dirname(path), `.latchkey-${randomBytes(8).toString('hex')}.part`)
  try {
    await writeFile(part, '', { flag: 'wx', mode: 0o600 })
  } catch (problem) {
    return `${path} cannot be written: ${problem instanceof Error ? problem.message : String(problem)}.`
  }
  const file = await open(part, 'r+')
  let at = 0
  const close = () => file.close().catch(() => {})
  return {
    sink: {
      write: async (bytes) => {
        await file.write(bytes, 0, bytes.length, at)
        at += bytes.length
      },
    },
    place: async () => {
      await close()
      const problem = await link(part, path).then(
        () => null,
        () => taken,
      )
      await rm(part, { force: true })
      return problem
    },
    drop: async () => {
      await close()
      await rm(part, { force: true })
    },
  }
}
