import { useMemo } from 'preact/hooks'
import { encode } from 'uqr'

/** What scanners want to be light around a code (ISO/IEC 18004). */
const QUIET_MODULES = 4

/** A QR code, black on white in both themes: a camera knows no dark mode. */
export function QrCode({ text, name }: { readonly text: string; readonly name: string }) {
  const drawn = useMemo(() => drawing(text), [text])
  return (
    <div class="qr">
      <svg
        viewBox={`0 0 ${drawn.size} ${drawn.size}`}
        role="img"
        aria-label={name}
        shape-rendering="crispEdges"
      >
        <path d={drawn.path} fill="#000" />
      </svg>
    </div>
  )
}

/** One rectangle for each run of dark modules in a row. */
function drawing(text: string): { readonly size: number; readonly path: string } {
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
