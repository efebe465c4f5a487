import { listening } from '../../listening.ts'
import type { Screen } from './screen.ts'

/**
 * A finger that taps twice in a row is no double click: the emulator would paint a word, or a whole empty line, as
 * selected, and nothing on touch can copy or clear that. Text is selected in the reader view. A program that listens to
 * the mouse still gets every click.
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
