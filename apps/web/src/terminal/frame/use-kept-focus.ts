import { useEffect } from 'preact/hooks'

/**
 * Keeps the focus on the terminal: a click on a button does not take it, and when the focused button goes away, the
 * terminal has it again. Not on touch, where the focus opens the soft keyboard.
 */
export function useKeptFocus(
  page: { readonly current: HTMLElement | null },
  focusTerminal: () => void,
): void {
  useEffect(() => {
    const place = page.current
    if (place === null) return
    const owner = new AbortController()
    const { signal } = owner
    place.addEventListener('mousedown', (event) => isButton(event.target) && event.preventDefault(), {
      signal,
    })
    const look = () => requestAnimationFrame(() => isFocusLost() && !signal.aborted && focusTerminal())
    document.addEventListener(
      'focusout',
      (event) => event.relatedTarget === null && !isInDialog(event.target) && look(),
      {
        signal,
      },
    )
    place.addEventListener('click', look, { signal })
    place.addEventListener('keyup', look, { signal })
    return () => owner.abort()
  }, [focusTerminal])
}

const isButton = (target: EventTarget | null): boolean =>
  target instanceof Element &&
  target.closest('button, a') !== null &&
  target.closest('dialog, .emulator, textarea, input') === null

/** A dialog gives the focus back itself. */
const isInDialog = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('dialog') !== null

/** Nothing has the focus although the window has it, and no dialog is about to take it. */
const isFocusLost = (): boolean => {
  const { activeElement: now } = document
  const isNothing = now === null || now === document.body || !now.isConnected
  return (
    isNothing && document.hasFocus() && document.querySelector('dialog[open], .reader, .overview') === null
  )
}
