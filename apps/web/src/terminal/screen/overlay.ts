import type { Terminal } from '@xterm/xterm'
import type { Cell } from './geometry.ts'
import { keysOf } from './pending.ts'

/** What lies over the screen at the cursor: input that was not received yet, and a hollow cursor while there is no link. */
export interface Overlay {
  readonly element: HTMLElement
  draw(state: OverlayState): void
}

export interface OverlayState {
  /** not acknowledged yet; null shows nothing */
  readonly pending: Uint8Array | null
  /** shown as dots: the program asked for a secret */
  readonly secret: boolean
  readonly stale: boolean
  readonly cell: Cell
  readonly fontPx: number
}

export function createOverlay(terminal: Terminal): Overlay {
  const element = document.createElement('div')
  element.className = 'overlay'
  element.setAttribute('aria-hidden', 'true')
  const text = element.appendChild(document.createElement('span'))
  text.className = 'pend'
  const cursor = element.appendChild(document.createElement('span'))
  cursor.className = 'hollow'
  return {
    element,
    draw({ pending, secret, stale, cell, fontPx }) {
      const { active } = terminal.buffer
      const row = active.baseY + active.cursorY - active.viewportY
      const visible = row >= 0 && row < terminal.rows && cell.width > 0
      const keys = pending === null ? [] : keysOf(pending)
      element.hidden = !visible || (keys.length === 0 && !stale)
      if (element.hidden) return
      // As much as fits on the line; the newest keys are kept.
      const room = Math.max(1, terminal.cols - active.cursorX - 1)
      const shown = keys.length > room ? ['…', ...keys.slice(keys.length - room + 1)] : keys
      text.textContent = (secret ? shown.map(() => '•') : shown).join('')
      cursor.hidden = !stale
      cursor.style.width = `${cell.width}px`
      element.style.cssText = `left:${active.cursorX * cell.width}px;top:${row * cell.height}px;height:${cell.height}px;line-height:${cell.height}px;font-size:${fontPx}px`
    },
  }
}
