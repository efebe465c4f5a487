import { readlinkSync } from 'node:fs'
import type { KeptHandle } from '../keeper/keeper-client.ts'
import type { FromKeeper, KeptPicture, ToKeeper } from '../keeper/keeper-messages.ts'
import type { PastFolder } from './past-folder.ts'
import { within } from './within.ts'

/** A terminal that prints is written so often: at most so much of its output is lost with the machine. */
export const WRITE_EVERY_MS = 5_000
/** A picture that has not come by then never comes: its screen was closed meanwhile. The next one is waited for. */
const PICTURE_WITHIN_MS = 10_000
/** That a terminal lives is noted so often. */
const SEEN_EVERY_MS = 60_000
/** Signals that come from elsewhere, as when a machine shuts down: HUP, KILL, TERM. */
const FROM_OUTSIDE: ReadonlySet<number | null> = new Set([1, 9, 15])

/** Keeps the last picture of one living terminal on disk, and removes it when the terminal is closed or ends by itself. */
export class Remembering {
  readonly #kept: KeptHandle
  readonly #folder: PastFolder
  readonly #everyMs: number
  readonly #pictureWithinMs: number
  readonly #pack: (done: () => void, must: boolean) => void
  readonly #alive: NodeJS.Timeout
  readonly #stopHearing: () => void
  /** where its shell was when it was last asked */
  #shellFolder: string
  #name: string
  #note: Uint8Array
  #end: number
  #saving = false
  /** made while saving, and not on disk yet */
  #picture: KeptPicture | null = null
  #timer: NodeJS.Timeout | null = null
  #saved: Promise<void> = Promise.resolve()
  /** its end is wanted */
  #closed = false
  #over = false

  /**
   * @param options.shellFolder where its shell began
   * @param options.pack makes a picture, if the terminal has a screen now or it must, and says when it is made
   */
  constructor(
    kept: KeptHandle,
    options: {
      readonly folder: PastFolder
      readonly shellFolder: string
      readonly pack: (done: () => void, must: boolean) => void
      readonly everyMs?: number
      readonly pictureWithinMs?: number
    },
  ) {
    const { info } = kept
    this.#kept = kept
    this.#folder = options.folder
    // A shell that has just been started is not there yet.
    this.#shellFolder = (kept.isFollowed ? null : folderOf(info.pid)) ?? options.shellFolder
    this.#pack = options.pack
    this.#everyMs = options.everyMs ?? WRITE_EVERY_MS
    this.#pictureWithinMs = options.pictureWithinMs ?? PICTURE_WITHIN_MS
    this.#name = info.name
    this.#note = info.note
    this.#end = info.end
    this.#alive = setInterval(() => this.#folder.seen(info, Date.now()), SEEN_EVERY_MS).unref()
    this.#stopHearing = kept.overhear({
      sent: (message) => this.#sent(message),
      heard: (message) => this.#heard(message),
    })
    // An earlier runner kept nothing, and left no more than a picture with the keeper.
    if (!kept.isFollowed && !this.#folder.has(info)) void this.save(true)
  }

  /** Writes the screen as it is now, after a write that is under way: two at once would take each other's picture. */
  save(must = false): Promise<void> {
    this.#saved = this.#saved.then(() => this.#save(must))
    return this.#saved
  }

  async #save(must: boolean): Promise<void> {
    if (this.#over) return
    this.#shellFolder = folderOf(this.#kept.info.pid) ?? this.#shellFolder
    this.#saving = true
    await within(new Promise<void>((resolve) => this.#pack(resolve, must)), this.#pictureWithinMs)
    this.#saving = false
    await this.#write()
  }

  /** Stops writing; the file stays. */
  end(): void {
    this.#over = true
    clearInterval(this.#alive)
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#stopHearing()
  }

  #heard(message: FromKeeper): void {
    if (message.type === 'output') this.#end = Math.max(this.#end, message.offset + message.bytes.length)
    if (message.type === 'stirred') this.#end = Math.max(this.#end, message.end)
    if (message.type === 'output' || message.type === 'resized' || message.type === 'kept') this.#later()
    if (message.type === 'exited') this.#exited(message.exit.signal)
  }

  #sent(message: ToKeeper): void {
    if (message.type === 'end' || message.type === 'kill') this.#closed = true
    if (message.type === 'picture' && this.#saving) this.#picture = message.picture
    if (message.type !== 'describe') return
    this.#name = message.name
    this.#note = message.note
    this.#later()
  }

  #later(): void {
    if (this.#over || this.#closed) return
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      void this.save()
    }, this.#everyMs)
  }

  #exited(signal: number | null): void {
    if (!this.#closed && FROM_OUTSIDE.has(signal)) return this.#folder.prune(Date.now())
    this.end()
    this.#folder.remove(this.#kept.info)
  }

  #write(): Promise<void> {
    const { terminal, startedAtMs } = this.#kept.info
    const picture = this.#picture ?? this.#folder.read({ terminal, startedAtMs })?.picture ?? null
    this.#picture = null
    if (picture === null || this.#closed || this.#over) return Promise.resolve()
    const { cols, rows, bytes } = picture
    return this.#folder.write({
      ...{ terminal, startedAtMs, name: this.#name, note: this.#note, end: this.#end },
      writtenAtMs: Date.now(),
      folder: this.#shellFolder,
      picture: { cols, rows, bytes },
    })
  }
}

/** Where a process is; null where the platform does not tell by a file, as on macOS. */
export function folderOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return null
  }
}
