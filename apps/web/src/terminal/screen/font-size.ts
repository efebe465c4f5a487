import { subject } from '@latchkey/connection/observable'
import { keep, kept } from '../../kept.ts'

export const FONT_PX_MIN = 10
export const FONT_PX_MAX = 24

export const clampedFontPx = (px: number): number =>
  Math.min(FONT_PX_MAX, Math.max(FONT_PX_MIN, Math.round(px)))

const start = Number(kept('font-px'))

/** The terminal's letters, in CSS pixels: 13 gives 47 columns at 390 px. Remembered by this browser. */
export const fontPx = subject(
  start > 0 ? clampedFontPx(start) : matchMedia('(min-width: 960px)').matches ? 14 : 13,
)

export function chooseFontPx(px: number): void {
  fontPx.set(clampedFontPx(px))
  keep('font-px', String(fontPx.current))
}
