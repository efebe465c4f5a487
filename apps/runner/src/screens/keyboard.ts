import {
  KEYBOARD_REQUESTS,
  type KeyboardModes,
  type KeyboardScreen,
  keyboardSequences,
  kittyFlags,
  LEGACY_KEYBOARD,
} from '@latchkey/domain/terminal/keyboard-modes'
import type { Terminal } from '@xterm/headless'

/** What programs asked of the keyboard, which xterm 6.0 does not know: remembered for those who come later, and answered. */
export class Keyboard {
  readonly #terminal: Terminal
  #modes: KeyboardModes = LEGACY_KEYBOARD

  constructor(terminal: Terminal, reply: (text: string) => void) {
    this.#terminal = terminal
    const { parser } = terminal
    for (const { prefix, final, apply } of KEYBOARD_REQUESTS)
      parser.registerCsiHandler({ prefix, final }, (params) => {
        this.#modes = apply(this.#modes, this.#screen, params.map(numberOf))
        return true
      })
    // A program that asks learns that the protocol is known, and uses it.
    parser.registerCsiHandler({ prefix: '?', final: 'u' }, () => {
      reply(`\x1b[?${kittyFlags(this.#modes, this.#screen)}u`)
      return true
    })
    const begin = () => {
      this.#modes = LEGACY_KEYBOARD
      return false
    }
    // A hard and a soft reset (RIS, DECSTR).
    parser.registerEscHandler({ final: 'c' }, begin)
    parser.registerCsiHandler({ intermediates: '!', final: 'p' }, begin)
  }

  /** The sequences that ask the same of a terminal that begins, which shows its first screen; it shows that one after them. */
  dress(): string {
    const alternate = keyboardSequences({ ...this.#modes, modifyOtherKeys: 0 }, 'alternate')
    const first = keyboardSequences(this.#modes, 'main')
    return alternate === '' ? first : `${first}\x1b[?1047h${alternate}\x1b[?1047l`
  }

  get #screen(): KeyboardScreen {
    return this.#terminal.buffer.active.type === 'alternate' ? 'alternate' : 'main'
  }
}

const numberOf = (param: number | readonly number[]): number =>
  typeof param === 'number' ? param : (param[0] ?? 0)
