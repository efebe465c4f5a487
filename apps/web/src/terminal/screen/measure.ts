import type { Terminal } from '@xterm/xterm'
import type { Cell } from './geometry.ts'

/** One cell as it is drawn now; zero before anything is. */
export function cellOf(element: HTMLElement, { cols, rows }: Terminal): Cell {
  const drawn = element.querySelector<HTMLElement>('.xterm-screen')
  if (drawn === null) return { width: 0, height: 0 }
  return { width: drawn.offsetWidth / cols, height: drawn.offsetHeight / rows }
}

/** Width and height within the padding of `element`, CSS pixels. */
export function roomOf(element: HTMLElement): readonly [number, number] {
  const style = getComputedStyle(element)
  const padding = (...sides: readonly string[]) =>
    sides.reduce((sum, side) => sum + Number.parseFloat(style.getPropertyValue(`padding-${side}`)), 0)
  return [element.clientWidth - padding('left', 'right'), element.clientHeight - padding('top', 'bottom')]
}
