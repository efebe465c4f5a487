import { textOf, utf8 } from '@latchkey/protocol/bytes'
import { Characters } from '../emulator/characters.ts'
import { type Csi, knownCsi, knownEscape, knownOsc, readCsi } from './known-output.ts'

const BEL = 0x07
const CAN = 0x18
const SUB = 0x1a
const ESC = 0x1b
const DEL = 0x7f
/** First byte of U+0080 to U+00BF in UTF-8, the 8-bit control codes among them. */
const C2 = 0xc2
/** Bell, backspace, tab, line feeds, carriage return, shifts. The answerback (ENQ) and the rest are left out. */
const CONTROLS = new Set([BEL, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f])
/** No control sequence that is known is longer. */
const CSI_CHARS_MAX = 512
/** A title or a link. What is longer is left out as a whole. */
const OSC_BYTES_MAX = 8 * 1024
const ST = '\x1b\\'

type State = 'ground' | 'escape' | 'csi' | 'osc' | 'swallowing'

/** What of the output else is of interest. */
export interface FilterHooks {
  /**
   * A control sequence that may pass; answers with what is written in its place, without `CSI`, or null for nothing. Without
   * this hook it is written as it is.
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
 * Nothing incomplete is ever written, and text holds no control code: so whatever is left out, what is left cannot join to
 * something new, filtering twice is filtering once, and it does not matter how the output is cut into pieces.
 */
export class QueryFilter {
  readonly #hooks: FilterHooks
  #state: State = 'ground'
  #characters = new Characters()
  /** of an escape: its intermediates; of a control sequence: everything behind `CSI` */
  #collected = ''
  #string: number[] = []
  #afterC2 = false
  #out = new Uint8Array(0)
  #outAt = 0

  constructor(hooks: FilterHooks = {}) {
    this.#hooks = hooks
  }

  /** What is left of the next `bytes` of output; a sequence or character that is not complete waits for the next call. */
  filter(bytes: Uint8Array): Uint8Array {
    this.#out = new Uint8Array(bytes.length + 64)
    this.#outAt = 0
    let at = 0
    while (at < bytes.length) {
      const plain = this.#state === 'ground' && this.#characters.cut.length === 0 ? plainUpTo(bytes, at) : at
      if (plain > at) this.#put(bytes.subarray(at, plain))
      if (plain < bytes.length) this.#take(bytes[plain] ?? 0)
      at = plain + 1
    }
    return this.#out.subarray(0, this.#outAt)
  }

  /** The output has ended: what was incomplete is left out, and the next output begins anew. */
  end(): Uint8Array {
    this.#state = 'ground'
    this.#string = []
    this.#afterC2 = false
    this.#characters = new Characters()
    return new Uint8Array(0)
  }

  #take(byte: number): void {
    switch (this.#state) {
      case 'ground':
        return this.#inGround(byte)
      case 'escape':
        return this.#inEscape(byte)
      case 'csi':
        return this.#inCsi(byte)
      case 'osc':
      case 'swallowing':
        return this.#inString(byte)
    }
  }

  #inGround(byte: number): void {
    for (const character of this.#characters.read(Uint8Array.of(byte))) {
      const code = character.codePointAt(0) ?? 0
      if (code >= 0x80 && code <= 0x9f) this.#begin(code - 0x40)
      else if (code >= 0x20 && code !== DEL) this.#say(character)
      else this.#control(code)
    }
  }

  #control(byte: number): void {
    if (byte === ESC) {
      this.#state = 'escape'
      this.#collected = ''
    } else if (CONTROLS.has(byte)) this.#put(Uint8Array.of(byte))
  }

  #inEscape(byte: number): void {
    if (byte >= 0x80) return this.#anew(byte)
    if (byte < 0x20) return this.#inside(byte)
    if (byte === DEL) return
    // Three intermediates are none that is known, whatever the third.
    if (byte <= 0x2f) this.#collected = (this.#collected + String.fromCharCode(byte)).slice(0, 3)
    else if (this.#collected === '') this.#begin(byte)
    else this.#escape(byte)
  }

  /** The byte after ESC, or an 8-bit control code less 0x40, which is the same. */
  #begin(byte: number): void {
    this.#state = 'ground'
    this.#collected = ''
    this.#string = []
    this.#afterC2 = false
    switch (String.fromCharCode(byte)) {
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
        return this.#escape(byte)
    }
  }

  #escape(final: number): void {
    const known = knownEscape(this.#collected, String.fromCharCode(final))
    this.#state = 'ground'
    if (known === null) return
    if (known === 'c') this.#hooks.fullReset?.()
    this.#say(`\x1b${known}`)
  }

  #inCsi(byte: number): void {
    if (byte >= 0x80) return this.#anew(byte)
    if (byte < 0x20) return this.#inside(byte)
    if (byte === DEL) return
    if (this.#collected.length <= CSI_CHARS_MAX) this.#collected += String.fromCharCode(byte)
    if (byte < 0x40) return
    this.#state = 'ground'
    const csi = this.#collected.length > CSI_CHARS_MAX ? null : readCsi(this.#collected)
    const known = csi === null ? null : knownCsi(csi)
    const passing = known === null ? null : readCsi(known)
    if (passing === null) return
    const body = this.#hooks.csi === undefined ? passing.body : this.#hooks.csi(passing)
    if (body !== null) this.#say(`\x1b[${body}`)
  }

  /** A control code in the middle of a sequence acts at once, and the sequence goes on; three of them end it. */
  #inside(byte: number): void {
    if (byte === CAN || byte === SUB) this.#state = 'ground'
    else this.#control(byte)
  }

  #inString(byte: number): void {
    const isOsc = this.#state === 'osc'
    if (byte === ESC) {
      if (isOsc) this.#osc(ST)
      return this.#control(byte)
    }
    if (byte === CAN || byte === SUB) {
      this.#state = 'ground'
      return
    }
    if (isOsc && byte === BEL) return this.#osc('\x07')
    const isControl = this.#afterC2 && byte >= 0x80 && byte <= 0x9f
    this.#afterC2 = byte === C2
    if (isControl) {
      this.#string.pop()
      // The 8-bit terminator; any other 8-bit control code ends the string unheard and begins its own.
      if (byte === 0x9c && isOsc) return this.#osc(ST)
      return this.#begin(byte - 0x40)
    }
    if (isOsc && this.#string.length <= OSC_BYTES_MAX) this.#string.push(byte)
  }

  #osc(terminator: string): void {
    this.#state = 'ground'
    // What is below a blank and no terminator is skipped by terminals.
    const bytes = this.#string.filter((byte) => byte >= 0x20 && byte !== DEL)
    const text = this.#string.length > OSC_BYTES_MAX ? null : textOf(Uint8Array.from(bytes))
    this.#string = []
    if (text === null) return
    const { body, toClipboard } = knownOsc(text)
    if (toClipboard) this.#hooks.clipboard?.()
    if (body !== null) this.#say(`\x1b]${body}${terminator}`)
  }

  /** Not of the sequence: it is broken off, and the byte begins something new. */
  #anew(byte: number): void {
    this.#state = 'ground'
    this.#inGround(byte)
  }

  #say(text: string): void {
    this.#put(utf8(text))
  }

  #put(bytes: Uint8Array): void {
    const needed = this.#outAt + bytes.length
    if (needed > this.#out.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#out.length))
      larger.set(this.#out.subarray(0, this.#outAt))
      this.#out = larger
    }
    this.#out.set(bytes, this.#outAt)
    this.#outAt = needed
  }
}

/** Where whole characters and line ends stop: at a control code, or at what is no UTF-8 or not complete. */
function plainUpTo(bytes: Uint8Array, from: number): number {
  let at = from
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0
    if (byte < 0x80) {
      if ((byte < 0x20 && byte !== 0x0a && byte !== 0x0d) || byte === DEL) return at
      at += 1
    } else {
      const byteCount = characterBytesAt(bytes, at)
      if (byteCount === 0) return at
      at += byteCount
    }
  }
  return at
}

/** How many bytes the character at `at` takes; 0 for a control code, and for what `Characters` has to look at. */
function characterBytesAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0
  const second = bytes[at + 1] ?? 0
  // U+00A0 is the first of two bytes that is no control code; the others here begin away from overlong forms and surrogates.
  if (first >= C2 && first <= 0xdf) return isContinuation(second) && (first > C2 || second >= 0xa0) ? 2 : 0
  if (!isContinuation(second) || !isContinuation(bytes[at + 2] ?? 0)) return 0
  if (first >= 0xe1 && first <= 0xef && first !== 0xed) return 3
  return first >= 0xf1 && first <= 0xf3 && isContinuation(bytes[at + 3] ?? 0) ? 4 : 0
}

const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80
