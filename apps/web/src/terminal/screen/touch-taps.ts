import type { Screen } from './screen.ts'

/**
 * A finger that taps twice in a row is no double click: the emulator would paint a word, or a whole empty line, as
 * selected, and nothing on touch can copy or clear that. Text is selected in the reader view. A program that listens to
 * the mouse still gets every click.
 */
export function tapsSelectNothing(room: HTMLElement, screen: Screen): () => void {
  const owner = new AbortController()
  const { signal } = owner
  let byFinger = false
  room.addEventListener('pointerdown', (event) => (byFinger = event.pointerType === 'touch'), {
    signal,
    capture: true,
  })
  room.addEventListener(
    'mousedown',
    (event) => {
      if (byFinger && event.detail > 1 && screen.emulator.modes.mouseTrackingMode === 'none')
        event.stopPropagation()
    },
    { signal, capture: true },
  )
  return () => owner.abort()
}
