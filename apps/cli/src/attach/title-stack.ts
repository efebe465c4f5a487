import type { Csi } from '@latchkey/connection/app/known-output'

/** Xterm keeps ten titles and drops the oldest, which here is the person's. */
const PUSHED_MAX = 8
const ICON_ONLY = 1
const PUSH = 22
const POP = 23

/**
 * The window's title is kept on a stack of the person's terminal, with programs' titles above it: a program takes off only what
 * it put there, and titles that it left are taken off at the end.
 */
export class TitleStack {
  #pushedCount = 0

  /** The person's own title is put aside. */
  readonly keep = `\x1b[${PUSH};0t`

  /** The person's own title again. */
  get giveBack(): string {
    return `\x1b[${POP};0t`.repeat(this.#pushedCount + 1)
  }

  /** A sequence of the program; answers with what the terminal is given in its place, without `CSI`; null for nothing. */
  translate({ prefix, final, numbers, body }: Csi): string | null {
    if (prefix !== '' || final !== 't') return body
    const [what, which = 0] = numbers
    // Terminals disagree on whether names of icons are on this stack.
    if (which === ICON_ONLY) return null
    if (what === PUSH && this.#pushedCount < PUSHED_MAX) this.#pushedCount += 1
    else if (what === POP && this.#pushedCount > 0) this.#pushedCount -= 1
    else return null
    return `${what};0t`
  }
}
