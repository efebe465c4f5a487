/**
 * In a flood of lines nearly everything scrolls out of a screen and its scrollback at once, and xterm draws `yes` at 8 MB/s.
 * So output that would never be seen is skipped: of a long run of bytes that only fill lines, the last lines are drawn, after the
 * state (style, title, charset) that was set before them. The result is the same, cell by cell.
 */

const BEL = 0x07
const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const ESC = 0x1b
const DEL = 0x7f
/** C2 80 to C2 9F are controls in UTF-8. */
const C1_LEAD = 0xc2
const code = (symbol: string): number => symbol.charCodeAt(0)
const CSI = code('[')
const OSC = code(']')
const G0 = code('(')
const BACKSLASH = code('\\')

/** Sequences that touch one line alone: style, erase, move and shift within it. */
const WITHIN_LINE: ReadonlySet<number> = new Set(['m', 'K', 'G', 'C', 'D', 'X', 'P', '@', '`'].map(code))
/** A title longer than this is not skipped over. */
const TITLE_BYTES_MAX = 1_024

export type Skip =
  | {
      readonly ok: true
      /** where drawing goes on: the beginning of a line */
      readonly to: number
      /** sequences to draw in place of the skipped output */
      readonly state: Uint8Array
    }
  /** up to `plainTo` there is too little, and what stands there ends the run */
  | { readonly ok: false; readonly plainTo: number }

/**
 * What need not be drawn of `bytes`, for a terminal that is between sequences and scrolls as a whole.
 * @param linesKept so many line breaks push everything before them out of sight
 * @param bytesMin less than this is not worth it
 */
export function skippable(bytes: Uint8Array, linesKept: number, bytesMin: number): Skip {
  const slots = linesKept + 1
  const begins = new Int32Array(slots)
  let lines = 0
  let at = 0
  while (at < bytes.length) {
    const next = plainUpTo(bytes, at)
    if (next === at) break
    if (bytes[at] === LF && bytes[at - 1] === CR) begins[lines++ % slots] = next
    at = next
  }
  const to = lines < slots ? 0 : (begins[lines % slots] ?? 0)
  return to < bytesMin
    ? { ok: false, plainTo: at }
    : { ok: true, to, state: stateAfter(bytes.subarray(0, to)) }
}

/** The end of the character or sequence at `at` if it fills lines and nothing else; `at` itself if not. */
function plainUpTo(bytes: Uint8Array, at: number): number {
  const byte = bytes[at] ?? 0
  if (byte >= 0x20) {
    if (byte === DEL) return at
    if (byte !== C1_LEAD) return at + 1
    return (bytes[at + 1] ?? 0) >= 0xa0 ? at + 2 : at
  }
  if (byte === LF || byte === CR || byte === TAB || byte === BEL) return at + 1
  return byte === ESC ? sequenceUpTo(bytes, at) : at
}

function sequenceUpTo(bytes: Uint8Array, at: number): number {
  switch (bytes[at + 1] ?? 0) {
    case CSI:
      return controlUpTo(bytes, at)
    case OSC:
      return titleUpTo(bytes, at)
    case G0:
      return at + 2 < bytes.length ? at + 3 : at
    default:
      return at
  }
}

/** `ESC [`, digits, semicolons and colons, and a final that stays within its line. */
function controlUpTo(bytes: Uint8Array, at: number): number {
  for (let end = at + 2; end < bytes.length; end++) {
    const byte = bytes[end] ?? 0
    if (byte < 0x30 || byte > 0x3b) return WITHIN_LINE.has(byte) ? end + 1 : at
  }
  return at
}

/** `ESC ] 0 ;` or `2 ;`, text, BEL or `ESC \`. Other commands ask or set what others need to know. */
function titleUpTo(bytes: Uint8Array, at: number): number {
  const kind = bytes[at + 2]
  if ((kind !== code('0') && kind !== code('2')) || bytes[at + 3] !== code(';')) return at
  const last = Math.min(bytes.length, at + TITLE_BYTES_MAX)
  for (let end = at + 4; end < last; end++) {
    const byte = bytes[end] ?? 0
    if (byte === BEL) return end + 1
    if (byte === ESC) return bytes[end + 1] === BACKSLASH ? end + 2 : at
    if (byte < 0x20 || byte === C1_LEAD) return at
  }
  return at
}

/** The last title and charset, and all styles from the last full reset on. */
function stateAfter(bytes: Uint8Array): Uint8Array {
  const styles: Uint8Array[] = []
  for (let at = bytes.lastIndexOf(ESC); at >= 0; at = at === 0 ? -1 : bytes.lastIndexOf(ESC, at - 1)) {
    const sequence = bytes.subarray(at, sequenceUpTo(bytes, at))
    if (sequence.at(-1) !== code('m') || sequence[1] !== CSI) continue
    styles.push(sequence)
    if (isReset(sequence)) break
  }
  return Buffer.concat([...lastOf(bytes, OSC), ...lastOf(bytes, G0), ...styles.toReversed()])
}

function lastOf(bytes: Uint8Array, kind: number): Uint8Array[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const at = view.lastIndexOf(Uint8Array.of(ESC, kind))
  return at < 0 ? [] : [bytes.subarray(at, sequenceUpTo(bytes, at))]
}

/** `ESC [ m` and `ESC [ 0 m` */
const isReset = (style: Uint8Array): boolean =>
  style.length === 3 || (style.length === 4 && style[2] === code('0'))
