import { encode } from 'uqr'

/** What scanners want to be light around a code (ISO/IEC 18004). */
export const QUIET_MODULES = 4

export interface QrDrawing {
  /** modules on each side, the light border included */
  readonly size: number
  /** an SVG path: one rectangle for each run of dark modules in a row */
  readonly path: string
}

/** The QR code of `text`, at the level that survives a scratched screen. */
export function qrDrawing(text: string): QrDrawing {
  const { data, size } = encode(text, { ecc: 'M', border: QUIET_MODULES })
  let path = ''
  data.forEach((row, y) => {
    let from = -1
    for (let x = 0; x <= size; x++) {
      const dark = row[x] === true
      if (dark && from < 0) from = x
      if (dark || from < 0) continue
      path += `M${from} ${y}h${x - from}v1h${from - x}z`
      from = -1
    }
  })
  return { size, path }
}
