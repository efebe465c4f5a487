const REPLACEMENT = '\ufffd'

/**
 * UTF-8 read byte by byte. What is no UTF-8 becomes U+FFFD, one for each sequence that is broken off, as the standard
 * (Unicode 3.9, WHATWG) recommends: so no byte of it can be taken for a control code by a terminal.
 */
export class Utf8Reader {
  #needed = 0
  #code = 0
  /** what the next byte may be: the first continuation is narrower, against overlong forms and surrogates */
  #lowest = 0x80
  #highest = 0xbf

  /** No character is begun. */
  get isBetween(): boolean {
    return this.#needed === 0
  }

  /** The characters that `byte` completes: none, one, or two when it breaks one off. */
  read(byte: number): readonly string[] {
    if (this.#needed === 0) return this.#first(byte)
    if (byte < this.#lowest || byte > this.#highest) {
      this.end()
      return [REPLACEMENT, ...this.#first(byte)]
    }
    this.#lowest = 0x80
    this.#highest = 0xbf
    this.#code = (this.#code << 6) | (byte & 0x3f)
    this.#needed -= 1
    return this.#needed === 0 ? [String.fromCodePoint(this.#code)] : []
  }

  /** Forgets a character that is begun. */
  end(): void {
    this.#needed = 0
    this.#lowest = 0x80
    this.#highest = 0xbf
  }

  #first(byte: number): readonly string[] {
    if (byte < 0x80) return [String.fromCharCode(byte)]
    if (byte < 0xc2 || byte > 0xf4) return [REPLACEMENT]
    this.#needed = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3
    this.#code = byte & (0x3f >> this.#needed)
    if (byte === 0xe0) this.#lowest = 0xa0
    if (byte === 0xed) this.#highest = 0x9f
    if (byte === 0xf0) this.#lowest = 0x90
    if (byte === 0xf4) this.#highest = 0x8f
    return []
  }
}
