import { utf8 } from '@latchkey/protocol/bytes'
import { printable } from '@latchkey/protocol/printable'

/** Longest label on the wire, in UTF-8 bytes. */
export const LABEL_BYTES_MAX = 64

/**
 * A name that somebody else chose, fit for a terminal and a page (SECURITY C56): without control, formatting and
 * bidirectional characters (which could rewrite the line that it stands in), on one line, at most 64 bytes, cut
 * between characters.
 */
export function cleanLabel(label: string): string {
  let cut = ''
  let byteCount = 0
  for (const symbol of printable(label, Number.POSITIVE_INFINITY).trim()) {
    byteCount += utf8(symbol).length
    if (byteCount > LABEL_BYTES_MAX) break
    cut += symbol
  }
  return cut.trimEnd()
}
