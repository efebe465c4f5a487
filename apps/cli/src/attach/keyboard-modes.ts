import type { Csi } from '@latchkey/connection/app/known-output'

/** Five flags of kitty's keyboard protocol. */
const FLAGS = 0b11111
/** As many as terminals keep, at least; the oldest is dropped first, as they do. */
const STACK_MAX = 16
const POP = '\x1b[<u'
const isScreenSwitch = (mode: number): boolean => mode === 47 || mode === 1047 || mode === 1049

/** Each of a terminal's two screens has a keyboard mode of its own. */
interface ScreenKeys {
  flags: number
  stack: number[]
  /** what the person's terminal has by us; null: nothing was asked of it */
  outer: number | null
}

/**
 * Passes the keyboard mode that a program asked for (kitty's protocol and XTMODKEYS) on to the person's own terminal, so that
 * Shift+Enter arrives as what it is, and takes it back at the end. The person's terminal gets one entry on its stack, which
 * is ours: what was there before is there again, however often the program pushed or popped.
 */
export class KeyboardModes {
  #main: ScreenKeys = freshKeys()
  #alternate: ScreenKeys = freshKeys()
  /** the private mode by which the alternate screen was entered; null on the main one */
  #entered: number | null = null
  #otherKeys = false

  /** A sequence of the program; answers with what the terminal is given in its place, without `CSI`; null for nothing. */
  translate(csi: Csi): string | null {
    const { prefix, numbers, final, body } = csi
    if (final === 'u' && prefix !== '') {
      change(this.#here, prefix, numbers)
      return this.#sync()
    }
    if (prefix === '>' && (final === 'm' || final === 'n'))
      this.#otherKeys = final === 'm' && (numbers[1] ?? 0) > 0
    const switching =
      prefix === '?' && (final === 'h' || final === 'l') ? numbers.find(isScreenSwitch) : undefined
    if (switching !== undefined) {
      this.#entered = final === 'h' ? switching : null
      const sync = this.#sync()
      return sync === null ? body : `${body}\x1b[${sync}`
    }
    return body
  }

  /** The terminal was reset, with its stacks. */
  fullReset(): void {
    this.#main = freshKeys()
    this.#alternate = freshKeys()
    this.#entered = null
    this.#otherKeys = false
  }

  /** What begins anew, such as a snapshot, begins without any mode. Sequences for the terminal. */
  startOver(): string {
    for (const keys of [this.#main, this.#alternate]) {
      keys.flags = 0
      keys.stack = []
    }
    const sync = this.#sync()
    const otherKeys = this.#otherKeys ? '\x1b[>4m' : ''
    this.#otherKeys = false
    return `${sync === null ? '' : `\x1b[${sync}`}${otherKeys}`
  }

  /** Sequences that give the terminal its own modes back, those of its main screen last. */
  get undoing(): string {
    const here = this.#here.outer === null ? '' : POP
    const main = this.#entered === null || this.#main.outer === null ? '' : `\x1b[?${this.#entered}l${POP}`
    return `${here}${main}${this.#otherKeys ? '\x1b[>4m' : ''}`
  }

  get #here(): ScreenKeys {
    return this.#entered === null ? this.#main : this.#alternate
  }

  #sync(): string | null {
    const keys = this.#here
    if (keys.flags === (keys.outer ?? 0)) return null
    const isFirst = keys.outer === null
    keys.outer = keys.flags
    return isFirst ? `>${keys.flags}u` : `=${keys.flags};1u`
  }
}

const freshKeys = (): ScreenKeys => ({ flags: 0, stack: [], outer: null })

/** Push, pop and set, as kitty's document says. */
function change(keys: ScreenKeys, prefix: string, [first = 0, second = 0]: readonly number[]): void {
  if (prefix === '>') {
    keys.stack = [...keys.stack, keys.flags].slice(-STACK_MAX)
    keys.flags = first & FLAGS
  } else if (prefix === '<') {
    for (let left = Math.min(first || 1, STACK_MAX); left > 0; left--) keys.flags = keys.stack.pop() ?? 0
  } else if (second === 2) keys.flags |= first & FLAGS
  else if (second === 3) keys.flags &= ~first
  else keys.flags = first & FLAGS
}
