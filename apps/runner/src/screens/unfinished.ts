/**
 * The bytes that a terminal has taken in but not acted on: a sequence or a character that is not complete. A snapshot ends
 * with them, so that what follows means the same to a new viewer.
 */

/** A longer string (an image, the clipboard) is not repeated: the rest of it is made to be ignored instead. */
const UNFINISHED_BYTES_MAX = 64 * 1024
const ESC = 0x1b
/** Begins an operating system command that no terminal knows: ignored up to BEL or ST, whichever ends the real one. */
const IGNORED_STRING = Uint8Array.from([ESC, ...Buffer.from(']9999;')])

/**
 * @param before the unfinished bytes before `bytes`
 * @param inSequence whether the terminal is inside a sequence after `bytes`
 * @param cut what of `bytes` begins a character that is not complete
 */
export function unfinishedAfter(
  before: Uint8Array,
  bytes: Uint8Array,
  { inSequence, cut }: { readonly inSequence: boolean; readonly cut: Uint8Array },
): Uint8Array {
  if (!inSequence) return cut
  const begun = lastIntroducer(bytes)
  if (begun >= 0) return capped(bytes.slice(begun))
  return capped(joined(before, bytes))
}

const capped = (bytes: Uint8Array): Uint8Array =>
  bytes.length <= UNFINISHED_BYTES_MAX ? bytes : IGNORED_STRING

/** Where the last sequence begins: ESC, or one of the C1 controls as UTF-8 (C2 80 to C2 9F). */
function lastIntroducer(bytes: Uint8Array): number {
  for (let at = bytes.length - 1; at >= 0; at--) {
    const byte = bytes[at]
    if (byte === ESC) return at
    const next = bytes[at + 1]
    if (byte === 0xc2 && next !== undefined && next >= 0x80 && next < 0xa0) return at
  }
  return -1
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const whole = new Uint8Array(a.length + b.length)
  whole.set(a)
  whole.set(b, a.length)
  return whole
}
