import { chmodSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

const KEPT_FOR_OWNER = 0o600
const FOLDER_FOR_OWNER = 0o700
const OTHERS = 0o077

/** A file that holds secrets and is whole at any moment: written beside, flushed, then put in its place. */
export class KeptFile {
  readonly #path: string
  #last: Promise<void> = Promise.resolve()

  constructor(path: string) {
    this.#path = path
    mkdirSync(dirname(path), { recursive: true, mode: FOLDER_FOR_OWNER })
  }

  /** Its contents; null when it was never written. Other users lose their access to it. */
  read(): Buffer | null {
    try {
      const bytes = readFileSync(this.#path)
      if ((statSync(this.#path).mode & OTHERS) !== 0) chmodSync(this.#path, KEPT_FOR_OWNER)
      return bytes
    } catch (problem) {
      if (problem instanceof Error && 'code' in problem && problem.code === 'ENOENT') return null
      throw problem
    }
  }

  /** Resolves once the contents outlive a loss of power. Writes happen one after the other, as they were asked for. */
  write(contents: string | Uint8Array): Promise<void> {
    const turn = this.#last.then(() => this.#write(contents))
    this.#last = turn.catch(() => {})
    return turn
  }

  /** Resolves after the writes that were asked for so far. */
  settled(): Promise<void> {
    return this.#last
  }

  async #write(contents: string | Uint8Array): Promise<void> {
    const draft = `${this.#path}.new`
    const file = await open(draft, 'w', KEPT_FOR_OWNER)
    try {
      await file.writeFile(contents)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, this.#path)
    // The folder knows the new name only when it is flushed too.
    const folder = await open(dirname(this.#path), 'r')
    await folder.sync().catch(() => {})
    await folder.close()
  }
}
