import type { Size } from '@latchkey/protocol/terminal/streams'
import { keep, kept } from '../../kept.ts'
import { fontPx } from './font-size.ts'

const KEPT = 'window-size'

/** What a terminal's size in this window depends on, apart from the bars around it. */
const windowNow = (): string => `${window.innerWidth} ${window.innerHeight} ${fontPx.current}`

/** Remembers the size of a terminal that is laid out in this window. */
export function keepWindowSize({ cols, rows }: Size): void {
  const said = `${windowNow()} ${cols} ${rows}`
  if (kept(KEPT) !== said) keep(KEPT, said)
}

/**
 * The size of the terminal that was laid out last in such a window; null when there was none. A page that is loaded anew asks for it
 * before it has laid out anything: with another size the program would draw twice.
 */
export function keptWindowSize(): Size | null {
  const said = kept(KEPT)
  if (said?.startsWith(`${windowNow()} `) !== true) return null
  const [cols = 0, rows = 0] = said.split(' ').slice(-2).map(Number)
  return cols > 0 && rows > 0 ? { cols, rows } : null
}

/** The same, or about this window's size: the screen itself corrects it as soon as it is laid out. */
export const roughSize = (): Size =>
  keptWindowSize() ?? {
    cols: Math.max(
      20,
      Math.min(300, Math.floor(Math.min(window.innerWidth, 2_000) / (fontPx.current * 0.602))),
    ),
    rows: Math.max(10, Math.min(120, Math.floor((window.innerHeight * 0.62) / (fontPx.current * 1.3)))),
  }
