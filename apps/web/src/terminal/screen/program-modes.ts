import {
  KEYBOARD_REQUESTS,
  type KeyboardModes,
  type KeyboardScreen,
  kittyFlags,
  LEGACY_KEYBOARD,
} from '@latchkey/domain/terminal/keyboard-modes'
import type { Terminal } from '@xterm/xterm'
import type { KeyboardAsked } from '../keys/key-encoding.ts'

/** What programs ask of a terminal that xterm 6.0 does not know or does not tell: how keys are encoded, and a cursor. */
export class ProgramModes {
  readonly #emulator: Terminal
  #keyboard: KeyboardModes = LEGACY_KEYBOARD
  #isCursorHidden = false

  constructor(emulator: Terminal) {
    this.#emulator = emulator
    const { parser } = emulator
    for (const { prefix, final, apply } of KEYBOARD_REQUESTS)
      parser.registerCsiHandler({ prefix, final }, (params) => {
        this.#keyboard = apply(this.#keyboard, this.#screen, params.map(numberOf))
        return true
      })
    for (const final of ['h', 'l'])
      parser.registerCsiHandler({ prefix: '?', final }, (params) => {
        if (params.includes(25)) this.#isCursorHidden = final === 'l'
        return false
      })
    const begin = () => {
      this.reset()
      return false
    }
    // A hard and a soft reset (RIS, DECSTR).
    parser.registerEscHandler({ final: 'c' }, begin)
    parser.registerCsiHandler({ intermediates: '!', final: 'p' }, begin)
  }

  get keyboardAsked(): KeyboardAsked {
    const { modifyOtherKeys } = this.#keyboard
    return { kitty: kittyFlags(this.#keyboard, this.#screen), modifyOtherKeys }
  }

  get isCursorHidden(): boolean {
    return this.#isCursorHidden
  }

  /** A screen is drawn anew: what holds is said in what follows. */
  reset(): void {
    this.#keyboard = LEGACY_KEYBOARD
    this.#isCursorHidden = false
  }

  get #screen(): KeyboardScreen {
    return this.#emulator.buffer.active.type === 'alternate' ? 'alternate' : 'main'
  }
}

const numberOf = (param: number | readonly number[]): number =>
  typeof param === 'number' ? param : (param[0] ?? 0)
