import type { Terminal } from '@xterm/xterm'
import type { Drawn } from '../predict/predictor.ts'
import type { Cell } from './geometry.ts'

/** Draws guessed cells over the screen, and the cursor behind them. The emulator's own buffer never holds a guess. */
export interface GuessLayer {
  readonly element: HTMLElement
  /** null removes all */
  draw(drawn: Drawn | null, cell: Cell): void
}

export function createGuessLayer(emulator: Terminal): GuessLayer {
  const element = document.createElement('div')
  element.className = 'guesses'
  element.setAttribute('aria-hidden', 'true')
  element.hidden = true
  return {
    element,
    draw(drawn, cell) {
      const { active } = emulator.buffer
      const row = drawn === null ? -1 : drawn.y - active.viewportY
      element.hidden = drawn === null || row < 0 || row >= emulator.rows || cell.width <= 0
      if (drawn === null || element.hidden) return element.replaceChildren()
      const { width, height } = cell
      element.style.cssText = `top:${row * height}px;height:${height}px;line-height:${height}px;font-size:${emulator.options.fontSize ?? 0}px`
      const at = (x: number, className: string, text: string) => {
        const span = document.createElement('span')
        span.className = className
        span.style.cssText = `left:${x * width}px;width:${width}px`
        span.textContent = text
        return span
      }
      const cells = drawn.cells.map(({ x, glyph }) => at(x, glyph === ' ' ? 'gone' : 'guess', glyph))
      // The emulator's cursor is behind: it is covered, and drawn where the guesses end.
      element.replaceChildren(at(active.cursorX, 'gone', ''), ...cells, at(drawn.cursorX, 'guess-cursor', ''))
    },
  }
}
