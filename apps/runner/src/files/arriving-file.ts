import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, link, lstat, open, readdir, rm, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { NAMES_TRIED_MAX, numberedName } from '@latchkey/domain/files/file-name'
import { FILE_AHEAD_BYTES_MAX } from '@latchkey/protocol/terminal/files'
import { type ArrivalBook, type ArrivalRecord, partOf } from './arrival-book.ts'
import { codeOf, type RefusedFile, refusalOf, refusedFile } from './refused-file.ts'

const FOR_OWNER = 0o600
const PART_FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW
const READ_BYTES = 256 * 1024

/** What became of bytes or of the end of a file. */
export type Arrival =
  | { readonly status: 'arriving'; readonly have: number; readonly upTo: number }
  | { readonly status: 'arrived'; readonly path: string; readonly sha256: string }
  | { readonly status: 'refused'; readonly refusal: RefusedFile }
  /** nothing to say: the app has left, or it was said already */
  | { readonly status: 'over' }

/**
 * A file that arrives in a part beside its place. Its steps run one after the other. It is put in its place by a hard link, which
 * never overwrites; then its record says so; then the part goes. A new try finds by the record, or by the number of links of the
 * part, how far it came.
 */
export class ArrivingFile {
  readonly id: string
  readonly #record: ArrivalRecord
  readonly #book: ArrivalBook
  readonly #file: FileHandle
  /** offset up to which bytes came from the app; up to `#have` they are written */
  #taken: number
  #have: number
  #last: Promise<unknown> = Promise.resolve()
  #over = false
  /** nothing of it is open any more */
  onOver: () => void = () => {}

  private constructor(id: string, record: ArrivalRecord, book: ArrivalBook, file: FileHandle, have: number) {
    this.id = id
    this.#record = record
    this.#book = book
    this.#file = file
    this.#taken = have
    this.#have = have
  }

  /** Opens the part of a record, or says where the whole file is already. */
  static async open(
    id: string,
    record: ArrivalRecord,
    book: ArrivalBook,
  ): Promise<ArrivingFile | RefusedFile | string> {
    const part = partOf(id, record)
    if (record.path !== null) {
      await rm(part, { force: true })
      return record.path
    }
    let file: FileHandle
    try {
      file = await open(part, PART_FLAGS, FOR_OWNER)
    } catch (problem) {
      return refusalOf(problem, record.folder)
    }
    const found = await file.stat()
    if (!found.isFile()) {
      await file.close()
      return refusedFile('NO_FOLDER', `${part} is no file. Remove it.`)
    }
    const placed = found.nlink > 1 ? await otherNameOf(found.ino, part, record.folder) : null
    if (placed !== null) {
      await file.close()
      await book.write(id, { ...record, path: placed })
      await unlink(part)
      return placed
    }
    const isSane = found.size <= record.bytes
    if (!isSane) await file.truncate(0)
    return new ArrivingFile(id, record, book, file, isSane ? found.size : 0)
  }

  get now(): Arrival {
    return { status: 'arriving', have: this.#have, upTo: this.#have + FILE_AHEAD_BYTES_MAX }
  }

  get name(): string {
    return this.#record.name
  }

  get bytes(): number {
    return this.#record.bytes
  }

  /** Writes bytes at this offset; null when they make no sense here. */
  take(offset: number, bytes: Uint8Array): Promise<Arrival> | null {
    const end = offset + bytes.length
    if (offset !== this.#taken || end > this.#record.bytes || end > this.#have + FILE_AHEAD_BYTES_MAX)
      return null
    this.#taken = end
    return this.#next(async () => {
      let at = 0
      while (at < bytes.length) {
        const { bytesWritten } = await this.#file.write(bytes, at, bytes.length - at, offset + at)
        at += bytesWritten
      }
      this.#have = end
      return this.now
    })
  }

  /** All was sent. Puts the file in its place if it is what the app has. */
  finish(sha256: string): Promise<Arrival> {
    return this.#next(async () => {
      const isWhole = this.#have === this.#record.bytes && (await this.#digest()) === sha256
      if (!isWhole) {
        await this.#drop()
        return {
          status: 'refused',
          refusal: refusedFile('DAMAGED', `${this.name} did not arrive as it was sent. Send it again.`),
        }
      }
      await this.#file.datasync()
      const path = await this.#place()
      if (typeof path !== 'string') return { status: 'refused', refusal: path }
      await this.#book.write(this.id, { ...this.#record, path })
      await this.#drop({ andRecord: false })
      return { status: 'arrived', path, sha256 }
    })
  }

  /** The app has gone, or tries anew: the part stays. Resolves when nothing of it is open any more. */
  async leave(): Promise<void> {
    await this.#next(async () => {
      await this.#close()
      return { status: 'over' }
    })
  }

  /** It is not wanted any more. */
  async cancel(): Promise<void> {
    await this.#next(async () => {
      await this.#drop()
      return { status: 'over' }
    })
  }

  #next(step: () => Promise<Arrival>): Promise<Arrival> {
    const turn = this.#last.then(async (): Promise<Arrival> => {
      if (this.#over) return { status: 'over' }
      try {
        return await step()
      } catch (problem) {
        await this.#drop()
        return { status: 'refused', refusal: refusalOf(problem, this.name) }
      }
    })
    this.#last = turn
    return turn
  }

  async #drop({ andRecord = true } = {}): Promise<void> {
    await this.#close()
    await rm(partOf(this.id, this.#record), { force: true }).catch(() => {})
    if (andRecord) await this.#book.forget(this.id).catch(() => {})
  }

  async #close(): Promise<void> {
    this.#over = true
    await this.#file.close().catch(() => {})
    this.onOver()
  }

  /** SHA-256 of what the disk has. */
  async #digest(): Promise<string> {
    const hash = createHash('sha256')
    const buffer = Buffer.alloc(READ_BYTES)
    for (let at = 0; at < this.#record.bytes; ) {
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, at)
      if (bytesRead === 0) break
      hash.update(buffer.subarray(0, bytesRead))
      at += bytesRead
    }
    return hash.digest('hex')
  }

  /** Gives the part its name, or the first free one after it. */
  async #place(): Promise<string | RefusedFile> {
    const { folder, name } = this.#record
    const part = partOf(this.id, this.#record)
    for (let attempt = 1; attempt <= NAMES_TRIED_MAX; attempt++) {
      const path = join(folder, numberedName(name, attempt))
      try {
        await link(part, path)
        return path
      } catch (problem) {
        if (codeOf(problem) !== 'EEXIST') throw problem
      }
    }
    await this.#drop()
    return refusedFile(
      'NO_FOLDER',
      `${folder} has ${NAMES_TRIED_MAX} files called ${name}. Send it under another name.`,
    )
  }
}

/** The other name of the file that `part` is: it was put in its place, and the record does not say so yet. */
async function otherNameOf(inode: number, part: string, folder: string): Promise<string | null> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const found = path === part ? null : await lstat(path).catch(() => null)
    if (found?.isFile() === true && found.ino === inode) return path
  }
  return null
}
