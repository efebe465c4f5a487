import type { Terminal } from '@xterm/xterm'
import type { Cell } from './geometry.ts'
import { createOverlay, type Overlay } from './overlay.ts'

/** Input that stays unacknowledged this long is shown as pending; quicker answers are their own receipt. */
const SHOW_AFTER_MS = 300

/** The facts of its screen that the mark reads each time it is drawn. */
export interface MarkSource {
  pending(): Uint8Array | null
  secret(): boolean
  cell(): Cell
  isStale(): boolean
  /** a question about the input is open, which shows it already */
  isAsked(): boolean
}

/** Decides when unacknowledged input is shown at the cursor: not for each key of a good link, at once without a link. */
export class PendingMark {
  readonly #emulator: Terminal
  readonly #source: MarkSource
  readonly #overlay: Overlay
  #byteCount = 0
  #shown = false
  #timer: ReturnType<typeof setTimeout> | null = null

  constructor(emulator: Terminal, source: MarkSource) {
    this.#emulator = emulator
    this.#source = source
    this.#overlay = createOverlay(emulator)
  }

  get element(): HTMLElement {
    return this.#overlay.element
  }

  /** The amount of unacknowledged input is another one. */
  changed(byteCount: number): void {
    const acknowledged = byteCount < this.#byteCount
    this.#byteCount = byteCount
    if (this.#source.isStale()) return this.show()
    if (byteCount === 0 || acknowledged) this.#shown = false
    if (this.#timer === null || acknowledged) this.#wait()
    this.draw()
  }

  show(): void {
    this.#shown = this.#byteCount > 0
    this.draw()
  }

  draw(): void {
    const { pending, secret, cell, isStale, isAsked } = this.#source
    this.#overlay.draw({
      pending: this.#shown && !isAsked() ? pending() : null,
      secret: secret(),
      stale: isStale(),
      cell: cell(),
      fontPx: this.#emulator.options.fontSize ?? 0,
    })
  }

  dispose(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #wait(): void {
    this.dispose()
    if (this.#byteCount === 0) return
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.show()
    }, SHOW_AFTER_MS)
  }
}
