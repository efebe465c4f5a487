import type { Terminal } from '@xterm/headless'

/** Programs that set this mode are told when the colours of the terminal become light or dark (contour's VT extension). */
const REPORTS = 2031
const ASKED = 996
const DARK = 1
const LIGHT = 2

/** Whether the terminal is drawn light or dark, for programs that ask and for those that want to hear of a change. */
export class Scheme {
  #isLight: boolean
  #reports = false

  /** @param answer to a question of the program */
  constructor(terminal: Terminal, isLight: boolean, answer: (text: string) => void) {
    this.#isLight = isLight
    const { parser } = terminal
    const setTo = (reports: boolean) => (params: readonly (number | number[])[]) => {
      if (params.includes(REPORTS)) this.#reports = reports
      return false
    }
    parser.registerCsiHandler({ prefix: '?', final: 'h' }, setTo(true))
    parser.registerCsiHandler({ prefix: '?', final: 'l' }, setTo(false))
    // A hard reset (RIS).
    parser.registerEscHandler({ final: 'c' }, () => {
      this.#reports = false
      return false
    })
    parser.registerCsiHandler({ prefix: '?', final: 'n' }, ([what]) => {
      if (what !== ASKED) return false
      answer(this.#report)
      return true
    })
    parser.registerCsiHandler({ prefix: '?', intermediates: '$', final: 'p' }, ([mode]) => {
      if (mode !== REPORTS) return false
      answer(`\x1b[?${REPORTS};${this.#reports ? 1 : 2}$y`)
      return true
    })
  }

  get isLight(): boolean {
    return this.#isLight
  }

  /** The terminal is drawn so from now on. Answers with the report that the program wants of the change; null for none. */
  become(isLight: boolean): string | null {
    if (isLight === this.#isLight) return null
    this.#isLight = isLight
    return this.#reports ? this.#report : null
  }

  /** The sequence that sets the mode in a terminal that begins. */
  dress(): string {
    return this.#reports ? `\x1b[?${REPORTS}h` : ''
  }

  get #report(): string {
    return `\x1b[?997;${this.#isLight ? LIGHT : DARK}n`
  }
}
