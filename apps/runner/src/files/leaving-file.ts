import { createHash } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { type FileHandle, lstat, open, readlink } from 'node:fs/promises'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { FILE_CHUNK_BYTES_MAX } from '@latchkey/protocol/terminal/files'
import { type RefusedFile, refusalOf, refusedFile } from './refused-file.ts'

/** A pipe without a writer would hold the opening up for ever. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
const PREFIX_READ_BYTES = 256 * 1024

export interface LeavingListener {
  /** the broker takes no more for now */
  readonly isPaused: () => boolean
  readonly send: (offset: number, bytes: Uint8Array) => void
  readonly sent: (sha256: string) => void
  readonly refused: (refusal: RefusedFile) => void
}

/** A regular file on its way to an app, as far as the app's credit goes. */
export class LeavingFile {
  readonly path: string
  readonly bytes: number
  readonly changedAtMs: number
  readonly tag: string
  readonly #file: FileHandle
  readonly #hash = createHash('sha256')
  readonly #listener: LeavingListener
  #sent: number
  #upTo: number
  #pumping = false
  #over = false

  private constructor(path: string, file: FileHandle, stats: Stats, from: number, listener: LeavingListener) {
    this.path = path
    this.bytes = stats.size
    this.changedAtMs = Math.max(0, Math.round(stats.mtimeMs))
    this.tag = tagOf(stats)
    this.#file = file
    this.#listener = listener
    this.#sent = from
    this.#upTo = from
  }

  /**
   * @param wanted.path absolute, from `~`, or from `base`
   * @param wanted.tag of the file of which the app has `from` bytes
   */
  static async open(
    wanted: { readonly path: string; readonly from: number; readonly tag?: string | undefined },
    base: string,
    listener: LeavingListener,
  ): Promise<LeavingFile | RefusedFile> {
    const path = resolve(base, wanted.path.replace(/^~(?=\/|$)/, homedir()))
    let file: FileHandle | null = null
    try {
      const strange = await whyNot(path)
      if (strange !== null) return strange
      file = await open(path, READ_FLAGS)
      const stats = await file.stat()
      const leaving = new LeavingFile(path, file, stats, wanted.from, listener)
      const isSame = wanted.from <= stats.size && (wanted.tag ?? leaving.tag) === leaving.tag
      if (stats.isFile() && isSame) {
        await leaving.#hashPrefix()
        return leaving
      }
      await file.close()
      return stats.isFile() ? changed(path) : refusedFile('NOT_A_FILE', `${path} is no regular file.`)
    } catch (problem) {
      await file?.close().catch(() => {})
      return refusalOf(problem, path)
    }
  }

  /** The app takes bytes up to this offset. */
  grant(upTo: number): void {
    this.#upTo = Math.max(this.#upTo, Math.min(upTo, this.bytes))
    void this.pump()
  }

  /** Sends what may be sent now. */
  async pump(): Promise<void> {
    if (this.#pumping) return
    this.#pumping = true
    try {
      while (!this.#over && !this.#listener.isPaused() && this.#sent < this.#upTo) await this.#sendNext()
      if (!this.#over && this.#sent === this.bytes && this.#upTo === this.bytes) await this.#end()
    } catch (problem) {
      this.#refuse(refusalOf(problem, this.path))
    } finally {
      this.#pumping = false
      if (this.#over) await this.#file.close().catch(() => {})
    }
  }

  /** It is not wanted any more. */
  close(): void {
    this.#over = true
    // A read that is under way closes it.
    if (!this.#pumping) void this.#file.close().catch(() => {})
  }

  async #sendNext(): Promise<void> {
    const buffer = Buffer.allocUnsafe(Math.min(FILE_CHUNK_BYTES_MAX, this.#upTo - this.#sent))
    const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, this.#sent)
    if (this.#over) return
    if (bytesRead === 0) return this.#refuse(changed(this.path))
    const bytes = buffer.subarray(0, bytesRead)
    this.#hash.update(bytes)
    this.#listener.send(this.#sent, bytes)
    this.#sent += bytesRead
  }

  async #end(): Promise<void> {
    const isSame = tagOf(await this.#file.stat()) === this.tag
    if (this.#over) return
    if (!isSame) return this.#refuse(changed(this.path))
    this.#over = true
    this.#listener.sent(this.#hash.digest('hex'))
  }

  #refuse(refusal: RefusedFile): void {
    if (this.#over) return
    this.#over = true
    this.#listener.refused(refusal)
  }

  async #hashPrefix(): Promise<void> {
    const buffer = Buffer.allocUnsafe(PREFIX_READ_BYTES)
    for (let at = 0; at < this.#sent; ) {
      const { bytesRead } = await this.#file.read(buffer, 0, Math.min(buffer.length, this.#sent - at), at)
      if (bytesRead === 0) return
      this.#hash.update(buffer.subarray(0, bytesRead))
      at += bytesRead
    }
  }
}

const tagOf = ({ dev, ino, size, mtimeMs }: Stats): string => `${dev}-${ino}-${size}-${mtimeMs}`

const changed = (path: string): RefusedFile =>
  refusedFile('CHANGED', `${path} changed while it was read. Copy it there, and fetch the copy.`)

/** Why what lies at `path` is not sent; null for a regular file. A program could wait for ever at the others. */
async function whyNot(path: string): Promise<RefusedFile | null> {
  const found = await lstat(path)
  if (found.isFile()) return null
  if (found.isSymbolicLink())
    return refusedFile('LINK', `${path} is a symbolic link to ${await readlink(path)}. Ask for that file.`)
  if (found.isDirectory())
    return refusedFile('NOT_A_FILE', `${path} is a folder. Pack it there (tar), and fetch the archive.`)
  const kind = found.isFIFO() ? 'a pipe' : found.isSocket() ? 'a socket' : 'a device'
  return refusedFile('NOT_A_FILE', `${path} is ${kind}. Only regular files are sent.`)
}
