import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** A file that arrives, or has arrived: kept on disk, so that it goes on and arrives once after any end of this process. */
const arrivalRecord = z.object({
  /** absolute */
  folder: z.string(),
  /** clean */
  name: z.string(),
  bytes: z.number(),
  /** where it lies whole; null while it arrives */
  path: z.string().nullable(),
})
export type ArrivalRecord = z.output<typeof arrivalRecord>

/** A part that rested for so long is removed. */
const PART_AGE_MS_MAX = 7 * 24 * 60 * 60 * 1000
/** The oldest are forgotten first; a person has no more transfers under way. */
export const RECORDS_MAX = 512
const FOR_OWNER = 0o700
const FILE_FOR_OWNER = 0o600
const NAME = /^[0-9a-f]{32}\.json$/

/** The part of a file, beside its place: putting it there is then one step of the file system. */
export const partOf = (id: string, { folder }: Pick<ArrivalRecord, 'folder'>): string =>
  join(folder, `.latchkey-${id}.part`)

/** Which file of which app it is. */
export const arrivalId = (app: string, key: string): string =>
  createHash('sha256').update(`${app}\n${key}`).digest('hex').slice(0, 32)

/** The records of files that apps send. */
export class ArrivalBook {
  readonly #folder: string

  /** Removes records that are too old, with their parts. */
  constructor(folder: string, nowMs: number) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true, mode: FOR_OWNER })
    chmodSync(folder, FOR_OWNER)
    this.#prune(nowMs)
  }

  /** Null when there is none that can be read. */
  read(id: string): ArrivalRecord | null {
    try {
      const record = arrivalRecord.safeParse(JSON.parse(readFileSync(this.#path(id), 'utf8')))
      return record.success ? record.data : null
    } catch {
      return null
    }
  }

  async write(id: string, record: ArrivalRecord): Promise<void> {
    const draft = `${this.#path(id)}.new`
    await writeFile(draft, JSON.stringify(record), { mode: FILE_FOR_OWNER })
    await rename(draft, this.#path(id))
  }

  async forget(id: string): Promise<void> {
    await rm(this.#path(id), { force: true })
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.json`)
  }

  #prune(nowMs: number): void {
    const found = readdirSync(this.#folder)
      .filter((name) => NAME.test(name))
      .map((name) => ({ id: name.slice(0, 32), writtenAtMs: statSync(join(this.#folder, name)).mtimeMs }))
      .sort((a, b) => b.writtenAtMs - a.writtenAtMs)
    found.forEach(({ id, writtenAtMs }, at) => {
      if (at < RECORDS_MAX && nowMs - writtenAtMs < PART_AGE_MS_MAX) return
      const record = this.read(id)
      if (record !== null) rmSync(partOf(id, record), { force: true })
      rmSync(this.#path(id), { force: true })
    })
  }
}
