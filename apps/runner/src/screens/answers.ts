import { PROTOCOL_VERSION } from '@latchkey/protocol/version'
import type { Terminal } from '@xterm/headless'

/** What ends a string, as the program that asked wrote it: BEL, or ESC and a backslash. */
const BEL = '\x07'
const ST = '\x1b\\'
/** Four characters that name this terminal, as hexadecimal digits: LKEY. */
const UNIT_ID = '4C4B4559'
const GRAPHEME_CLUSTERS = 2027
const PROGRAM_STATUS = 7501

/**
 * The terminal's own answers to a program, in the order of its questions, and those that xterm 6.0.0 leaves out. A question
 * in a string is answered with the terminator it came with, which is known one character after the question was read.
 */
export class Answers {
  readonly #give: (text: string) => void
  /** an answer without its terminator */
  #open: string | null = null

  constructor(terminal: Terminal, give: (text: string) => void) {
    this.#give = give
    const { parser } = terminal
    terminal.onData((text) => this.give(text))
    parser.registerEscHandler({ final: '\\' }, () => {
      this.#close(ST)
      return false
    })
    // The Program Status Protocol is understood (revision 0.4: the answer repeats the question).
    parser.registerOscHandler(PROGRAM_STATUS, (asked) => {
      if (asked === '?') this.giveString(`\x1b]${PROGRAM_STATUS};?`)
      return true
    })
    // XTVERSION, DA3, DECRQM of a mode that is always on here.
    parser.registerCsiHandler({ prefix: '>', final: 'q' }, () =>
      this.give(`\x1bP>|Latchkey(${PROTOCOL_VERSION})${ST}`),
    )
    parser.registerCsiHandler({ prefix: '=', final: 'c' }, () => this.give(`\x1bP!|${UNIT_ID}${ST}`))
    parser.registerCsiHandler({ prefix: '?', intermediates: '$', final: 'p' }, ([mode]) =>
      mode === GRAPHEME_CLUSTERS ? this.give(`\x1b[?${mode};3$y`) : false,
    )
  }

  /** Answers at once. True, as a handler says that it has done everything. */
  give(text: string): true {
    this.#close(BEL)
    this.#give(text)
    return true
  }

  /** Answers a question that is a string: `text` is all but the terminator. */
  giveString(text: string): void {
    this.#close(BEL)
    this.#open = text
  }

  /** A piece of output was drawn; `inSequence`: the next one goes on within a sequence, such as ST. */
  drawn(inSequence: boolean): void {
    if (!inSequence) this.#close(BEL)
  }

  #close(terminator: string): void {
    const open = this.#open
    this.#open = null
    if (open !== null) this.#give(open + terminator)
  }
}
