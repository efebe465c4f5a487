import { utf8 } from '@latchkey/protocol/bytes'
import { Characters } from '../emulator/characters.ts'
import { type Csi, knownCsi, knownEscape, knownOsc, readCsi } from './known-output.ts'

const BEL = 0x07
const CAN = 0x18
const SUB = 0x1a
const ESC = 0x1b
const DEL = 0x7f
/** The string terminator as an 8-bit control code. */
const ST_C1 = 0x9c
const ST = '\x1b\\'
/** Bell, backspace, tab, line feeds, carriage return, shifts. The answerback (ENQ) and the rest are left out. */
const CONTROLS = new Set([BEL, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f])
/** Text and line ends: everything but the other control codes, 7-bit and 8-bit ones. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control codes are the subject
const PLAIN = /[^\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]*/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals skip these within a string
const SKIPPED_IN_STRING = /[\x00-\x1f\x7f]/g
/** No known control sequence is longer. */
const CSI_CHARS_MAX = 512
/** A title or a hyperlink. A longer one is left out as a whole. */
const OSC_BYTES_MAX = 8 * 1024
/** Stands for bytes that are no UTF-8. */
const REPLACEMENT = '\ufffd'

type State = 'ground' | 'escape' | 'csi' | 'osc' | 'swallowing'

/** Other events in the output that may be of interest. */
export interface FilterHooks {
  /**
   * A control sequence that may pass. Answers with the sequence to write in its place, without `CSI`, or null for none.
   * Without this hook it is written as it is.
   */
  readonly csi?: (csi: Csi) => string | null
  /** the full reset (`ESC c`) passes */
  readonly fullReset?: () => void
  /** the program wanted to write to the clipboard, and was not let */
  readonly clipboard?: () => void
}

/**
 * Output of a machine for a person's own terminal: text, and the sequences of known-output.ts, whole and each in its usual
 * form. Everything else is left out, questions above all: the machine's own screen has answered them already, and a second
 * answer would arrive as typed input.
 *
 * Nothing incomplete is ever written, and text holds no control code. So the parts left out cannot make the rest join to
 * something new, filtering twice is filtering once, and it does not matter how the output is cut into pieces.
 */
export class QueryFilter {
  readonly #hooks: FilterHooks
  #state: State = 'ground'
  #characters = new Characters()
  /** of an escape: its intermediates; of a control sequence or string: everything behind its introducer */
  #collected = ''
  #out = ''

  constructor(hooks: FilterHooks = {}) {
    this.#hooks = hooks
  }

  /** The part of the next `bytes` of output that may pass. An incomplete sequence or character waits for the next call. */
  filter(bytes: Uint8Array): Uint8Array {
    const text = this.#characters.read(bytes)
    this.#out = ''
    let at = 0
    while (at < text.length) {
      if (this.#state === 'ground') {
        PLAIN.lastIndex = at
        PLAIN.test(text)
        this.#out += text.slice(at, PLAIN.lastIndex)
        at = PLAIN.lastIndex
      }
      if (at < text.length) this.#take(text.charCodeAt(at))
      at += 1
    }
    return utf8(this.#out)
  }

  /** The output has ended: an incomplete sequence is left out, and the next output begins anew. */
  end(): Uint8Array {
    this.#state = 'ground'
    this.#characters = new Characters()
    return new Uint8Array(0)
  }

  #take(code: number): void {
    switch (this.#state) {
      case 'ground':
        return this.#inGround(code)
      case 'escape':
        return this.#inEscape(code)
      case 'csi':
        return this.#inCsi(code)
      case 'osc':
      case 'swallowing':
        return this.#inString(code)
    }
  }

  /** Of the string's code units; a half of a character is followed by its other half in the same text. */
  #inGround(code: number): void {
    this.#state = 'ground'
    if (code >= 0x80 && code <= 0x9f) this.#begin(code - 0x40)
    else if (code >= 0x20 && code !== DEL) this.#out += String.fromCharCode(code)
    else this.#control(code)
  }

  #control(code: number): void {
    if (code === ESC) {
      this.#state = 'escape'
      this.#collected = ''
    } else if (CONTROLS.has(code)) this.#out += String.fromCharCode(code)
  }

  #inEscape(code: number): void {
    if (code >= 0x80) return this.#inGround(code)
    if (code < 0x20) return this.#inside(code)
    if (code === DEL) return
    // No known escape has three intermediates.
    if (code <= 0x2f) this.#collected = (this.#collected + String.fromCharCode(code)).slice(0, 3)
    else if (this.#collected === '') this.#begin(code)
    else this.#escape(code)
  }

  /** The code after ESC, or an 8-bit control code less 0x40, which is the same. */
  #begin(code: number): void {
    this.#collected = ''
    switch (String.fromCharCode(code)) {
      case '[':
        this.#state = 'csi'
        return
      case ']':
        this.#state = 'osc'
        return
      case 'P':
      case 'X':
      case '^':
      case '_':
        this.#state = 'swallowing'
        return
      default:
        return this.#escape(code)
    }
  }

  #escape(final: number): void {
    const known = knownEscape(this.#collected, String.fromCharCode(final))
    this.#state = 'ground'
    if (known === null) return
    if (known === 'c') this.#hooks.fullReset?.()
    this.#out += `\x1b${known}`
  }

  #inCsi(code: number): void {
    if (code >= 0x80) return this.#inGround(code)
    if (code < 0x20) return this.#inside(code)
    if (code === DEL) return
    if (this.#collected.length <= CSI_CHARS_MAX) this.#collected += String.fromCharCode(code)
    if (code < 0x40) return
    this.#state = 'ground'
    const csi = this.#collected.length > CSI_CHARS_MAX ? null : readCsi(this.#collected)
    const known = csi === null ? null : knownCsi(csi)
    const passing = known === null ? null : readCsi(known)
    if (passing === null) return
    const body = this.#hooks.csi === undefined ? passing.body : this.#hooks.csi(passing)
    if (body !== null) this.#out += `\x1b[${body}`
  }

  /** A control code in the middle of a sequence acts at once, and the sequence goes on; three of them end it. */
  #inside(code: number): void {
    if (code === CAN || code === SUB) this.#state = 'ground'
    else this.#control(code)
  }

  #inString(code: number): void {
    const isOsc = this.#state === 'osc'
    if (code === ESC) {
      if (isOsc) this.#osc(ST)
      return this.#control(code)
    }
    if (code === CAN || code === SUB) {
      this.#state = 'ground'
      return
    }
    if (isOsc && code === BEL) return this.#osc('\x07')
    if (isOsc && code === ST_C1) return this.#osc(ST)
    // Any other 8-bit control code ends the string unheard and begins its own.
    if (code >= 0x80 && code <= 0x9f) return this.#inGround(code)
    if (isOsc && this.#collected.length <= OSC_BYTES_MAX) this.#collected += String.fromCharCode(code)
  }

  #osc(terminator: string): void {
    this.#state = 'ground'
    const isTooLong = utf8(this.#collected).length > OSC_BYTES_MAX
    const text = this.#collected.replace(SKIPPED_IN_STRING, '')
    if (isTooLong || text.includes(REPLACEMENT)) return
    const { body, toClipboard } = knownOsc(text)
    if (toClipboard) this.#hooks.clipboard?.()
    if (body !== null) this.#out += `\x1b]${body}${terminator}`
  }
}
