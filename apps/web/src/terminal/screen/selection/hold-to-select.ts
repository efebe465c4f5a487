import { listening } from '../../../listening.ts'
import type { Point } from '../wheel.ts'
import type { FingerSelection } from './finger-selection.ts'

/** Shorter is a tap, as on the systems of phones. */
const HOLD_MS = 450
/** A finger that trembles less than this rests. */
const STILL_PX = 10

/**
 * A finger that rests on the screen selects the word under it, also where the program listens to the mouse: taps stay the
 * program's. A finger that moves first scrolls as ever. A tap beside a selection ends it, and does nothing else.
 *
 * @param onHeld something was selected
 */
export function holdToSelect(room: HTMLElement, selection: FingerSelection, onHeld: () => void): () => void {
  const owner = new AbortController()
  // Before the listeners that scroll, which then hear nothing of a finger that selects.
  const on = listening(room, { signal: owner.signal, passive: false, capture: true })
  let resting: { readonly at: Point; readonly timer: ReturnType<typeof setTimeout> } | null = null
  let holds = false
  const forget = () => {
    if (resting !== null) clearTimeout(resting.timer)
    resting = null
  }
  const take = (event: Event) => {
    event.stopPropagation()
    if (event.cancelable) event.preventDefault()
  }
  on('touchstart', (event) => {
    forget()
    const touch = event.touches[0]
    if (holds || touch === undefined || event.touches.length !== 1) return
    const at = { x: touch.clientX, y: touch.clientY }
    const timer = setTimeout(() => {
      resting = null
      holds = true
      selection.hold(at)
      onHeld()
    }, HOLD_MS)
    resting = { at, timer }
  })
  on('touchmove', (event) => {
    const touch = event.touches[0]
    if (touch === undefined) return
    if (holds) {
      take(event)
      selection.extendTo({ x: touch.clientX, y: touch.clientY })
    } else if (
      resting !== null &&
      Math.hypot(touch.clientX - resting.at.x, touch.clientY - resting.at.y) > STILL_PX
    )
      forget()
  })
  const end = (event: Event) => {
    const isTap = resting !== null
    forget()
    if (holds) {
      holds = false
      selection.release()
      // Else the page makes a click of it, which opens the keyboard.
      take(event)
    } else if (isTap && event.type === 'touchend' && selection.state.current.selected.is !== 'none') {
      selection.clear()
      take(event)
    }
  }
  on('touchend', end)
  on('touchcancel', end)
  // Android's own menu for a long press.
  on('contextmenu', (event) => {
    if (holds || resting !== null) take(event)
  })
  return () => {
    forget()
    owner.abort()
  }
}
