import type { KeptHandle } from '../keeper/keeper-client.ts'
import { type PastFolder, type PastKey, pastFileName } from './past-folder.ts'
import { type PastFacts, pastFacts, pastHandle } from './past-handle.ts'
import { Remembering } from './remembering.ts'
import { within } from './within.ts'

/** A runner that ends waits so long for its last pictures. */
const LEAVE_WITHIN_MS = 1_500

/** A terminal of before: its handle, and the facts of its end. */
export interface PastTerminal {
  readonly kept: KeptHandle
  readonly past: PastFacts
}

/** A living terminal, as far as its file is concerned. */
export interface WrittenTerminal {
  readonly number: number
  readonly isPrivate: boolean
  readonly hasEnded: boolean
  /** leaves a picture with the keeper: of the screen that it has now, or has to make if it `must` */
  pack(done: () => void, must: boolean): void
}

/** The files of a runner's terminals: writes those of living ones, and finds those of earlier ones. */
export class PastTerminals {
  readonly #folder: PastFolder | null
  readonly #shellFolder: () => string
  readonly #everyMs: number | undefined
  readonly #remembered = new Map<number, { readonly key: PastKey; readonly remembering: Remembering }>()

  /** @param options.folder null: nothing is kept */
  constructor(options: {
    readonly folder: PastFolder | null
    readonly shellFolder: () => string
    readonly everyMs?: number
  }) {
    this.#folder = options.folder
    this.#shellFolder = options.shellFolder
    this.#everyMs = options.everyMs
  }

  /**
   * The terminals on disk that the keeper does not have.
   * @param living what the keeper has
   * @param free a number like this one that no terminal has
   */
  found(
    living: readonly PastKey[],
    free: (number: number) => number,
    nowMs: number,
  ): readonly PastTerminal[] {
    const folder = this.#folder
    if (folder === null) return []
    const alive = new Set(living.map(pastFileName))
    const taken = new Set<number>()
    return folder.list(nowMs).flatMap((found) => {
      if (alive.has(pastFileName(found.record))) return []
      const number = free(found.record.terminal)
      // Two of one number, long after each other: the older one is not shown.
      if (taken.has(number)) return []
      taken.add(number)
      return [{ kept: pastHandle(found, number, folder), past: pastFacts(found) }]
    })
  }

  /** Keeps this terminal on disk from now on, unless it is private or has ended. */
  remember(kept: KeptHandle, terminal: WrittenTerminal): void {
    const folder = this.#folder
    if (folder === null || terminal.isPrivate || terminal.hasEnded) {
      if (folder !== null && terminal.hasEnded) folder.remove(kept.info)
      return
    }
    const { startedAtMs } = kept.info
    const key = { terminal: terminal.number, startedAtMs }
    const remembering = new Remembering(kept, {
      folder,
      shellFolder: this.#shellFolder(),
      pack: (done, must) => terminal.pack(done, must),
      ...(this.#everyMs === undefined ? {} : { everyMs: this.#everyMs }),
    })
    this.#remembered.set(terminal.number, { key, remembering })
  }

  /** The past terminal in the file of one whose keeper ended; null without a file. */
  async lost(terminal: number): Promise<PastTerminal | null> {
    const remembered = this.#remembered.get(terminal)
    this.#remembered.delete(terminal)
    if (remembered === undefined || this.#folder === null) return null
    await within(remembered.remembering.save(), LEAVE_WITHIN_MS)
    remembered.remembering.end()
    const record = this.#folder.read(remembered.key)
    if (record === null) return null
    const found = { record, seenAtMs: Date.now() }
    return { kept: pastHandle(found, terminal, this.#folder), past: pastFacts(found) }
  }

  /** Writes all that live once more. */
  async leave(): Promise<void> {
    const all = [...this.#remembered.values()]
    await within(Promise.all(all.map(({ remembering }) => remembering.save())), LEAVE_WITHIN_MS)
    await this.settled()
    for (const { remembering } of all) remembering.end()
    this.#remembered.clear()
  }

  /** Stops writing this terminal; its file stays. */
  forget(terminal: number): void {
    this.#remembered.get(terminal)?.remembering.end()
    this.#remembered.delete(terminal)
  }

  /** Resolves when nothing is being removed. */
  async settled(): Promise<void> {
    if (this.#folder !== null) await within(this.#folder.settled(), LEAVE_WITHIN_MS)
  }
}
