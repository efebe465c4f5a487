import { concatenated } from '@latchkey/protocol/bytes'

/**
 * The one way in which bytes of output become characters, at both ends: a terminal's output is UTF-8 text that arrives in
 * pieces, and a piece may end inside a character. One of these belongs to one stream and hands on whole characters only.
 * xterm 6.0.0 takes bytes too, but loses a character that is cut after a byte 80 and draws nothing for invalid bytes.
 */
export class Characters {
  #cut: Uint8Array = NONE

  /** The bytes of a character that has begun and is not complete: at most three. */
  get cut(): Uint8Array {
    return this.#cut
  }

  /**
   * The text of the next `bytes`, without a character that is not complete yet; the next call gives that one.
   * Bytes that are no UTF-8 become U+FFFD, as browsers do it (WHATWG Encoding): one for each part that could have begun a
   * character.
   */
  read(bytes: Uint8Array): string {
    const all = this.#cut.length === 0 ? bytes : concatenated(this.#cut, bytes)
    const end = all.length - cutLength(all)
    this.#cut = end === all.length ? NONE : all.slice(end)
    return decoder.decode(end === all.length ? all : all.subarray(0, end))
  }
}

/** Without `stream`: it keeps nothing between calls, so that all streams may use it. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const NONE = new Uint8Array(0)

/** How many bytes at the end of `bytes` begin a character that more bytes may complete: 0 to 3. */
function cutLength(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const at = bytes.length - back
    const byte = bytes[at] ?? 0
    if (byte < 0x80) return 0
    if (byte < 0xc0) continue
    const mayFollow = back === 1 || mayBeSecond(byte, bytes[at + 1] ?? 0)
    return mayFollow && characterBytes(byte) > back ? back : 0
  }
  return 0
}

/** RFC 3629: C0, C1 and F5 to FF begin no character. */
function characterBytes(lead: number): number {
  if (lead < 0xc2 || lead > 0xf4) return 0
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
}

/** RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. */
function mayBeSecond(lead: number, second: number): boolean {
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
  return second >= lowest && second <= highest
}
