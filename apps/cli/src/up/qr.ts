import { encode } from 'uqr'

/** Scanners want four light modules around (ISO/IEC 18004); today's read it with fewer, where four do not fit. */
export const QUIET_ZONES_MODULES = [4, 2, 1] as const
/** Black on white whatever the theme: the 256-colour palette's fixed entries, which themes leave alone. */
const BLACK_ON_WHITE = '\u001b[38;5;16;48;5;231m'
const RESET = '\u001b[0m'

/** A QR code of `text` for a terminal: two modules a character, so that they come out about square. */
export function qrLines(
  text: string,
  border: number = QUIET_ZONES_MODULES[0],
): { readonly lines: readonly string[]; readonly columns: number } {
  const { data, size } = encode(text, { ecc: 'L', border })
  const dark = (row: number, column: number): boolean => data[row]?.[column] === true
  const lines: string[] = []
  for (let row = 0; row < size; row += 2) {
    let line = ''
    for (let column = 0; column < size; column++) line += halves(dark(row, column), dark(row + 1, column))
    lines.push(`${BLACK_ON_WHITE}${line}${RESET}`)
  }
  return { lines, columns: size }
}

function halves(upper: boolean, lower: boolean): string {
  if (upper) return lower ? '█' : '▀'
  return lower ? '▄' : ' '
}
