import { useMemo } from 'preact/hooks'
import { qrDrawing } from './qr-drawing.ts'

/** A QR code, black on white in both themes: a camera knows no dark mode. */
export function QrCode({ text, name }: { readonly text: string; readonly name: string }) {
  const { size, path } = useMemo(() => qrDrawing(text), [text])
  return (
    <div class="qr">
      <svg viewBox={`0 0 ${size} ${size}`} role="img" aria-label={name} shape-rendering="crispEdges">
        <path d={path} fill="#000" />
      </svg>
    </div>
  )
}
