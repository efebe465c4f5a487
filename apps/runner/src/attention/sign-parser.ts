import { oscSign } from './osc-signs.ts'
import type { Sign } from './signs.ts'

/** The longest sequence of the Program Status Protocol; a longer string says nothing that is wanted here. */
export const STRING_BYTES_MAX = 4_096
/** Room for most titles; a longer string doubles it. Each terminal keeps its own for as long as it lives. */
const STRING_BYTES_FIRST = 128
/** More parameters than any mode change has. */
const PARAMETER_BYTES_MAX = 64

const BEL = 0x07
const CAN = 0x18
const SUB = 0x1a
const ESC = 0x1b
/** C2 80 to C2 9F are the 8-bit controls in UTF-8. */
const C1_LEAD = 0xc2
const code = (symbol: string): number => symbol.charCodeAt(0)

/** Where in a sequence the parser is. The names follow Paul Williams' parser for the VT500, as xterm.js does. */
const GROUND = 0
const ESCAPE = 1
const ESCAPE_INTERMEDIATE = 2
const CSI = 3
const CSI_INTERMEDIATE = 4
const CSI_IGNORE = 5
const OSC = 6
/** SOS, PM, APC: strings that say nothing */
const OTHER_STRING = 7
/** parameters of a DCS, then its string */
const DCS = 8
const DCS_INTERMEDIATE = 9
const DCS_STRING = 10

const MODES: ReadonlyMap<string, 'alternate' | 'focus'> = new Map([
  ['47', 'alternate'],
  ['1047', 'alternate'],
  ['1049', 'alternate'],
  ['1004', 'focus'],
])

/**
 * Finds signs in a terminal's output, which it sees whole and in pieces that may end anywhere. It follows the emulator that
 * draws the same bytes (xterm.js 6.0.0) in what begins and ends a sequence, so that a bell in a string is none, and nothing
 * is a sign that a person would see as text.
 */
export class SignParser {
  #state = GROUND
  /** the last byte was C2: the next one decides */
  #afterLead = false
  #string = Buffer.alloc(STRING_BYTES_FIRST)
  #stringBytes = 0
  readonly #parameters = new Uint8Array(PARAMETER_BYTES_MAX)
  #parameterBytes = 0
  #note: (sign: Sign) => void = () => {}

  /** Tells `note` of the signs that end in `bytes`, in order. Nothing of `bytes` is kept. */
  feed(bytes: Uint8Array, note: (sign: Sign) => void): void {
    this.#note = note
    const plain = new PlainText(bytes)
    let at = 0
    while (at < bytes.length) {
      if (this.#state === GROUND && !this.#afterLead) at = plain.endFrom(at)
      if (at < bytes.length) this.#take(bytes[at] ?? 0)
      at += 1
    }
  }

  #take(byte: number): void {
    if (this.#afterLead) {
      this.#afterLead = false
      if (byte >= 0x80 && byte < 0xa0) return this.#control8(byte)
      // An ordinary character, or an invalid byte that is drawn as one.
      this.#character(C1_LEAD)
    }
    if (byte === C1_LEAD) this.#afterLead = true
    else if (byte >= 0x80) this.#character(byte)
    else if (byte === ESC) this.#escape()
    else if (byte === CAN || byte === SUB) this.#state = GROUND
    else this.#ascii(byte)
  }

  #ascii(byte: number): void {
    switch (this.#state) {
      case GROUND:
        if (byte === BEL) this.#note({ type: 'bell' })
        return
      case OSC:
        if (byte === BEL) this.#endString()
        else if (byte >= 0x20) this.#put(byte)
        return
      case OTHER_STRING:
      case DCS_STRING:
        return
      case DCS:
      case DCS_INTERMEDIATE:
        return this.#inDcs(byte)
      case ESCAPE:
      case ESCAPE_INTERMEDIATE:
        return this.#afterEscape(byte)
      default:
        return this.#inCsi(byte)
    }
  }

  #afterEscape(byte: number): void {
    if (byte === BEL) this.#note({ type: 'bell' })
    if (byte < 0x20 || byte === 0x7f) return
    if (byte < 0x30) this.#state = ESCAPE_INTERMEDIATE
    else if (this.#state === ESCAPE_INTERMEDIATE) this.#state = GROUND
    else this.#begin(byte)
  }

  /** `byte` follows an ESC. */
  #begin(byte: number): void {
    this.#stringBytes = 0
    this.#parameterBytes = 0
    if (byte === code('[')) this.#state = CSI
    else if (byte === code(']')) this.#state = OSC
    else if (byte === code('P')) this.#state = DCS
    else if (byte === code('X') || byte === code('^') || byte === code('_')) this.#state = OTHER_STRING
    else {
      this.#state = GROUND
      if (byte === code('c')) this.#note({ type: 'reset' })
    }
  }

  #inCsi(byte: number): void {
    if (byte === BEL) this.#note({ type: 'bell' })
    if (byte < 0x20 || byte === 0x7f) return
    if (byte >= 0x40) {
      if (this.#state === CSI) this.#endCsi(byte)
      this.#state = GROUND
    } else if (byte < 0x30) {
      if (this.#state === CSI) this.#state = CSI_INTERMEDIATE
    } else if (this.#state === CSI_INTERMEDIATE) this.#state = CSI_IGNORE
    else if (byte >= 0x3c && this.#parameterBytes > 0) this.#state = CSI_IGNORE
    else if (this.#parameterBytes < PARAMETER_BYTES_MAX) this.#parameters[this.#parameterBytes++] = byte
  }

  /** Before the string of a DCS, or in one that is ignored as a whole, which makes no difference here. */
  #inDcs(byte: number): void {
    if (byte < 0x20 || byte === 0x7f) return
    if (byte >= 0x40) this.#state = DCS_STRING
    else if (byte < 0x30) this.#state = DCS_INTERMEDIATE
    else if (this.#state === DCS_INTERMEDIATE || (byte >= 0x3c && this.#parameterBytes > 0))
      this.#state = DCS_STRING
    else this.#parameterBytes = 1
  }

  #endCsi(final: number): void {
    const isMode = final === code('h') || final === code('l')
    if ((!isMode && final !== code('t')) || this.#parameterBytes === PARAMETER_BYTES_MAX) return
    const text = String.fromCharCode(...this.#parameters.subarray(0, this.#parameterBytes))
    if (!isMode) {
      if (/^22(;[02]?)?$/.test(text)) this.#note({ type: 'title-saved' })
      if (/^23(;[02]?)?$/.test(text)) this.#note({ type: 'title-restored' })
    } else if (text.startsWith('?'))
      for (const number of text.slice(1).split(';')) {
        const mode = MODES.get(number)
        if (mode !== undefined) this.#note({ type: 'mode', mode, on: final === code('h') })
      }
  }

  /** An 8-bit control. */
  #control8(byte: number): void {
    if (byte === 0x9c && this.#state === OSC) return this.#endString()
    this.#stringBytes = 0
    this.#parameterBytes = 0
    if (byte === 0x9b) this.#state = CSI
    else if (byte === 0x9d) this.#state = OSC
    else if (byte === 0x90) this.#state = DCS
    else if (byte === 0x98 || byte === 0x9e || byte === 0x9f) this.#state = OTHER_STRING
    else this.#state = GROUND
  }

  /** A byte of a character beyond ASCII. */
  #character(byte: number): void {
    if (this.#state === OSC) this.#put(byte)
    else if (this.#state !== DCS_STRING && this.#state !== CSI_IGNORE) this.#state = GROUND
  }

  #escape(): void {
    // An ESC ends a string, whatever follows it.
    if (this.#state === OSC) this.#endString()
    this.#state = ESCAPE
  }

  #put(byte: number): void {
    if (this.#stringBytes === this.#string.length && this.#stringBytes < STRING_BYTES_MAX) {
      const larger = Buffer.alloc(2 * this.#string.length)
      larger.set(this.#string)
      this.#string = larger
    }
    if (this.#stringBytes < STRING_BYTES_MAX) this.#string[this.#stringBytes] = byte
    this.#stringBytes += 1
  }

  #endString(): void {
    const bytes = this.#stringBytes
    this.#state = GROUND
    this.#stringBytes = 0
    const sign = bytes > STRING_BYTES_MAX ? null : oscSign(this.#string.subarray(0, bytes))
    if (sign !== null) this.#note(sign)
  }
}

/** Where plain text ends. Node finds one byte among many at gigabytes a second, so each kind is looked for by itself, once. */
class PlainText {
  readonly #bytes: Buffer
  #escape = -1
  #bell = -1
  #lead = -1

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** The next byte at or after `at` that is not plain text; the end if there is none. */
  endFrom(at: number): number {
    if (this.#escape < at) this.#escape = this.#next(ESC, at)
    if (this.#bell < at) this.#bell = this.#next(BEL, at)
    if (this.#lead < at) this.#lead = this.#next(C1_LEAD, at)
    return Math.min(this.#escape, this.#bell, this.#lead)
  }

  #next(byte: number, from: number): number {
    const found = this.#bytes.indexOf(byte, from)
    return found < 0 ? this.#bytes.length : found
  }
}
