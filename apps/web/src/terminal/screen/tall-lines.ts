import type { Terminal } from '@xterm/xterm'

/** Box drawing with an upright part, and blocks: they meet the row above or below. Level lines are as wide as their cell anyway. */
export const TALL =
  /[\u2502\u2503\u2506\u2507\u250a-\u254b\u254e\u254f\u2551-\u2573\u2575\u2577\u2579\u257b\u257d\u257f\u2580-\u259f]/

/** The places of such characters in a run of text, each alone: [from, to). */
export function tallIn(text: string): [number, number][] {
  const found: [number, number][] = []
  for (let at = 0; at < text.length; at++) if (TALL.test(text.charAt(at))) found.push([at, at + 1])
  return found
}

/** A hair more than the row, so that no seam shows where rows begin between two pixels. */
const OVERLAP = 1.03

/**
 * Where the screen is text, a font's upright lines are as tall as its letters, and end before the row does: boxes look dashed. Each is
 * drawn as a piece of its own, and stretched to its row. (On the graphics card the emulator draws them itself.)
 */
export function drawTallLines(terminal: Terminal): void {
  terminal.registerCharacterJoiner(tallIn)
  terminal.onRender(({ start, end }) => {
    const rows = terminal.element?.querySelector('.xterm-rows')?.children
    for (let row = start; row <= end; row++) {
      const drawn = rows?.item(row)
      if (!TALL.test(drawn?.textContent ?? '')) continue
      for (const piece of drawn?.children ?? [])
        if (piece instanceof HTMLElement && piece.textContent.length === 1 && TALL.test(piece.textContent))
          piece.style.transform = `scaleY(${(terminal.options.lineHeight ?? 1) * OVERLAP})`
    }
  })
}
