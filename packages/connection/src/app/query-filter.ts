import { isAskingApc, isAskingCsi, isAskingDcs, isAskingOsc, mayAskOsc } from './emulator-query.ts'

const ENQ = 0x05
const BEL = 0x07
const CAN = 0x18
const SUB = 0x1a
const ESC = 0x1b
const BACKSLASH = 0x5c
/** First byte of U+0080 to U+00BF in UTF-8, the 8-bit control codes among them. */
const C2 = 0xc2
const ST_8BIT = 0x9c
/** No query is longer. What is longer goes through as it is. */
const HELD_BYTES_MAX = 256

type State =
  | 'ground'
  /** C2 seen: an 8-bit control code may follow */
  | 'c2'
  | 'escape'
  | 'csi'
  /** the beginnings of strings, held until it is known whether they ask */
  | 'osc'
  | 'dcs'
  | 'apc'
  /** the rest of a string */
  | 'passing'
  | 'swallowing'

const INTRODUCED: ReadonlyMap<number, State> = new Map<number, State>([
  [0x5b, 'csi'], // [
  [0x5d, 'osc'], // ]
  [0x50, 'dcs'], // P
  [0x5f, 'apc'], // _
  [0x58, 'passing'], // X: start of string
  [0x5e, 'passing'], // ^: privacy message
])

/**
 * Removes the questions that programs ask a terminal emulator from output that is drawn by a real one. The machine's own
 * screen has answered them already; a second answer would arrive as typed input. Everything else passes byte by byte,
 * however the output is cut into chunks.
 */
export class QueryFilter {
  #state: State = 'ground'
  /** the sequence so far, from its ESC (or C2) on, while it is not known whether it asks */
  #held: number[] = []
  /** where the body begins in `#held` */
  #bodyAt = 0
  /** the string that ends now was swallowed: its terminator goes with it */
  #swallowTerminator = false
  #previous = 0
  #out = new Uint8Array(0)
  #outAt = 0

  /** What is left of the next `bytes` of output; a sequence that is not complete is kept for the next call. */
  filter(bytes: Uint8Array): Uint8Array {
    this.#out = new Uint8Array(this.#held.length + bytes.length)
    this.#outAt = 0
    let at = 0
    while (at < bytes.length) {
      const plain = this.#state === 'ground' ? plainUpTo(bytes, at) : at
      if (plain > at) this.#pass(bytes.subarray(at, plain))
      if (plain < bytes.length) this.#take(bytes[plain] ?? 0)
      at = plain + 1
    }
    return this.#out.subarray(0, this.#outAt)
  }

  /** The output has ended: what was kept of an incomplete sequence. */
  end(): Uint8Array {
    const rest = Uint8Array.from(this.#held)
    this.#held = []
    this.#state = 'ground'
    return rest
  }

  #take(byte: number): void {
    switch (this.#state) {
      case 'ground':
        return this.#begin(byte)
      case 'c2':
        return this.#afterC2(byte)
      case 'escape':
        return this.#afterEscape(byte)
      case 'csi':
        return this.#inCsi(byte)
      case 'osc':
      case 'dcs':
      case 'apc':
        return this.#inHeldString(byte, this.#state)
      case 'passing':
      case 'swallowing':
        return this.#inString(byte, this.#state === 'swallowing')
    }
  }

  #begin(byte: number): void {
    if (byte === ENQ) return
    if (byte === ESC || byte === C2) {
      this.#held = [byte]
      this.#state = byte === ESC ? 'escape' : 'c2'
    } else {
      this.#pass(Uint8Array.of(byte))
      this.#state = 'ground'
    }
  }

  #afterC2(byte: number): void {
    // An 8-bit control code is ESC and the character 0x40 below it.
    const introduced = byte >= 0x80 && byte <= 0x9f ? INTRODUCED.get(byte - 0x40) : undefined
    if (byte === 0x9a) return this.#release(false) // DECID
    if (introduced !== undefined) return this.#introduce(byte, introduced)
    this.#release(true)
    if (byte >= 0x80) this.#pass(Uint8Array.of(byte))
    else this.#begin(byte)
  }

  #afterEscape(byte: number): void {
    const swallowTerminator = this.#swallowTerminator
    this.#swallowTerminator = false
    if (byte === BACKSLASH && swallowTerminator) return this.#release(false)
    const introduced = INTRODUCED.get(byte)
    if (introduced !== undefined) return this.#introduce(byte, introduced)
    if (byte === 0x5a) return this.#release(false) // Z: DECID
    if (byte === ENQ) return
    if (byte === ESC || byte === C2) {
      this.#release(true)
      return this.#begin(byte)
    }
    this.#held.push(byte)
    // Control codes inside act at once, and intermediates are followed by more: neither ends the sequence.
    if (byte >= 0x20 && byte <= 0x2f) return this.#limit()
    if (byte < 0x20 && byte !== CAN && byte !== SUB) return this.#limit()
    this.#release(true)
  }

  #introduce(byte: number, state: State): void {
    this.#held.push(byte)
    this.#bodyAt = this.#held.length
    this.#state = state
    if (state === 'passing') this.#passHeld('passing')
  }

  #inCsi(byte: number): void {
    if (byte === ENQ) return
    if (byte === ESC || byte === C2) {
      this.#release(true)
      return this.#begin(byte)
    }
    this.#held.push(byte)
    if (byte === CAN || byte === SUB || byte > 0x7f) return this.#release(true)
    if (byte < 0x40 || byte === 0x7f) return this.#limit()
    const body = this.#held.slice(this.#bodyAt)
    const asks = isAskingCsi(text(body.filter((each) => each >= 0x20 && each < 0x7f)))
    if (asks) this.#pass(Uint8Array.from(body.filter((each) => each < 0x20)))
    this.#release(!asks)
  }

  #inHeldString(byte: number, kind: 'osc' | 'dcs' | 'apc'): void {
    const ends = byte === ESC || byte === CAN || byte === SUB || (kind === 'osc' && byte === BEL)
    const body = text(this.#held.slice(this.#bodyAt))
    const ends8Bit = byte === ST_8BIT && this.#held.at(-1) === C2 && this.#held.length > this.#bodyAt
    if (ends || ends8Bit) {
      const whole = ends8Bit ? body.slice(0, -1) : body
      const asks = kind === 'osc' ? isAskingOsc(whole) : kind === 'apc' && isAskingApc(whole)
      this.#release(!asks)
      return this.#terminate(byte, asks)
    }
    this.#held.push(byte)
    const next = text([byte])
    if (kind === 'osc') {
      // Known by its number not to ask, or too long to.
      if (next === ';' && !body.includes(';') && !mayAskOsc(body)) return this.#passHeld('passing')
    } else if (kind === 'apc') {
      if (next === ';' || (body === '' && next !== 'G')) return this.#decide(isAskingApc(body))
    } else if (byte >= 0x40) return this.#decide(isAskingDcs(body + next))
    this.#limit()
  }

  #inString(byte: number, swallow: boolean): void {
    const ends = byte === ESC || byte === CAN || byte === SUB || byte === BEL
    const ends8Bit = byte === ST_8BIT && this.#previous === C2
    this.#previous = byte
    if (byte === BEL && swallow) return
    if (ends && byte !== BEL) {
      this.#previous = 0
      return this.#terminate(byte, swallow)
    }
    if (!swallow) this.#pass(Uint8Array.of(byte))
    if (ends8Bit || (ends && !swallow)) {
      this.#previous = 0
      this.#state = 'ground'
    }
  }

  /** The byte that ends a string: ESC may begin the next sequence as well as a terminator. */
  #terminate(byte: number, swallow: boolean): void {
    if (byte === ESC) {
      this.#swallowTerminator = swallow
      this.#begin(byte)
      return
    }
    if (!swallow) this.#pass(Uint8Array.of(byte))
    this.#state = 'ground'
  }

  #decide(asks: boolean): void {
    if (!asks) return this.#passHeld('passing')
    this.#held = []
    this.#state = 'swallowing'
  }

  #limit(): void {
    if (this.#held.length <= HELD_BYTES_MAX) return
    this.#passHeld(this.#state === 'csi' || this.#state === 'escape' ? 'ground' : 'passing')
  }

  #passHeld(next: State): void {
    this.#release(true)
    this.#state = next
  }

  #release(pass: boolean): void {
    if (pass) this.#pass(Uint8Array.from(this.#held))
    this.#held = []
    this.#state = 'ground'
  }

  #pass(bytes: Uint8Array): void {
    this.#out.set(bytes, this.#outAt)
    this.#outAt += bytes.length
  }
}

function plainUpTo(bytes: Uint8Array, from: number): number {
  let at = from
  for (; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === ESC || byte === ENQ || byte === C2) break
  }
  return at
}

const text = (bytes: readonly number[]): string => String.fromCharCode(...bytes)
