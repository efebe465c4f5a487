import type { Csi } from '@latchkey/connection/app/known-output'

/** Five flags of kitty's keyboard protocol. */
const FLAGS = 0b11111
/** As many as terminals keep, at least; the oldest is dropped first, as they do. */
const STACK_MAX = 16
const POP = '<u'
const isScreenSwitch = (mode: number): boolean => mode === 47 || mode === 1047 || mode === 1049

/** Each of a terminal's two screens has a keyboard mode of its own. */
interface ScreenKeys {
  flags: number
  stack: number[]
  /** the mode that we set in the person's terminal; null: none */
  outer: number | null
}

/**
 * Passes the keyboard mode that a program asked for (kitty's protocol and XTMODKEYS) on to the person's own terminal, so that
 * Shift+Enter arrives as what it is, and takes it back at the end. The person's terminal gets one entry on its stack, which
 * is ours; the entries below it come back, however often the program pushed or popped.
 */
export class KeyboardModes {
  #main: ScreenKeys = freshKeys()
  #alternate: ScreenKeys = freshKeys()
  #isAlternate = false
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
    if (switching !== undefined) return this.#switched(final === 'h', body)
    return body
  }

  /** The terminal was reset, with its stacks. */
  fullReset(): void {
    this.#main = freshKeys()
    this.#alternate = freshKeys()
    this.#isAlternate = false
    this.#otherKeys = false
  }

  /** The alternate screen is left by us: sequences that give it its own mode back, while the terminal still shows it. */
  leaveAlternate(): string {
    const popping = this.#isAlternate && this.#alternate.outer !== null ? `\x1b[${POP}` : ''
    this.#alternate = freshKeys()
    this.#isAlternate = false
    return popping
  }

  /** On the main screen, where something begins anew, such as a snapshot: without any mode. Sequences for the terminal. */
  startOver(): string {
    this.#main.flags = 0
    this.#main.stack = []
    const sync = this.#sync()
    const otherKeys = this.#otherKeys ? '\x1b[>4m' : ''
    this.#otherKeys = false
    return `${sync === null ? '' : `\x1b[${sync}`}${otherKeys}`
  }

  /** Sequences that give the main screen its own mode back: the last of all, when the terminal shows it again. */
  get undoingMain(): string {
    return `${this.#otherKeys ? '\x1b[>4m' : ''}${this.#main.outer === null ? '' : `\x1b[${POP}`}`
  }

  /** Nothing of ours stays on the alternate screen when it is left: it could not be reached any more. */
  #switched(toAlternate: boolean, body: string): string {
    const left = this.#here
    const isLeaving = this.#isAlternate && !toAlternate && left.outer !== null
    if (isLeaving) left.outer = null
    this.#isAlternate = toAlternate
    const sync = this.#sync()
    return `${isLeaving ? `${POP}\x1b[` : ''}${body}${sync === null ? '' : `\x1b[${sync}`}`
  }

  get #here(): ScreenKeys {
    return this.#isAlternate ? this.#alternate : this.#main
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
