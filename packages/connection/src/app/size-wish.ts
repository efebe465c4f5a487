import type { Size } from '@latchkey/protocol/terminal/streams'
import type { Cancel, Platform } from '../transport.ts'

/** Turning a phone or opening its keyboard says a dozen sizes: the last one counts. */
const COALESCE_MS = 150

/** The size that an app would like for one terminal, told after a short wait. */
export class SizeWish {
  #wanted: Size
  #timer: Cancel | null = null
  readonly #platform: Platform
  readonly #tell: (size: Size) => void

  constructor(size: Size, platform: Platform, tell: (size: Size) => void) {
    this.#wanted = size
    this.#platform = platform
    this.#tell = tell
  }

  get wanted(): Size {
    return this.#wanted
  }

  set(size: Size): void {
    if (size.cols === this.#wanted.cols && size.rows === this.#wanted.rows) return
    this.#wanted = size
    this.#timer ??= this.#platform.after(COALESCE_MS, () => {
      this.#timer = null
      this.#tell(this.#wanted)
    })
  }

  /** Told at once by other means, so nothing is left to say. */
  setNow(size: Size): void {
    this.#wanted = size
    this.end()
  }

  end(): void {
    this.#timer?.()
    this.#timer = null
  }
}
