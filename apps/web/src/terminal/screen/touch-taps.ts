import { listening } from '../../listening.ts'
import type { Screen } from './screen.ts'

/**
 * A finger that taps twice in a row is no double click: the emulator would paint a word, or a whole empty line, as
 * selected. A finger selects by resting (`selection/hold-to-select.ts`). A program that listens to the mouse still gets
 * every click.
 */
export function tapsSelectNothing(room: HTMLElement, screen: Screen): () => void {
  const owner = new AbortController()
  const on = listening(room, { signal: owner.signal, capture: true })
  let byFinger = false
  on('pointerdown', (event) => (byFinger = event.pointerType === 'touch'))
  on('mousedown', (event) => {
    if (byFinger && event.detail > 1 && screen.emulator.modes.mouseTrackingMode === 'none')
      event.stopPropagation()
  })
  return () => owner.abort()
}
